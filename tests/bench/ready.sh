#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Power-on to Ready, with the share of each phase, and what crossed the wire before the agent ran.
#
#   ready.sh [--firmware uefi|bios]
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/../e2e/lab/lab.sh"

firmware=uefi
[ "${1:-}" != --firmware ] || firmware=$2

lab_begin "bench-ready-$firmware"
network_create
provisioner_for_cluster
provision add-node 52:54:00:00:00:01 --name node1 --role worker
machine_create node1 --mac 52:54:00:00:00:01 --firmware "$firmware" --disk virtio-blk:SYSTEM1:8G
on=$(date +%s%3N)
machine_start node1
provisioner_event node1 300 claim "done" || lab_fail "node1 did not claim its plan"
# What the tap sent is what the machine received.
bytes=$(network_exec cat /sys/class/net/tap000001/statistics/tx_bytes)
provisioner_wait node1 1800 ready || lab_fail "node1 did not become ready"

printf 'accelerator %s, %s processors\n' "$LAB_ACCEL" "$(nproc)"
printf 'on the wire before the agent runs: %d.%d MB\n' $((bytes / 1000000)) $((bytes / 100000 % 10))
events=$(provision events node1 --json | jq -s '
	[.[] | if type == "array" then .[] elif has("events") then .events[] else . end]')
jq -r --argjson on "$on" '
	def seconds: . / 100 | round / 10 | "\(.) s";
	"firmware, loader, kernel: \((map(select(.phase == "claim")) | first.received) - $on | seconds)",
	(map(select(.phase)) | group_by(.phase) | sort_by(.[0].id)[] |
		"\(.[0].phase): \((map(.received) | max - min) | seconds)"),
	"power-on to Ready: \((map(.received) | max) - $on | seconds)"' <<<"$events"
