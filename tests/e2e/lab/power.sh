# SPDX-License-Identifier: Apache-2.0
# The power fails during an installation, again and again.
#
#   power_cuts NODE SINCE few        cuts the power of NODE, which was powered on after event number SINCE, at
#                                    three points, and waits until it is Ready
#   power_cuts NODE SINCE all SEED   at the start of every phase and at ten random moments
#
# Each cut is followed by power-on; the next one comes when the machine has got to its point. A phase that
# would be past before it was cut once fails the test.
# shellcheck shell=bash

power_phases=(claim partition pools unpack configure kubernetes bootloader reboot firstboot join ready)

# What tells that a phase begins. Of the claim there is only its end: before it, nothing can be told.
power_first_event() {
	[ "$1" = claim ] && echo "claim done" || echo "$1 started"
}

# PHASE STATE PERCENT DELAY, in the order of an installation; the delay is in tenths of a second,
# and ends early with the phase.
power_points_few() {
	printf '%s\n' 'partition started 0 0' 'unpack progress 40 0' 'bootloader started 0 5'
}

# No random moment in `ready`, the last one: the machine has to become Ready after its last cut.
power_points_all() {
	local seed=$1 phase delay i

	for phase in "${power_phases[@]}"; do
		echo "$(power_first_event "$phase") 0 0"
	done
	# Drawn in the shell that was seeded: one that is started by a pipe or $() has numbers of its own.
	RANDOM=$seed
	for ((i = 0; i < 10; i++)); do
		phase=${power_phases[RANDOM % (${#power_phases[@]} - 1)]}
		delay=$((RANDOM % 80))
		echo "$(power_first_event "$phase") 0 $delay"
	done
}

# Sorted by phase, so that every point lies ahead of the one before.
power_points_sorted() {
	local phase rest i

	while read -r phase rest; do
		for i in "${!power_phases[@]}"; do
			[ "${power_phases[i]}" != "$phase" ] || echo "$i $phase $rest"
		done
	done | sort -s -n -k1,1 | cut -d ' ' -f 2-
}

# The phase has got to its point, or past it: power_is_there PHASE STATE PERCENT, and an event.
power_is_there() {
	told=$5
	[ "$4" = "$1" ] && { [ "$5" = "done" ] || { [ "$5" = "$2" ] && [ "$6" -ge "$3" ]; }; }
}

# Another phase begins, or this one ends; the claim's end was its point.
power_is_past() {
	[ "$2" != "$1" ] || { [ "$3" = "done" ] && [ "$1" != claim ]; }
}

# The power is cut when the phase gets to its point after event $since, this power-on; $begin: the event
# before the installation.
power_cut_at() {
	local phase=$1 state=$2 percent=$3 delay=$4 told=''

	provisioner_follow "$node" "$since"
	if ! provisioner_follow_until 12000 power_is_there "$phase" "$state" "$percent"; then
		provision events "$node" | tail -n 15 >&2
		lab_fail "$node did not get to $phase"
	fi
	if [ "$delay" -gt 0 ] && ! power_is_past "$phase" "$phase" "$told"; then
		provisioner_follow_until "$delay" power_is_past "$phase" || true
	fi
	provisioner_unfollow
	machine_cycle "$node"
	since=$(provisioner_last_event)
	# A short phase may have ended between its event and the end of the power.
	if [ "$phase" != claim ] && provisioner_has_event_since "$begin" "$node" "$phase" "done"; then
		lab_note "power cut right after $phase"
	else
		lab_note "power cut in $phase ($told, $percent % + at most $delay/10 s)"
	fi
}

# What an earlier installation told lies before the first event.
power_cuts() {
	local node=$1 since=$2 begin=$2 points=$3 phase state percent delay
	local -A was_cut=()

	shift 3
	while read -r phase state percent delay <&3; do
		if [ "$phase" != claim ] && provisioner_has_event_since "$begin" "$node" "$phase" "done"; then
			[ -n "${was_cut[$phase]:-}" ] || lab_fail "$node was past $phase before its power was cut there"
			lab_note "$phase is over already: no second cut there"
			continue
		fi
		power_cut_at "$phase" "$state" "$percent" "$delay"
		was_cut[$phase]=1
	done 3< <("power_points_$points" "$@" | power_points_sorted)
	provisioner_wait "$node" 1800 ready || lab_fail "$node did not become ready after its power cuts"
	# Else the cluster's word of it could be from before.
	provisioner_has_event_since "$since" "$node" ready "done" || lab_fail "$node was ready before its last power cut"
}
