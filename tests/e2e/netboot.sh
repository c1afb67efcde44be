#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A blank machine is powered on, netboots, gets its disks, OS and Kubernetes, and is Ready. Then the
# provisioner is switched off and the machine finds its way to its own disk.
#
#   netboot.sh --firmware uefi|bios [--rom none|ipxe] [--reinstall]
#
# With --reinstall it is then installed once more, which makes the system anew and keeps the rest: the
# files in a pool, and every byte of a disk that the plan does not name. Each of the two is a result.
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

firmware=uefi rom='' reinstall=''
while [ $# -gt 0 ]; do
	case $1 in
	--firmware) firmware=$2; shift ;;
	--rom) rom=$2; shift ;;
	--reinstall) reinstall=1 ;;
	*) echo "netboot.sh: unknown argument $1" >&2; exit 2 ;;
	esac
	shift
done

begin() {
	lab_begin "netboot-$firmware"
	network_create
	provisioner_for_cluster
	provision add-node 52:54:00:00:00:01 --name node1 --role worker "${machine_node_options[@]}" \
		--disk serial=SYSTEM1 --disk serial=SYSTEM2 --pool name=tank,mount=/srv/tank,disk=serial=DATA1
	provision check

	# A machine that lay in a cupboard for years: its clock has to come from the provisioner.
	machine_create node1 --mac 52:54:00:00:00:01 --firmware "$firmware" ${rom:+--rom "$rom"} --rtc 2010-01-01 \
		--disk virtio-blk:SYSTEM1:8G --disk nvme:SYSTEM2:8G --disk ahci:DATA1:4G --disk virtio-blk:FAMILY1:1G
	disk_foreign node1 FAMILY1
	before=$(disk_sum node1 FAMILY1)
}

install() {
	machine_start node1
	lab_note "node1 is powered on"
	provisioner_event node1 600 claim "done" || lab_fail "node1 did not claim its plan"
	lab_note "node1 has its plan"
	provisioner_wait node1 1800 ready || lab_fail "node1 did not become ready"
	lab_note "node1 is ready"
	provision status
	cluster_kubectl get nodes -o wide
	lab_until 60 cluster_ready node1 || lab_fail "the cluster does not call node1 Ready"
	uid=$(cluster_kubectl get node node1 -o 'jsonpath={.metadata.uid}')
}

install_again() {
	local since

	# Somebody's work of a year, written while nobody looks.
	# shellcheck disable=SC2016
	disk_mounted node1 DATA1 1 sh -c 'mkdir -p "$DISK_ROOT/year" && echo precious >"$DISK_ROOT/year/work"'
	provisioner_start
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
	# shellcheck disable=SC2016
	disk_mounted node1 DATA1 1 sh -c 'test "$(cat "$DISK_ROOT/year/work")" = precious' || lab_fail "the pool's files are gone"
}

foreign_is_whole() {
	[ "$(disk_sum node1 FAMILY1)" = "$before" ] || lab_fail "the disk FAMILY1, which no plan names, was changed"
	lab_note "the foreign disk is as it was"
}

begin
install
provisioner_boot_alone node1
foreign_is_whole
[ -n "$reinstall" ] || exit 0
echo "ok - installed"
install_again
foreign_is_whole
echo "ok - installed again, the pool and the foreign disk kept"
