#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The power fails during an installation, again and again, and the machine still ends Ready; a disk
# that the plan does not name is not changed by a single byte.
#
#   power-cut.sh --points few|all [--reinstall] [--seed N]
#
# few: three points. all: the start of every phase, and ten random moments. Each cut is followed by
# power-on; the next one comes when the machine has got to its point.
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

points=few reinstall='' seed=$RANDOM
while [ $# -gt 0 ]; do
	case $1 in
	--points) points=$2; shift ;;
	--seed) seed=$2; shift ;;
	--reinstall) reinstall=1 ;;
	*) echo "power-cut.sh: unknown argument $1" >&2; exit 2 ;;
	esac
	shift
done

phases=(claim partition pools unpack configure kubernetes bootloader reboot firstboot join)

# PHASE STATE PERCENT DELAY, in the order of an installation; the delay is in tenths of a second.
points_few() {
	printf '%s\n' 'partition started 0 0' 'unpack progress 40 0' 'join started 0 5'
}

points_all() {
	local phase i

	for phase in "${phases[@]}"; do
		echo "$phase started 0 0"
	done
	RANDOM=$seed
	for ((i = 0; i < 10; i++)); do
		echo "${phases[RANDOM % ${#phases[@]}]} started 0 $((RANDOM % 80))"
	done
}

# Sorted by phase, so that every point lies ahead of the one before.
points_sorted() {
	local phase

	while read -r phase rest; do
		for i in "${!phases[@]}"; do
			[ "${phases[i]}" != "$phase" ] || echo "$i $phase $rest"
		done
	done | sort -s -n -k1,1 | cut -d ' ' -f 2-
}

# The power is cut when the phase gets to its point after this power-on.
cut_at() {
	local phase=$1 state=$2 percent=$3 delay=$4 since=$5

	lab_until 600 provisioner_has_event_since "$since" node1 "$phase" "$state" "$percent" || {
		provision events node1 | tail -n 15 >&2
		return 1
	}
	[ "$delay" = 0 ] || sleep "$((delay / 10)).$((delay % 10))"
	machine_cycle node1
	lab_note "power cut in $phase ($state $percent % + $delay/10 s)"
}

run_cuts() {
	local phase state percent delay since

	while read -r phase state percent delay <&3; do
		since=$(provisioner_last_event)
		if provisioner_has_event node1 "$phase" "done" && [ "$phase" != claim ]; then
			# The phase ended before the power was back: its point lies behind us.
			lab_note "$phase is over already: no second cut there"
			continue
		fi
		cut_at "$phase" "$state" "$percent" "$delay" "$since" || lab_fail "node1 did not get to $phase"
	done 3< <("points_$points" | points_sorted)
	provisioner_wait node1 1800 ready || lab_fail "node1 did not become ready after its power cuts"
}

lab_begin "power-cut-$points${reinstall:+-reinstall}"
echo "seed $seed (again: power-cut.sh --points $points ${reinstall:+--reinstall }--seed $seed)"
network_create
provisioner_for_cluster
provision add-node 52:54:00:00:00:01 --name node1 --role worker --disk serial=SYSTEM1 --disk serial=SYSTEM2
machine_create node1 --mac 52:54:00:00:00:01 \
	--disk virtio-blk:SYSTEM1:8G --disk virtio-blk:SYSTEM2:8G --disk virtio-blk:FAMILY1:1G
disk_foreign node1 FAMILY1
before=$(disk_sum node1 FAMILY1)
machine_start node1
if [ -n "$reinstall" ]; then
	provisioner_wait node1 1800 ready || lab_fail "node1 did not become ready"
	lab_note "node1 is ready; now it is installed again"
	machine_kill node1
	provision reinstall node1
	machine_start node1
fi
run_cuts
lab_note "node1 is ready"
lab_until 60 cluster_ready node1 || lab_fail "the cluster does not call node1 Ready"
machine_kill node1
[ "$(disk_sum node1 FAMILY1)" = "$before" ] || lab_fail "the disk FAMILY1, which no plan names, was changed"
lab_note "the foreign disk is as it was"
