# SPDX-License-Identifier: Apache-2.0
# Network namespaces for the tests with real peers. Sourced by the .bats files; the programs come
# from the build directory, $PROVISION_TEST_BUILD.
# shellcheck shell=bash disable=SC2034

net_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
net_build=${PROVISION_TEST_BUILD:-${top_builddir:-$net_source/_build}}
net_data=$net_source/tests/data/dhcp

# net_create: a switch with the server on it: namespace $SERVER, interface lan = 10.9.0.1/24.
net_create() {
	[ "$(id -u)" = 0 ] || skip "needs root for network namespaces"
	NET=net-$$-$BATS_TEST_NUMBER
	SERVER=$NET-server
	NET_PIDS=()
	NET_NAMESPACES=()
	install -m 755 "$net_source/tests/net/udhcpc.script" "$BATS_TEST_TMPDIR/udhcpc"
	net_namespace "$SERVER"
	ip -n "$SERVER" link add lan type bridge forward_delay 0 stp_state 0
	ip -n "$SERVER" address add 10.9.0.1/24 dev lan
	ip -n "$SERVER" link set lan up
}

net_namespace() {
	ip netns add "$1"
	NET_NAMESPACES+=("$1")
	ip -n "$1" link set lo up
}

# net_host NAME MAC [ADDRESS]: a namespace $NET-NAME with the interface e0 on the switch.
net_host() {
	net_namespace "$NET-$1"
	ip -n "$SERVER" link add "p-$1" type veth peer name e0 netns "$NET-$1"
	ip -n "$SERVER" link set "p-$1" master lan up
	ip -n "$NET-$1" link set e0 address "$2"
	[ -z "${3:-}" ] || ip -n "$NET-$1" address add "$3" dev e0
	ip -n "$NET-$1" link set e0 up
}

# net_exec NAME COMMAND...
net_exec() {
	ip netns exec "$NET-$1" "${@:2}"
}

# net_start NAME LOG COMMAND...: in the background; its process id is in $NET_PID.
net_start() {
	ip netns exec "$NET-$1" "${@:3}" >"$2" 2>&1 3>&- &
	NET_PID=$!
	NET_PIDS+=("$NET_PID")
}

# net_until COMMAND...: at most ten seconds.
net_until() {
	local end=$((SECONDS + 10))

	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}

# server_start ARG...: dhcp_host, up to its "ready".
server_start() {
	net_start server "$BATS_TEST_TMPDIR/server.log" "$net_build/tests/net/dhcp_host" \
		--interface lan --subnet 10.9.0.1/24 "$@"
	SERVER_PID=$NET_PID
	net_until grep -q '^ready' "$BATS_TEST_TMPDIR/server.log" || {
		cat "$BATS_TEST_TMPDIR/server.log"
		return 1
	}
}

server_log() {
	cat "$BATS_TEST_TMPDIR/server.log"
}

# net_end PID: as systemd would.
net_end() {
	kill "${2:--TERM}" "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# lease_of NAME [udhcpc argument...]: "ip=... router=..." of one lease taken by udhcpc.
lease_of() {
	net_exec "$1" udhcpc -i e0 -f -q -n -t 4 -T 1 -s "$BATS_TEST_TMPDIR/udhcpc" "${@:2}" 2>&1
}

net_remove() {
	local pid namespace

	for pid in "${NET_PIDS[@]}"; do
		net_end "$pid" -KILL
	done
	for namespace in "${NET_NAMESPACES[@]}"; do
		# All of it was started by this test.
		for pid in $(ip netns pids "$namespace"); do
			kill -KILL "$pid" 2>/dev/null || true
		done
		ip netns delete "$namespace"
	done
}
