# SPDX-License-Identifier: Apache-2.0
# The lab's network: a namespace of its own with one bridge, and one tap per machine.
#
#   network_create           makes namespace $LAB_NETNS with bridge br0 = $LAB_ADDRESS/24
#   network_tap IFNAME       adds a tap to the bridge
#   network_exec COMMAND...  runs a command inside. With & it is a shell that waits for the command: a process
#                            that is to get signals is started by `ip netns exec`, which execs it
#   network_remove           ends what still runs inside and removes the namespace
#
# No route leads out: traffic of the lab cannot meet the host's LAN. The subnet may therefore be
# the same in every lab; the namespace's name carries the process id so that two labs do not meet.
# shellcheck shell=bash

LAB_NETNS=
LAB_BRIDGE=br0
LAB_SUBNET=10.77.0.0/24
LAB_ADDRESS=10.77.0.1
export LAB_BRIDGE LAB_SUBNET LAB_ADDRESS

network_create() {
	LAB_NETNS=${LAB_NAME:-lab-$$}
	export LAB_NETNS
	ip netns add "$LAB_NETNS"
	ip -n "$LAB_NETNS" link set lo up
	ip -n "$LAB_NETNS" link add "$LAB_BRIDGE" type bridge forward_delay 0 stp_state 0
	ip -n "$LAB_NETNS" address add "$LAB_ADDRESS/24" dev "$LAB_BRIDGE"
	# A bridge without ports has no carrier, and a daemon that starts before the first machine
	# would find its interface down.
	ip -n "$LAB_NETNS" link add port0 type veth peer name port1
	ip -n "$LAB_NETNS" link set port0 master "$LAB_BRIDGE" up
	ip -n "$LAB_NETNS" link set port1 up
	ip -n "$LAB_NETNS" link set "$LAB_BRIDGE" up
	# Asking a cloud for its metadata has to fail at once, not after a timeout.
	ip -n "$LAB_NETNS" route add unreachable 169.254.169.254/32
}

network_tap() {
	ip -n "$LAB_NETNS" tuntap add "$1" mode tap
	ip -n "$LAB_NETNS" link set "$1" master "$LAB_BRIDGE" up
}

network_exec() {
	ip netns exec "$LAB_NETNS" "$@"
}

network_remove() {
	local pid round

	[ -n "$LAB_NETNS" ] || return 0
	for round in TERM TERM TERM TERM KILL KILL; do
		# Everything in the namespace was started by this lab.
		for pid in $(ip netns pids "$LAB_NETNS" 2>/dev/null); do
			kill -"$round" "$pid" 2>/dev/null
		done
		[ -n "$(ip netns pids "$LAB_NETNS" 2>/dev/null)" ] || break
		sleep 0.3
	done
	ip netns delete "$LAB_NETNS" 2>/dev/null
	LAB_NETNS=
}
