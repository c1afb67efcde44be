#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names from net.bash
# `dhcp: server` with the DHCP clients that people have.

load net.bash

setup() {
	net_create
	mkdir "$BATS_TEST_TMPDIR/state"
	state=$BATS_TEST_TMPDIR/state
}

teardown() {
	net_remove
}

start() {
	server_start --mode server --range 10.9.0.100-10.9.0.110 --state "$state" "$@"
}

@test "udhcpc gets an address with its settings" {
	start
	net_host a 52:54:00:00:00:0a
	run lease_of a
	[[ $output == *"ip=10.9.0.1"*"mask=24 router=10.9.0.1"*"lease=43200"* ]]
}

@test "dhclient gets the same address as udhcpc on the same machine" {
	start
	net_host a 52:54:00:00:00:0a
	first=$(lease_of a | sed -n 's/^ip=\([^ ]*\).*/\1/p')
	net_exec a ip address flush dev e0
	run net_exec a timeout 10 dhclient -4 -v -1 -sf /bin/true -lf "$BATS_TEST_TMPDIR/leases" \
		-pf "$BATS_TEST_TMPDIR/pid" e0
	[[ $output == *"DHCPACK of $first from 10.9.0.1"* ]]
	# it renews from its lease file: INIT-REBOOT
	net_end "$(cat "$BATS_TEST_TMPDIR/pid")"
	run net_exec a timeout 10 dhclient -4 -v -1 -sf /bin/true -lf "$BATS_TEST_TMPDIR/leases" \
		-pf "$BATS_TEST_TMPDIR/pid" e0
	[[ $output != *DHCPDISCOVER* ]]
	[[ $output == *"DHCPACK of $first from 10.9.0.1"* ]]
	# and gives it back
	net_exec a ip address add "$first/24" dev e0
	run net_exec a timeout 10 dhclient -4 -v -r -sf /bin/true -lf "$BATS_TEST_TMPDIR/leases" \
		-pf "$BATS_TEST_TMPDIR/pid" e0
	net_until grep -q 'RELEASE: gave its address back' "$BATS_TEST_TMPDIR/server.log"
}

@test "a node has the address of its record" {
	start --node 52:54:00:00:00:0a=10.9.0.20
	net_host a 52:54:00:00:00:0a
	run lease_of a
	[[ $output == *"ip=10.9.0.20 "*"hostname=node"* ]]
}

@test "leases survive kill -9 of the server" {
	start
	net_host a 52:54:00:00:00:0a
	net_host b 52:54:00:00:00:0b
	first=$(lease_of a | sed -n 's/^ip=\([^ ]*\).*/\1/p')
	[ -n "$first" ]
	net_end "$SERVER_PID" -KILL
	start
	# somebody else asks for it and does not get it, its owner does
	run lease_of b -r "$first"
	[[ $output == *"ip=10.9.0."* ]]
	[[ $output != *"ip=$first "* ]]
	run lease_of a -r "$first"
	[[ $output == *"ip=$first "* ]]
}

@test "an address that somebody has already is declined and left alone" {
	server_start --mode server --range 10.9.0.100-10.9.0.101 --state "$state"
	net_host squatter 52:54:00:00:00:05 10.9.0.100/24
	net_host a 52:54:00:00:00:0a
	run lease_of a -a -A 1 -r 10.9.0.100
	[[ $output == *"ip=10.9.0.101 "* ]]
	grep -q 'DECLINE: found its address in use' "$BATS_TEST_TMPDIR/server.log"
	net_host b 52:54:00:00:00:0b
	run lease_of b -t 1
	[[ $output == *"no lease"* ]]
	grep -q 'no address is free; make `dhcp.ranges` larger' "$BATS_TEST_TMPDIR/server.log"
}

@test "a client from another network is told to ask anew" {
	start
	net_host a 52:54:00:00:00:0a
	cat >"$BATS_TEST_TMPDIR/leases" <<-'X'
		lease {
		  interface "e0";
		  fixed-address 192.168.77.5;
		  option subnet-mask 255.255.255.0;
		  option dhcp-server-identifier 192.168.77.1;
		  renew never;
		  rebind never;
		  expire never;
		}
	X
	run net_exec a timeout 20 dhclient -4 -v -1 -sf /bin/true -lf "$BATS_TEST_TMPDIR/leases" \
		-pf "$BATS_TEST_TMPDIR/pid" e0
	[[ $output == *"DHCPNAK from 10.9.0.1"*"DHCPACK of 10.9.0.1"* ]]
}

@test "a relay is answered, and so is the renewal through the router" {
	# client -- relay -- server; the client's network is the one of the ranges
	net_namespace "$NET-relay"
	net_namespace "$NET-far"
	ip -n "$NET-relay" link add far type veth peer name e0 netns "$NET-far"
	ip -n "$NET-relay" address add 10.20.0.1/24 dev far
	ip -n "$NET-relay" link set far up
	ip -n "$NET-far" link set e0 up
	ip -n "$SERVER" link add p-relay type veth peer name near netns "$NET-relay"
	ip -n "$SERVER" link set p-relay master lan up
	ip -n "$NET-relay" address add 10.9.0.2/24 dev near
	ip -n "$NET-relay" link set near up
	ip -n "$SERVER" route add 10.20.0.0/24 via 10.9.0.2
	net_exec relay sysctl -qw net.ipv4.ip_forward=1
	server_start --mode server --subnet 10.20.0.1/24 --range 10.20.0.50-10.20.0.60 \
		--state "$state"
	net_start relay "$BATS_TEST_TMPDIR/relay.log" dnsmasq --keep-in-foreground \
		--conf-file=/dev/null --port=0 --pid-file= --user=root \
		--dhcp-relay=10.20.0.1,10.9.0.1 --log-facility=-
	net_until grep -q 'DHCP relay' "$BATS_TEST_TMPDIR/relay.log"
	run lease_of far
	[[ $output == *"ip=10.20.0."[56]*"mask=24"* ]]
}

@test "two interfaces are served, each with its own addresses" {
	net_namespace "$NET-second"
	ip -n "$SERVER" link add lan2 type veth peer name e0 netns "$NET-second"
	ip -n "$SERVER" address add 10.10.0.1/24 dev lan2
	ip -n "$SERVER" link set lan2 up
	ip -n "$NET-second" link set e0 up
	net_host a 52:54:00:00:00:0a
	start --interface lan2 --range 10.10.0.100-10.10.0.110
	run lease_of a
	[[ $output == *"ip=10.9.0.1"* ]]
	run lease_of second
	[[ $output == *"ip=10.10.0.1"*"mask=24"* ]]
}

@test "perfdhcp finishes all its exchanges" {
	server_start --mode server --range 10.9.0.10-10.9.0.250 --state "$state"
	net_host load 52:54:00:00:00:0c 10.9.0.254/24
	run net_exec load perfdhcp -4 -l e0 -r 100 -n 200 -R 200 -W 500000 10.9.0.1
	[[ $output == *"received packets: 200"*"received packets: 200"* ]]
}

@test "rubbish is ignored" {
	start
	net_host a 52:54:00:00:00:0a 10.9.0.99/24
	for size in 1 236 240 241 300 1500 9000; do
		head -c "$size" /dev/urandom >"$BATS_TEST_TMPDIR/rubbish"
		net_exec a bash -c 'cat "$1" >/dev/udp/10.9.0.1/67' _ "$BATS_TEST_TMPDIR/rubbish" || true
	done
	head -c 260 "$net_data/ovmf-pxe-discover.bin" >"$BATS_TEST_TMPDIR/short"
	run net_exec a "$net_build/tests/net/dhcp_ask" e0 "$BATS_TEST_TMPDIR/short"
	[ "$status" = 0 ]
	[ -z "$output" ]
	run lease_of a
	[[ $output == *"ip=10.9.0.1"* ]]
}
