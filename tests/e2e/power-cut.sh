#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The power fails during an installation, again and again, and the machine still ends Ready; a disk
# that the plan does not name is not changed by a single byte.
#
#   power-cut.sh --points few|all [--reinstall] [--seed N]
#
# few: three points. all: the start of every phase, and ten random moments. Each cut is followed by
# power-on; the next one comes when the machine has got to its point. A phase that would be past
# before it was cut once fails the test.
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

phases=(claim partition pools unpack configure kubernetes bootloader reboot firstboot join ready)

# What tells that a phase begins. Of the claim there is only its end: before it, nothing can be told.
first_event() {
	[ "$1" = claim ] && echo "claim done" || echo "$1 started"
}

# PHASE STATE PERCENT DELAY, in the order of an installation; the delay is in tenths of a second,
# and ends early with the phase.
points_few() {
	printf '%s\n' 'partition started 0 0' 'unpack progress 40 0' 'join started 0 5'
}

# No random moment in `ready`, the last one: the machine has to become Ready after its last cut.
points_all() {
	local phase i

	for phase in "${phases[@]}"; do
		echo "$(first_event "$phase") 0 0"
	done
	RANDOM=$seed
	for ((i = 0; i < 10; i++)); do
		echo "$(first_event "${phases[RANDOM % (${#phases[@]} - 1)]}") 0 $((RANDOM % 80))"
	done
}

# Sorted by phase, so that every point lies ahead of the one before.
points_sorted() {
	local phase rest i

	while read -r phase rest; do
		for i in "${!phases[@]}"; do
			[ "${phases[i]}" != "$phase" ] || echo "$i $phase $rest"
		done
	done | sort -s -n -k1,1 | cut -d ' ' -f 2-
}

# The phase has got to its point, or past it: is_there PHASE STATE PERCENT, and an event.
is_there() {
	told=$5
	[ "$4" = "$1" ] && { [ "$5" = "done" ] || { [ "$5" = "$2" ] && [ "$6" -ge "$3" ]; }; }
}

# Another phase begins, or this one ends; the claim's end was its point.
is_past() {
	[ "$2" != "$1" ] || { [ "$3" = "done" ] && [ "$1" != claim ]; }
}

# The power is cut when the phase gets to its point after event $since, this power-on; $begin: the event
# before the installation.
cut_at() {
	local phase=$1 state=$2 percent=$3 delay=$4 told=''

	provisioner_follow node1 "$since"
	if ! provisioner_follow_until 12000 is_there "$phase" "$state" "$percent"; then
		provision events node1 | tail -n 15 >&2
		lab_fail "node1 did not get to $phase"
	fi
	if [ "$delay" -gt 0 ] && ! is_past "$phase" "$phase" "$told"; then
		provisioner_follow_until "$delay" is_past "$phase" || true
	fi
	provisioner_unfollow
	machine_cycle node1
	since=$(provisioner_last_event)
	# A short phase may have ended between its event and the end of the power.
	if [ "$phase" != claim ] && provisioner_has_event_since "$begin" node1 "$phase" "done"; then
		lab_note "power cut right after $phase"
	else
		lab_note "power cut in $phase ($told, $percent % + at most $delay/10 s)"
	fi
}

# since: the last event before the machine was powered on. What an earlier installation told lies
# before it.
run_cuts() {
	local phase state percent delay begin=$since
	local -A was_cut=()

	while read -r phase state percent delay <&3; do
		if [ "$phase" != claim ] && provisioner_has_event_since "$begin" node1 "$phase" "done"; then
			[ -n "${was_cut[$phase]:-}" ] || lab_fail "node1 was past $phase before its power was cut there"
			lab_note "$phase is over already: no second cut there"
			continue
		fi
		cut_at "$phase" "$state" "$percent" "$delay"
		was_cut[$phase]=1
	done 3< <("points_$points" | points_sorted)
	provisioner_wait node1 1800 ready || lab_fail "node1 did not become ready after its power cuts"
	# Else the cluster's word of it could be from before.
	provisioner_has_event_since "$since" node1 ready "done" || lab_fail "node1 was ready before its last power cut"
}

declare -F "points_$points" >/dev/null || { echo "power-cut.sh: --points is few or all" >&2; exit 2; }
lab_begin "power-cut-$points${reinstall:+-reinstall}"
echo "seed $seed (again: power-cut.sh --points $points ${reinstall:+--reinstall }--seed $seed)"
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
run_cuts
lab_note "node1 is ready"
lab_until 60 cluster_ready node1 || lab_fail "the cluster does not call node1 Ready"
machine_kill node1
[ "$(disk_sum node1 FAMILY1)" = "$before" ] || lab_fail "the disk FAMILY1, which no plan names, was changed"
lab_note "the foreign disk is as it was"
