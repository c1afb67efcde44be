#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# provisiond -n: what a start would find wrong.

load daemon.bash

bats_require_minimum_version 1.5.0

setup() {
	daemon_create
	sed -i 's/mode: off/mode: proxy/' "$PROVISION_CONFIG/cluster.yaml"
}

teardown() {
	net_remove
}

# check [STATUS [USER]]: as a user that every host has.
check() {
	run "-${1:-0}" net_exec server "$net_build/provisiond" -n --user "${2:-nobody}"
}

@test "nothing is wrong, and no port stays open" {
	check
	[[ $output == *"0 nodes, nothing is wrong"* ]]
	[ -z "$(net_exec server ss -Hlnut)" ]
	[ ! -e "$PROVISION_RUN/ctl" ]
}

@test "before the first start, too, and nothing is written" {
	rm -r "$PROVISION_STATE/public" "$PROVISION_STATE/assets"
	check
	[ "$(ls "$PROVISION_STATE")" = secrets ]
}

@test "without its keys or its user a start fails, and both are told" {
	rm -r "$PROVISION_STATE/secrets"
	check 3 nobody-of-this-name
	[[ $output == *'there is no user nobody-of-this-name'* ]]
	[[ $output == *"there are no keys in $PROVISION_STATE/secrets"* ]]
	check 10
	rm -r "$PROVISION_STATE"
	check 10
	[ ! -e "$PROVISION_STATE" ]
	provision init --keys
	rm "$PROVISION_STATE/secrets/pki/ca.key"
	check 10
	[[ $output == *'lacks its ca.key'* ]]
}

@test "every port that somebody holds is named with its holder" {
	net_start server "$BATS_TEST_TMPDIR/dnsmasq.log" dnsmasq --keep-in-foreground \
		--conf-file=/dev/null --port=0 --interface=lan --bind-interfaces \
		--dhcp-range=10.9.0.200,10.9.0.201 --dhcp-leasefile=/dev/null --pid-file= --user=root \
		--log-facility=-
	dnsmasq=$NET_PID
	net_start server "$BATS_TEST_TMPDIR/tftpd.log" in.tftpd --foreground --address 10.9.0.1:69 \
		--user nobody /
	tftpd=$NET_PID
	net_start server "$BATS_TEST_TMPDIR/socat.log" socat TCP-LISTEN:8443,fork -
	socat=$NET_PID
	net_until grep -q 'DHCP, IP range' "$BATS_TEST_TMPDIR/dnsmasq.log"
	net_until eval '[ "$(net_exec server ss -Hlnut | grep -cE ":(69|8443) ")" = 2 ]'
	check 9
	[[ $output == *"UDP port 67 on lan is taken by dnsmasq (process $dnsmasq)"* ]]
	[[ $output == *"UDP port 69 on 10.9.0.1 is taken by in.tftpd (process $tftpd)"* ]]
	[[ $output == *"TCP port 8443 is taken by socat (process $socat)"* ]]
	[ "$(grep -c ' is taken by ' <<<"$output")" = 3 ]
}

@test "beside a running provisiond its own ports are not wrong" {
	daemon_start
	check
	[[ $output == *"tcp port 8080 is held by provisiond (process $DAEMON_PID)"* ]]
	[[ $output == *"udp port 67 is held by provisiond"* ]]
	[[ $output == *"udp port 69 is held by in.tftpd"* ]]
	net_start server "$BATS_TEST_TMPDIR/socat.log" socat TCP-LISTEN:9080,fork -
	net_until eval '[ -n "$(net_exec server ss -Hlnt "sport = :9080")" ]'
	sed -i 's/^provisioner:/&\n  httpPort: 9080/' "$PROVISION_CONFIG/cluster.yaml"
	check 9
	[[ $output == *"TCP port 9080 is taken by socat"* ]]
}

@test "templates, scripts, the manifest and interfaces are looked at" {
	mkdir "$PROVISION_CONFIG/templates" "$PROVISION_CONFIG/ipxe-scripts"
	echo 'nonsense: [' >"$PROVISION_CONFIG/templates/worker.yaml"
	check 3
	[[ $output == *worker.yaml* ]]
	rm "$PROVISION_CONFIG/templates/worker.yaml"
	echo '{{ nonsense }}' >"$PROVISION_CONFIG/ipxe-scripts/install.ipxe"
	check 3
	[[ $output == *install.ipxe* ]]
	rm "$PROVISION_CONFIG/ipxe-scripts/install.ipxe"
	echo x >>"$PROVISION_STATE/assets/manifest.json"
	check 5
	[[ $output == *'provision assets verify'* ]]
	rm "$PROVISION_STATE/assets/manifest.json"
	sed -i 's/interfaces: .*/interfaces: [lam]/' "$PROVISION_CONFIG/cluster.yaml"
	check 3
	[[ $output == *'there is no interface "lam"'* ]]
}
