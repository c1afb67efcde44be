#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A blank machine is powered on, netboots, gets its disks, OS and Kubernetes, and is Ready. Then the
# provisioner is switched off and the machine finds its way to its own disk.
#
#   netboot.sh --firmware uefi|bios [--rom none|ipxe]
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

firmware=uefi rom=''
while [ $# -gt 0 ]; do
	case $1 in
	--firmware) firmware=$2 ;;
	--rom) rom=$2 ;;
	*) echo "netboot.sh: unknown argument $1" >&2; exit 2 ;;
	esac
	shift 2
done

lab_begin "netboot-$firmware"
network_create
provisioner_for_cluster
provision add-node 52:54:00:00:00:01 --name node1 --role worker \
	--disk serial=SYSTEM1 --disk serial=SYSTEM2 --pool name=tank,mount=/srv/tank,disk=serial=DATA1
provision check

# A machine that lay in a cupboard for years: its clock has to come from the provisioner.
machine_create node1 --mac 52:54:00:00:00:01 --firmware "$firmware" ${rom:+--rom "$rom"} --rtc 2010-01-01 \
	--disk virtio-blk:SYSTEM1:8G --disk nvme:SYSTEM2:8G --disk ahci:DATA1:4G
machine_start node1
lab_note "node1 is powered on"
provisioner_event node1 600 claim "done" || lab_fail "node1 did not claim its plan"
lab_note "node1 has its plan"
provisioner_wait node1 1800 ready || lab_fail "node1 did not become ready"
lab_note "node1 is ready"
provision status
cluster_kubectl get nodes -o wide
lab_until 60 cluster_ready node1 || lab_fail "the cluster does not call node1 Ready"

provisioner_stop
machine_mark node1
machine_cycle node1
machine_wait node1 240 '(login:|Welcome to|Reached target)' || lab_fail "without a provisioner node1 did not boot its disk"
lab_note "node1 boots its own disk without a provisioner"
