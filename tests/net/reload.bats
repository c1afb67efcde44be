#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a running provisiond follows, what waits for its next start, and what must not wait for either.

load daemon.bash

setup() {
	daemon_create
	provision add-node 52:54:00:00:00:01 --name web1 --role worker >/dev/null
	log=$BATS_TEST_TMPDIR/daemon.log
}

teardown() {
	net_remove
}

loaded() {
	grep -c 'configuration loaded' "$log"
}

more_than() {
	[ "$("${@:2}")" -gt "$1" ]
}

# reload COMMAND...: changes something, and waits until it is in force.
reload() {
	local before

	before=$(loaded || true)
	"$@"
	net_until more_than "$before" loaded
}

edit() {
	sed -i "$1" "$PROVISION_CONFIG/cluster.yaml"
}

# inlined BASE64: the config of web1 carries these bytes.
inlined() {
	[[ $(get "/ignition?mac=52:54:00:00:00:01") == *"base64,$1\""* ]]
}

# What the provisioner offers to firmware on host a.
offer() {
	net_exec a "$net_build/tests/net/dhcp_ask" e0 "$net_data/ovmf-pxe-discover.bin"
}

@test "the DHCP mode of the start stays, at every reload, and each one says so" {
	edit 's/mode: off/mode: proxy/; s/# ranges:.*/ranges: [10.9.0.100-10.9.0.110]/'
	daemon_start
	net_host a 52:54:00:00:00:0a
	reload edit 's/mode: proxy/mode: server/'
	reload edit '1i # an edit that has nothing to do with it'
	run offer
	[[ $output == *"from=10.9.0.1 yiaddr=0.0.0.0 "* ]]
	[ "$(grep -c 'dhcp.mode.*restart of provisiond' "$log")" = 2 ]
	reload edit 's/mode: server/mode: proxy/'
	[ "$(grep -c 'dhcp.mode.*restart of provisiond' "$log")" = 2 ]
}

@test "machines are told the ports that are listened on, whatever the file says now" {
	daemon_start
	reload edit 's/^provisioner:/&\n  httpPort: 9080\n  httpsPort: 9443/'
	[[ $(get '/ipxe?mac=52:54:00:00:00:01') == *"$DAEMON_HTTP/assets/"*"provision.url=$DAEMON_API "* ]]
	grep -q 'provisioner.httpPort, provisioner.httpsPort' "$log"
}

@test "DHCP answers while a file of the configuration cannot be read" {
	edit 's/mode: off/mode: proxy/'
	daemon_start
	net_host a 52:54:00:00:00:0a
	mkfifo "$PROVISION_CONFIG/nodes/web2.yaml"
	net_start server "$BATS_TEST_TMPDIR/writer.log" bash -c 'exec >"$1" && touch "$2" && exec sleep infinity' \
		writer "$PROVISION_CONFIG/nodes/web2.yaml" "$BATS_TEST_TMPDIR/opened"
	touch "$PROVISION_CONFIG/nodes/web1.yaml"
	# the writer gets past its opening when the daemon reads, and writes nothing
	net_until [ -e "$BATS_TEST_TMPDIR/opened" ]
	run offer
	[[ $output == *"from=10.9.0.1 "* ]]
}

@test "loaders that are built while it runs are given out at once" {
	daemon_start
	grep -q 'has no boot loaders yet: provision assets build' "$log"
	net_host a 52:54:00:00:00:0a 10.9.0.2/24
	fake_recipes
	reload provision assets build --source "$BATS_TEST_TMPDIR/source"
	net_exec a atftp --get -r undionly.kpxe -l "$BATS_TEST_TMPDIR/got" 10.9.0.1
	[ "$(cat "$BATS_TEST_TMPDIR/got")" = loader ]
	net_exec a atftp --get -r arm64/ipxe.efi -l "$BATS_TEST_TMPDIR/got2" 10.9.0.1
	# and again, when they are made anew
	sed -i 's/loader/newer loader/' "$BATS_TEST_TMPDIR/source/provisioner/image/loaders.sh"
	provision assets build --source "$BATS_TEST_TMPDIR/source"
	net_exec a atftp --get -r undionly.kpxe -l "$BATS_TEST_TMPDIR/got3" 10.9.0.1
	[ "$(cat "$BATS_TEST_TMPDIR/got3")" = 'newer loader' ]
}

# Recipes that take no time: each writes what it is asked for.
fake_recipes() {
	local dir=$BATS_TEST_TMPDIR/source/provisioner/image name

	mkdir -p "$dir"
	for name in rootfs agent; do
		printf '#!/bin/bash\nwhile [ "$1" != --out ]; do shift; done\nmkdir -p "${2%%/*}"\necho %s >"$2"\n' \
			"$name" >"$dir/$name.sh"
	done
	printf '#!/bin/bash\nwhile [ "$1" != --out ]; do shift; done\nmkdir -p "$2"\necho boot | tee "$2/vmlinuz" >"$2/initrd"\n' \
		>"$dir/bootenv.sh"
	printf '#!/bin/bash\nmkdir -p "$2/arm64"\necho loader | tee "$2/undionly.kpxe" "$2/ipxe.efi" "$2/snponly.efi" >"$2/arm64/ipxe.efi"\n' \
		>"$dir/loaders.sh"
	chmod +x "$dir"/*.sh
}

@test "a folder that comes later, or comes again, is followed" {
	daemon_start
	mkdir "$PROVISION_CONFIG/ipxe-scripts"
	net_until more_than 0 loaded
	sed 's/^#!ipxe/&\n# of this site/' "$net_source/ipxe-scripts/install.ipxe" \
		>"$BATS_TEST_TMPDIR/install.ipxe"
	reload mv "$BATS_TEST_TMPDIR/install.ipxe" "$PROVISION_CONFIG/ipxe-scripts/install.ipxe"
	[[ $(get '/ipxe?mac=52:54:00:00:00:01') == *'# of this site'* ]]
	# as git does with a folder that a commit empties and the next one fills
	rm -r "$PROVISION_CONFIG/nodes"
	net_until grep -q 'configuration loaded: 0 nodes' "$log"
	reload mkdir "$PROVISION_CONFIG/nodes"
	reload eval 'printf "mac: 52:54:00:00:00:02\nrole: worker\n" >"$PROVISION_CONFIG/nodes/web2.yaml"'
	[[ $(get '/ipxe?mac=52:54:00:00:00:02') == *web2* ]]
	# another folder takes its place at once
	cp -r "$PROVISION_CONFIG/nodes" "$BATS_TEST_TMPDIR/other"
	reload eval 'mv "$PROVISION_CONFIG/nodes" "$BATS_TEST_TMPDIR/old" && mv "$BATS_TEST_TMPDIR/other" "$PROVISION_CONFIG/nodes"'
	reload rm "$PROVISION_CONFIG/nodes/web2.yaml"
	[[ $(tail -n 1 "$log") == *'configuration loaded: 0 nodes'* ]]
}

@test "each problem of a bad edit is logged once" {
	daemon_start
	printf 'mac: 52:54:00:00:00:02\nnmae: web2\nrloe: worker\n' >"$PROVISION_CONFIG/nodes/web2.yaml"
	net_until grep -q 'last good configuration stays in force' "$log"
	sed -n 's/ (and .*//; s/.*\(web2.yaml:\)/\1/p' "$log" | sort >"$BATS_TEST_TMPDIR/told"
	grep -q '^web2.yaml:2:1: .*nmae' "$BATS_TEST_TMPDIR/told"
	grep -q '^web2.yaml:3:1: .*rloe' "$BATS_TEST_TMPDIR/told"
	[ -z "$(uniq -d "$BATS_TEST_TMPDIR/told")" ]
}

@test "status tells of an edit that is not in force, and of one that waits for a restart" {
	daemon_start
	[ "$(provision status --json | jq 'has("configProblem") or has("waitsForRestart")')" = false ]
	echo 'nmae: web1' >>"$PROVISION_CONFIG/nodes/web1.yaml"
	net_until grep -q 'last good configuration stays in force' "$log"
	run provision status
	[[ $output == *"the files in $PROVISION_CONFIG are not in force: nodes/web1.yaml:"*nmae*'; the last good configuration stays'* ]]
	[[ $(provision status --json | jq -r .configProblem) == nodes/web1.yaml:* ]]
	reload sed -i /nmae/d "$PROVISION_CONFIG/nodes/web1.yaml"
	[[ $(provision status) != *'not in force'* ]]
	reload edit 's/mode: off/mode: proxy/'
	[[ $(provision status) == *'waits for a restart of provisiond: dhcp.mode '* ]]
	[ "$(provision status --json | jq -c .waitsForRestart)" = '["dhcp.mode"]' ]
}

@test "the first control plane may come to a daemon that was started without one" {
	provision remove-node web1 >/dev/null
	sed -i '/controlPlaneEndpoint:/d' "$PROVISION_CONFIG/cluster.yaml"
	daemon_start
	reload provision add-node 52:54:00:00:00:03 --name pantry --address 10.9.0.13/24
	ask p /v1/claim "$(claim_body 52:54:00:00:00:03 u-3 "$(disk WD-3)")"
	[ "$status" = 200 ]
	plan=$(field planId)
	installed p "$plan" 52:54:00:00:00:03 pantry
	ask p /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 200 ]
	[ "$(field kind)" = kubeadm-init ]
}

@test "the files that templates inline are followed, also in folders that come later" {
	mkdir "$PROVISION_CONFIG/templates"
	daemon_start
	mkdir -p "$PROVISION_CONFIG/files/deep"
	printf one >"$PROVISION_CONFIG/files/deep/motd"
	printf 'storage: {files: [{path: /etc/motd, contents: {local: deep/motd}}]}\n' >"$PROVISION_CONFIG/templates/10-motd.yaml"
	net_until inlined "$(printf one | base64)"
	printf two >"$PROVISION_CONFIG/files/deep/motd"
	net_until inlined "$(printf two | base64)"
}
