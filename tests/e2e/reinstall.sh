#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A reinstall makes the system anew and keeps the rest: the files in a pool, and every byte of a
# disk that the plan does not name.
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

lab_begin reinstall
network_create
provisioner_for_cluster
provision add-node 52:54:00:00:00:01 --name node1 --role worker --disk serial=SYSTEM1 \
	--pool name=tank,mount=/srv/tank,disk=serial=DATA1
machine_create node1 --mac 52:54:00:00:00:01 \
	--disk virtio-blk:SYSTEM1:8G --disk virtio-blk:DATA1:2G --disk virtio-blk:FAMILY1:1G
disk_foreign node1 FAMILY1
before=$(disk_sum node1 FAMILY1)
machine_start node1
provisioner_wait node1 1800 ready || lab_fail "node1 did not become ready"
lab_note "node1 is ready"
uid=$(cluster_kubectl get node node1 -o 'jsonpath={.metadata.uid}')

# Somebody's work of a year, written while nobody looks.
machine_kill node1
# shellcheck disable=SC2016
disk_mounted node1 DATA1 1 sh -c 'mkdir -p "$DISK_ROOT/year" && echo precious >"$DISK_ROOT/year/work"'

provision plan node1
provision reinstall node1
provision plan node1
since=$(provisioner_last_event)
machine_start node1
lab_until 600 provisioner_has_event_since "$since" node1 claim "done" || lab_fail "node1 did not claim its second plan"
provisioner_wait node1 1800 ready || lab_fail "node1 did not become ready again"
lab_note "node1 is ready again"
lab_until 60 cluster_ready node1 || lab_fail "the cluster does not call node1 Ready"
[ "$(cluster_kubectl get node node1 -o 'jsonpath={.metadata.uid}')" != "$uid" ] || lab_fail "the old Node object is still there"
machine_kill node1
[ "$(disk_sum node1 FAMILY1)" = "$before" ] || lab_fail "the disk FAMILY1, which no plan names, was changed"
# shellcheck disable=SC2016
disk_mounted node1 DATA1 1 sh -c 'test "$(cat "$DISK_ROOT/year/work")" = precious' || lab_fail "the pool's files are gone"
lab_note "the foreign disk and the pool's files are as they were"
