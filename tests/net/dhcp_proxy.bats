#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names from net.bash
# ProxyDHCP beside somebody else's DHCP server (dnsmasq), which says nothing about booting.

load net.bash

setup() {
	net_create
	net_host router 52:54:00:00:00:fe 10.9.0.254/24
	net_host a 52:54:00:00:00:01
	net_start router "$BATS_TEST_TMPDIR/router.log" dnsmasq --keep-in-foreground \
		--conf-file=/dev/null --port=0 --interface=e0 --no-ping \
		--dhcp-range=10.9.0.100,10.9.0.110,1h --dhcp-authoritative \
		--dhcp-leasefile="$BATS_TEST_TMPDIR/router.leases" --pid-file= --user=root \
		--log-facility=-
	net_until grep -q 'DHCP, IP range' "$BATS_TEST_TMPDIR/router.log"
}

teardown() {
	net_remove
}

# ask PACKET [SERVER PORT]: the replies.
ask() {
	net_exec a "$net_build/tests/net/dhcp_ask" e0 "$net_data/$1.bin" "${@:2}"
}

hex() {
	printf '%s' "$1" | od -An -tx1 | tr -d ' \n'
}

# The provisioner's replies only.
ours() {
	grep 'from=10.9.0.1 ' <<<"$output"
}

@test "firmware hears the address from one and the boot file from the other" {
	server_start --mode proxy
	run ask ovmf-pxe-discover
	[[ $output == *"from=10.9.0.254 yiaddr=10.9.0.1"* ]]
	[[ $(ours) == *"yiaddr=0.0.0.0 siaddr=10.9.0.1 file=snponly.efi type=OFFER"* ]]
	# option 60 PXEClient, 43 discovery control, 97 given back
	[[ $(ours) == *" 60=505845436c69656e74 "*" 43=060108ff"* ]]
	[[ $(ours) == *" 97=0000000000000000000000000000000000"* ]]
}

@test "iPXE gets the script in the offer, without a menu" {
	server_start --mode proxy
	for client in bios-ipxe-rom-2019 uefi-ipxe-rom-2019 uefi-ipxe-2025; do
		run ask "$client-discover"
		[[ $(ours) == *"file=http://10.9.0.1:8080/boot.ipxe type=OFFER"*" 60=505845436c69656e74"* ]]
		[[ $(ours) != *" 43="* ]]
	done
}

@test "UEFI HTTP Boot gets a URL" {
	server_start --mode proxy
	run ask ovmf-http-discover
	[[ $(ours) == *" 60=$(hex HTTPClient) 67=$(hex http://10.9.0.1:8080/assets/ipxe/snponly.efi)"* ]]
}

@test "port 4011 answers a request to it, and only there" {
	server_start --mode proxy
	ip -n "$NET-a" address add 10.9.0.77/24 dev e0
	run ask ovmf-pxe-request
	[ -z "$(ours)" ]
	# without the router's server identifier, as a client asks a boot server
	perl -0777 -pe 's/\x36\x04\x0a\x4d\x00\xfe/\0\0\0\0\0\0/' \
		"$net_data/ovmf-pxe-request.bin" >"$BATS_TEST_TMPDIR/request"
	run net_exec a "$net_build/tests/net/dhcp_ask" e0 "$BATS_TEST_TMPDIR/request" 10.9.0.1 4011
	[[ $output == "from=10.9.0.1 yiaddr=0.0.0.0 siaddr=10.9.0.1 file=snponly.efi type=ACK"* ]]
}

@test "clients that boot nothing are left to the router" {
	server_start --mode proxy
	run lease_of a
	[[ $output == *"ip=10.9.0.1"*"router=10.9.0.254"* ]]
	net_end "$SERVER_PID"
	grep -q 'received [1-9][0-9]* malformed 0 silent [1-9][0-9]* sent 0 ' "$BATS_TEST_TMPDIR/server.log"
}

@test "unknown: ignore answers known machines only" {
	server_start --mode proxy --ignore-unknown
	run ask ovmf-pxe-discover
	[ -z "$(ours)" ]
	net_end "$SERVER_PID"
	server_start --mode proxy --ignore-unknown --node 52:54:00:00:00:01
	run ask ovmf-pxe-discover
	[[ $(ours) == *"file=snponly.efi"* ]]
}

@test "dhcp: off: the lines for dnsmasq make dnsmasq answer as we do" {
	net_end "$NET_PID"
	"$net_build/tests/net/dhcp_host" --advice 10.9.0.1 | grep '^dhcp-' >"$BATS_TEST_TMPDIR/advice"
	net_start router "$BATS_TEST_TMPDIR/router2.log" dnsmasq --keep-in-foreground \
		--conf-file="$BATS_TEST_TMPDIR/advice" --port=0 --interface=e0 --no-ping \
		--dhcp-range=10.9.0.100,10.9.0.110,1h --dhcp-authoritative \
		--dhcp-leasefile=/dev/null --pid-file= --user=root --log-facility=-
	net_until grep -q 'DHCP, IP range' "$BATS_TEST_TMPDIR/router2.log"
	# dnsmasq writes the boot file as option 67, with its NUL
	run ask ovmf-pxe-discover
	[[ $output == *" siaddr=10.9.0.1 "*" 67=$(hex snponly.efi)00"* ]]
	run ask bios-ipxe-rom-2019-discover
	[[ $output == *" siaddr=10.9.0.1 "*" 67=$(hex http://10.9.0.1:8080/boot.ipxe)00"* ]]
}

@test "a taken port is told with its holder" {
	net_start server "$BATS_TEST_TMPDIR/other.log" dnsmasq --keep-in-foreground \
		--conf-file=/dev/null --port=0 --interface=lan --bind-interfaces \
		--dhcp-range=10.9.0.200,10.9.0.201 --dhcp-leasefile=/dev/null --pid-file= --user=root \
		--log-facility=-
	net_until grep -q 'DHCP, IP range' "$BATS_TEST_TMPDIR/other.log"
	run net_exec server "$net_build/tests/net/dhcp_host" --interface lan
	[ "$status" = 1 ]
	[[ $output == *"UDP port 67 on lan is taken by dnsmasq (process $NET_PID): stop it"* ]]
	run net_exec server "$net_build/tests/net/dhcp_host" --interface lam
	[[ $output == *'there is no interface "lam"'* ]]
}
