#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2034 # names from and for net.bash
# DHCP figures beside dnsmasq, in one run: OFFERs a second, a burst of 1,000 DISCOVERs, leases a
# second. Reports, asserts nothing. Root; the programs come from $PROVISION_TEST_BUILD.
set -euo pipefail
. "$(dirname "$0")/../net/net.bash"
skip() {
	echo "$1" >&2
	exit 77
}
BATS_TEST_NUMBER=0
BATS_TEST_TMPDIR=$(mktemp -d)
storm=$net_build/tests/bench/dhcp_storm
seconds=${1:-5}

# Both have the buffers that an untouched system gives.
rmem_max=$(sysctl -n net.core.rmem_max)
finish() {
	sysctl -qw net.core.rmem_max="$rmem_max"
	net_remove
	rm -rf "$BATS_TEST_TMPDIR"
}
net_create
trap finish EXIT
sysctl -qw net.core.rmem_max=212992
ip -n "$SERVER" address flush dev lan
ip -n "$SERVER" address add 10.9.0.1/16 dev lan
net_host load 02:ff:00:00:00:01

cpu() {
	awk '{print ($14 + $15) * 10}' "/proc/$1/stat"
}

# measure WHO KIND ARG...: one line of the table.
measure() {
	local before after line

	before=$(cpu "$server_pid")
	line=$(net_exec load "$storm" e0 "${@:2}")
	after=$(cpu "$server_pid")
	printf '%-10s %-7s %s cpu_ms=%d\n' "$1" "$2" "$line" $((after - before))
}

all() {
	measure "$1" offers "$seconds" 50
	measure "$1" burst 1000
	measure "$1" leases "$seconds" 50
}

echo "net.core.rmem_max=$(sysctl -n net.core.rmem_max) $(nproc) cores, $seconds s each, 50 clients"

mkdir "$BATS_TEST_TMPDIR/state"
net_start server "$BATS_TEST_TMPDIR/server.log" "$net_build/tests/net/dhcp_host" --interface lan \
	--mode server --subnet 10.9.0.1/16 --range 10.9.1.0-10.9.200.255 --state "$BATS_TEST_TMPDIR/state"
server_pid=$NET_PID
net_until grep -q '^ready' "$BATS_TEST_TMPDIR/server.log"
all provision
net_end "$server_pid"

: >"$BATS_TEST_TMPDIR/log"
net_start server "$BATS_TEST_TMPDIR/dnsmasq.log" dnsmasq --keep-in-foreground --conf-file=/dev/null \
	--port=0 --interface=lan --bind-interfaces --no-ping --dhcp-range=10.9.1.0,10.9.200.255,12h \
	--dhcp-lease-max=100000 --dhcp-authoritative --quiet-dhcp --pid-file= --user=root \
	--dhcp-leasefile="$BATS_TEST_TMPDIR/leases" --log-facility="$BATS_TEST_TMPDIR/log"
server_pid=$NET_PID
net_until grep -q 'DHCP, IP range' "$BATS_TEST_TMPDIR/log"
all dnsmasq
