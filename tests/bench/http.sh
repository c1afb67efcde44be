#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC1090,SC2154,SC2034,SC2153 # names from and for net.bash and daemon.bash
# HTTP figures of provisiond: iPXE scripts and Ignition configs a second by MAC with 1, 1,000 and
# 10,000 nodes, resident memory, and files beside nginx in the same run. Reports, asserts nothing.
# Root, wrk and nginx; the programs come from $PROVISION_TEST_BUILD.
set -euo pipefail
load() {
	. "$(dirname "$0")/../net/$1"
}
skip() {
	echo "$1" >&2
	exit 77
}
load daemon.bash
BATS_TEST_NUMBER=0
BATS_RUN_TMPDIR=$(mktemp -d)
BATS_TEST_TMPDIR=$BATS_RUN_TMPDIR/bench
mkdir "$BATS_TEST_TMPDIR"
seconds=${1:-5}
finish() {
	net_remove
	rm -rf "$BATS_RUN_TMPDIR"
}
trap finish EXIT
daemon_create >/dev/null

# CPU time in ms of a process and its children.
cpu() {
	local pid sum=0

	for pid in "$1" $(pgrep -P "$1" || true); do
		sum=$((sum + $(awk '{print ($14 + $15) * 10}' "/proc/$pid/stat")))
	done
	echo "$sum"
}

# measure WHO WHAT PID URL [WRK ARGUMENT...]: one line of the table.
measure() {
	local before after report requests rate

	before=$(cpu "$3")
	report=$(net_exec server wrk -t1 -c32 -d"$seconds" "${@:5}" "$4")
	after=$(cpu "$3")
	requests=$(sed -n 's/^ *\([0-9]*\) requests in .*/\1/p' <<<"$report")
	rate=$(sed -n 's/^Requests\/sec: *\([0-9]*\).*/\1/p' <<<"$report")
	printf '%-10s %-22s %8s requests/s  %5d us of CPU a request%s\n' "$1" "$2" "$rate" \
		$(((after - before) * 1000 / (requests ? requests : 1))) \
		"$(sed -n 's/^ *Non-2xx.*: /  not served: /p' <<<"$report")"
}

# nodes N: the records of N machines.
nodes() {
	local i

	rm -f "$PROVISION_CONFIG"/nodes/*
	for ((i = 0; i < $1; i++)); do
		printf 'mac: 525401%06x\nrole: worker\n' "$i" >"$PROVISION_CONFIG/nodes/n$i.yaml"
	done
}

# by_mac N PATH: a wrk script that asks for all of them in turn.
by_mac() {
	cat >"$BATS_TEST_TMPDIR/by_mac.lua" <<-LUA
		local i = 0
		request = function()
			i = (i * 1103 + 12345) % 1000003
			return wrk.format("GET", string.format("$2", i % $1))
		end
	LUA
}

echo "$(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg), 32 connections, $seconds s each"
for n in 1 1000 10000; do
	nodes "$n"
	daemon_start
	by_mac "$n" '/ipxe?mac=525401%06x&uuid=4c4c4544-0043-4810-8052-b4c04f333432&serial=ABC1234&arch=amd64'
	measure provision "ipxe, $n nodes" "$DAEMON_PID" "$DAEMON_HTTP" -s "$BATS_TEST_TMPDIR/by_mac.lua"
	printf '%-10s %-22s %8d KiB resident\n' provision "$n nodes" \
		"$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$DAEMON_PID/status")"
	[ "$n" = 10000 ] || net_end "$DAEMON_PID"
done

# Install scripts and Ignition need intents.
net_end "$DAEMON_PID"
nodes 0
for i in {0..9}; do
	provision add-node "525401$(printf %06x "$i")" --name "n$i" --role worker >/dev/null
done
head -c 1024 /dev/urandom >"$PROVISION_STATE/assets/1k"
head -c $((64 * 1024 * 1024)) /dev/urandom >"$PROVISION_STATE/assets/64m"
daemon_start
by_mac 10 '/ipxe?mac=525401%06x&uuid=4c4c4544-0043-4810-8052-b4c04f333432&serial=ABC1234&arch=amd64'
measure provision 'ipxe, install' "$DAEMON_PID" "$DAEMON_HTTP" -s "$BATS_TEST_TMPDIR/by_mac.lua"
nonce=$(get '/ipxe?mac=525401000000' | sed -n 's/.*provision.nonce=\([0-9a-f]*\).*/\1/p')
measure provision ignition "$DAEMON_PID" "$DAEMON_HTTP/ignition?mac=525401000000&nonce=$nonce"

mkdir "$BATS_TEST_TMPDIR/nginx"
cat >"$BATS_TEST_TMPDIR/nginx/nginx.conf" <<-CONF
	user root;
	worker_processes 2;
	pid $BATS_TEST_TMPDIR/nginx/pid;
	error_log $BATS_TEST_TMPDIR/nginx/error;
	daemon off;
	events { worker_connections 1024; }
	http {
		access_log off;
		sendfile on;
		tcp_nopush on;
		server { listen 10.9.0.1:8090; root $PROVISION_STATE; }
	}
CONF
net_start server "$BATS_TEST_TMPDIR/nginx/log" nginx -c "$BATS_TEST_TMPDIR/nginx/nginx.conf"
nginx_pid=$NET_PID
net_until net_exec server curl -sf -o /dev/null http://10.9.0.1:8090/assets/1k
for size in 1k 64m; do
	measure provision "file of $size" "$DAEMON_PID" "$DAEMON_HTTP/assets/$size"
	measure nginx "file of $size" "$nginx_pid" "http://10.9.0.1:8090/assets/$size"
done
