#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The power fails at the start of every phase of an installation and at ten random moments, and the machine
# still ends Ready; a disk that the plan does not name is not changed by a single byte.
#
#   power-cut.sh [--reinstall] [--seed N]
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

reinstall='' seed=$RANDOM
while [ $# -gt 0 ]; do
	case $1 in
	--seed) seed=$2; shift ;;
	--reinstall) reinstall=1 ;;
	*) echo "power-cut.sh: unknown argument $1" >&2; exit 2 ;;
	esac
	shift
done

lab_begin "power-cut${reinstall:+-reinstall}"
echo "seed $seed (again: power-cut.sh ${reinstall:+--reinstall }--seed $seed)"
network_create
provisioner_for_cluster
provision add-node 52:54:00:00:00:01 --name node1 --role worker "${machine_node_options[@]}" \
	--disk serial=SYSTEM1 --disk serial=SYSTEM2
machine_create node1 --mac 52:54:00:00:00:01 \
	--disk virtio-blk:SYSTEM1:8G --disk virtio-blk:SYSTEM2:8G --disk virtio-blk:FAMILY1:1G
disk_foreign node1 FAMILY1
before=$(disk_sum node1 FAMILY1)
if [ -n "$reinstall" ]; then
	machine_start node1
	provisioner_wait node1 1800 ready || lab_fail "node1 did not become ready"
	lab_note "node1 is ready; now it is installed again"
	machine_kill node1
	provision reinstall node1
fi
since=$(provisioner_last_event)
machine_start node1
power_cuts node1 "$since" all "$seed"
lab_note "node1 is ready"
lab_until 60 cluster_ready node1 || lab_fail "the cluster does not call node1 Ready"
machine_kill node1
[ "$(disk_sum node1 FAMILY1)" = "$before" ] || lab_fail "the disk FAMILY1, which no plan names, was changed"
lab_note "the foreign disk is as it was"
