#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What foreign clients ask for: scripts and configs of systems that run in memory, GRUB, and
# Matchbox's endpoints.

load daemon.bash

setup() {
	daemon_create
	live_image ignition-lab vmlinuz initrd rootfs.img
	live_image flatcar-4081.2.1 vmlinuz initrd
	live_image fcos-41.20250215.3.0 vmlinuz initrd rootfs.img
	provision add-node 52:54:00:00:00:01 --name web1 --role worker >/dev/null
}

teardown() {
	net_remove
}

# live_image IMAGE FILE...: stand-ins for its files.
live_image() {
	local file

	mkdir -p "$PROVISION_STATE/assets/boot/$1-amd64"
	for file in "${@:2}"; do
		echo "$1 $file" >"$PROVISION_STATE/assets/boot/$1-amd64/$file"
	done
}

# add_live MAC NAME IMAGE: a record, and the installation asked for.
add_live() {
	provision add-node "$1" --name "$2" --role worker >/dev/null
	echo "image: $3" >>"$PROVISION_CONFIG/nodes/$2.yaml"
}

# intent NAME STATE: what has become of its newest one, a machine's in memory.
intent() {
	python3 - "$PROVISION_STATE/store/state.db" "$1" "$2" <<-'END'
		import sqlite3, sys
		db = sqlite3.connect(sys.argv[1])
		with db:
		    db.execute("UPDATE intents SET state = ?, done_ms = 1, in_memory = 1 WHERE node = ?", (sys.argv[3], sys.argv[2]))
	END
}

@test "an image that runs in memory is started by the script of its kind, with its kernel arguments" {
	add_live 52:54:00:00:00:11 mem1 flatcar-4081.2.1
	add_live 52:54:00:00:00:12 mem2 fcos-41.20250215.3.0
	add_live 52:54:00:00:00:13 mem3 ignition-lab
	daemon_start
	run get "/ipxe?mac=52:54:00:00:00:11"
	[[ $output == *"$DAEMON_HTTP/assets/boot/flatcar-4081.2.1-amd64/vmlinuz "* ]]
	[[ $output == *" flatcar.first_boot=1 ignition.config.url=$DAEMON_HTTP/ignition?mac=52-54-00-00-00-11&uuid=\${uuid}&nonce="* ]]
	run get "/ipxe?mac=52:54:00:00:00:12"
	[[ $output == *" ignition.firstboot ignition.platform.id=metal coreos.live.rootfs_url=$DAEMON_HTTP/assets/boot/fcos-41.20250215.3.0-amd64/rootfs.img ignition.config.url=$DAEMON_HTTP/ignition?mac=52-54-00-00-00-12&"* ]]
	run get "/ipxe?mac=52:54:00:00:00:13"
	[[ $output == *" root=live:$DAEMON_HTTP/assets/boot/ignition-lab-amd64/rootfs.img ip=dhcp rd.neednet=1 ignition.firstboot ignition.platform.id=metal ignition.config.url="* ]]
	# a file of the image is gone: no half system
	rm "$PROVISION_STATE/assets/boot/ignition-lab-amd64/rootfs.img"
	touch "$PROVISION_CONFIG/cluster.yaml"
	net_until says "/ipxe?mac=525400000013" 'its image is missing (provision assets add)'
}

# says PATH TEXT
says() {
	[[ $(get "$1") == *"$2"* ]]
}

@test "an image that runs in memory comes at every boot once it was asked for, until that is taken back" {
	add_live 52:54:00:00:00:11 mem1 ignition-lab
	printf 'mac: 52:54:00:00:00:12\nimage: ignition-lab\n' >"$PROVISION_CONFIG/nodes/mem2.yaml"
	intent mem1 "done"
	add_live 52:54:00:00:00:13 mem3 ignition-lab
	daemon_start
	says "/ipxe?mac=525400000011" rootfs.img
	says "/ipxe?mac=525400000012" 'nobody asked for an installation'
	says "/ipxe?mac=525400000013" rootfs.img
	provision cancel mem3
	net_until says "/ipxe?mac=525400000013" 'the request to install it has ended'
	# taken back before anything was made anew: the system of before goes on
	provision reinstall mem1
	provision cancel mem1
	says "/ipxe?mac=525400000011" rootfs.img
}

@test "GRUB gets the same answers as iPXE" {
	add_live 52:54:00:00:00:11 mem1 fcos-41.20250215.3.0
	daemon_start
	run get /grub
	# shellcheck disable=SC2016
	[[ $output == *'configfile "(http,10.9.0.1:8080)/grub?mac=$net_default_mac"'* ]]
	run get "/grub?mac=52:54:00:00:00:01"
	[[ $output == *'linux "(http,10.9.0.1:8080)/assets/boot/debian-13-amd64/vmlinuz" provision.url='* ]]
	run get "/grub?mac=52:54:00:00:00:11"
	[[ $output == *"coreos.live.rootfs_url=$DAEMON_HTTP/assets/boot/fcos-41.20250215.3.0-amd64/rootfs.img"* ]]
	run get "/grub?mac=52:54:00:00:00:99"
	[[ $output == *'provision add-node 52:54:00:00:00:99'* ]]
	printf 'mac: 52:54:00:00:00:02\n' >"$PROVISION_CONFIG/nodes/web2.yaml"
	net_until says "/grub?mac=525400000002" 'nobody asked for an installation'
	for path in /grub "/grub?mac=525400000001" "/grub?mac=525400000002" "/grub?mac=525400000011" \
		"/grub?mac=525400000099"; do
		get "$path" >"$BATS_TEST_TMPDIR/grub.cfg"
		grub-script-check "$BATS_TEST_TMPDIR/grub.cfg"
	done
	provision render mem1 grub >"$BATS_TEST_TMPDIR/grub.cfg"
	grub-script-check "$BATS_TEST_TMPDIR/grub.cfg"
}

@test "iPXE's first script has Matchbox's other name, too" {
	daemon_start
	get /boot.ipxe >"$BATS_TEST_TMPDIR/one"
	get /boot.ipxe.0 | diff "$BATS_TEST_TMPDIR/one" -
}

# status_of PATH
status_of() {
	get "$1" -o /dev/null -w '%{http_code}'
}

@test "a machine may be named by what is known of it, and all that is said has to match" {
	cat >>"$PROVISION_CONFIG/nodes/web1.yaml" <<-'END'
		uuid: 8F2C1C1E-0F3B-4A0E-9A55-525400000001
		serial: PF-1
		labels: {rack: a12, example.org/disk: ssd}
	END
	provision add-node 52:54:00:00:00:02 --name web2 --role worker --label rack=a12 >/dev/null
	daemon_start
	for query in mac=52-54-00-00-00-01 uuid=8f2c1c1e-0f3b-4a0e-9a55-525400000001 serial=PF-1 \
		hostname=web1 hostname=WEB1.lan label=example.org/disk=ssd label=example.org/disk \
		'rack=a12&serial=PF-1' 'mac=525400000001&uuid=&hostname=&domain=lan&other=x' \
		'label=rack=a12&label=example.org/disk'; do
		says "/metadata?$query" HOSTNAME=web1 || { echo "$query"; return 1; }
	done
	for query in mac=52-54-00-00-00-09 uuid=8f2c1c1e-0f3b-4a0e-9a55-525400000002 serial=pf hostname=web \
		label=rack=a13 label=ssd 'mac=525400000001&serial=PF-2' 'rack=a12&hostname=web3' other=x; do
		[ "$(status_of "/metadata?$query")" = 404 ] || { echo "$query"; return 1; }
	done
	[ "$(status_of "/metadata?rack=a12")" = 409 ]
	says "/metadata?rack=a12" 'several nodes are meant, web1 and web2 among them'
	[ "$(status_of "/metadata?mac=5")" = 400 ]
	[ "$(status_of "/metadata?nonce=1")" = 400 ]
	[ "$(status_of /metadata)" = 400 ]
	[ "$(status_of "/metadata?$(printf 'a%s=&' {1..65})")" = 400 ]
	# a loader that tells no MAC
	says "/ipxe?uuid=8f2c1c1e-0f3b-4a0e-9a55-525400000001" 'provision.mac=52:54:00:00:00:01 '
}

@test "what a machine told when it claimed names it from then on" {
	daemon_start
	[ "$(status_of "/metadata?uuid=11111111-2222-3333-4444-555555555555")" = 404 ]
	ask a /v1/claim "$(claim_body 52:54:00:00:00:01 11111111-2222-3333-4444-555555555555 "$(disk S1)")"
	[ "$status" = 200 ]
	net_until says "/metadata?uuid=11111111-2222-3333-4444-555555555555" HOSTNAME=web1
	# the MAC is right and the UUID is another machine's
	[ "$(status_of "/metadata?mac=525400000001&uuid=11111111-2222-3333-4444-555555555556")" = 404 ]
}

@test "/metadata has the record and the request as lines, and no more lines than that" {
	printf 'metadata: {etcd_name: node1, port: 2379}\n' >>"$PROVISION_CONFIG/nodes/web1.yaml"
	daemon_start
	run get "/metadata?mac=52-54-00-00-00-01&foo=a%20b%0aROLE=evil&x-y=%22"
	[ "$status" = 0 ]
	for line in MAC=52:54:00:00:00:01 HOSTNAME=web1 ROLE=worker ARCH=amd64 IMAGE=debian-13 ETCD_NAME=node1 \
		PORT=2379 REQUEST_QUERY_MAC=52:54:00:00:00:01 'REQUEST_QUERY_FOO=a b\x0aROLE\x3devil' \
		'REQUEST_QUERY_X_Y=\x22' 'REQUEST_RAW_QUERY=mac=52-54-00-00-00-01&foo=a%20b%0AROLE=evil&x-y=%22'; do
		grep -qxF "$line" <<<"$output" || { echo "$line: $output"; return 1; }
	done
	[[ $output != *$'\n'ROLE=evil* ]]
}

@test "/generic and /cloud are the operator's texts, with the values of the node" {
	mkdir "$PROVISION_CONFIG/generic" "$PROVISION_CONFIG/cloud"
	echo 'metadata: {disk: /dev/sda}' >>"$PROVISION_CONFIG/nodes/web1.yaml"
	echo 'install {{ hostname }} on {{ metadata.disk }} of {{ node.arch }}: {{{{x}}' \
		>"$PROVISION_CONFIG/generic/web1.txt"
	printf '#cloud-config\nhostname: {{ hostname }}\n' >"$PROVISION_CONFIG/cloud/default.yaml"
	daemon_start
	run get "/generic?mac=525400000001"
	[ "$output" = 'install web1 on /dev/sda of amd64: {{x}}' ]
	run get "/cloud?mac=525400000001" -i
	[[ $output == *'Content-Type: text/cloud-config'*'#cloud-config'*'hostname: web1' ]]
	[ "$(status_of "/cloud?mac=525400000099")" = 404 ]
	echo '{{ metadata.dsk }}' >"$PROVISION_CONFIG/generic/web1.txt"
	net_until says "/generic?mac=525400000001" 'generic/web1.txt:1:1: unknown name \"metadata.dsk\"; did you mean \"disk\"?'
	rm "$PROVISION_CONFIG/generic/web1.txt"
	net_until says "/generic?mac=525400000001" 'neither generic/web1.txt nor generic/default.txt'
	# a broken text is told, and the last good ones stay
	echo '{{ x' >"$PROVISION_CONFIG/cloud/default.yaml"
	net_until grep -q 'cloud/default.yaml:1:1: a reference is written' "$BATS_TEST_TMPDIR/daemon.log"
	says "/cloud?mac=525400000001" 'hostname: web1'
}

IGNITION_TYPE=application/vnd.coreos.ignition+json

# valid FILE: ignition-validate says neither error nor warning. It reads up to 3.3.
valid() {
	run ignition-validate "$1"
	if [ "$status" -ne 0 ] || [ -n "$output" ]; then
		echo "$1: $status: $output"
		return 1
	fi
}

@test "/ignition is a pure config, in the version of the spec that the client reads" {
	daemon_start
	run get "/ignition?mac=52:54:00:00:00:01" -i -A Ignition/2.14.0 -H "Accept: $IGNITION_TYPE;version=3.3.0, */*;q=0.1"
	[[ $output == *"Content-Type: $IGNITION_TYPE; version=3.3.0"* ]]
	run get "/ignition?hostname=web1" -i -A Ignition/2.15.0
	[[ $output == *"Content-Type: $IGNITION_TYPE; version=3.4.0"* ]]
	[[ $output == *'"version":"3.4.0"'* ]]
	[[ $output != *'"provision":'* ]]
	run get "/ignition?mac=52:54:00:00:00:01" -A Ignition/0.35.0 -w '%{http_code}'
	[[ $output == *'older versions of Ignition'*400 ]]
	[ "$(status_of "/ignition?mac=52:54:00:00:00:09")" = 404 ]
	get "/ignition?mac=525400000001" -A Ignition/2.14.0 >"$BATS_TEST_TMPDIR/config.ign"
	valid "$BATS_TEST_TMPDIR/config.ign"
	# the same again, from memory
	get "/ignition?mac=525400000001" -A Ignition/2.14.0 | cmp - "$BATS_TEST_TMPDIR/config.ign"
}

@test "what ignition-validate says of every shipped template: nothing" {
	local flavour

	provision add-node 52:54:00:00:00:02 --name cp1 --role control-plane --address 10.9.0.10/24 >/dev/null
	provision add-node 52:54:00:00:00:03 --name web3 --role worker --label rack=a --kernel-argument quiet >/dev/null
	for flavour in 'network: none' 'network: bridge'; do
		sed -i "s/^\( *\)network: .*/\1$flavour/" "$PROVISION_CONFIG/cluster.yaml"
		for node in web1 cp1 web3; do
			provision render "$node" ignition --spec 3.3 >"$BATS_TEST_TMPDIR/$node.ign"
			valid "$BATS_TEST_TMPDIR/$node.ign"
			# upstream had 3.4 as an experiment then
			provision render "$node" ignition --spec 3.4 |
				jq '.ignition.version = "3.4.0-experimental"' >"$BATS_TEST_TMPDIR/$node.ign"
			valid "$BATS_TEST_TMPDIR/$node.ign"
		done
	done
	jq -e '[.storage.files[].path] | index("/usr/local/sbin/pod-network")' "$BATS_TEST_TMPDIR/web1.ign"
	printf k3s >"$BATS_TEST_TMPDIR/k3s"
	provision assets add k3s --version 1.31.4+k3s1 "$BATS_TEST_TMPDIR/k3s" >/dev/null
	sed -i 's/^\( *\)network: .*/\1network: flannel/; s/^\( *\)version: .*/\1version: 1.31.4+k3s1/; s/^\( *\)flavour: .*/\1flavour: k3s/' \
		"$PROVISION_CONFIG/cluster.yaml"
	provision check
	provision render web1 ignition --spec 3.3 >"$BATS_TEST_TMPDIR/web1.ign"
	valid "$BATS_TEST_TMPDIR/web1.ign"
	jq -e '[.storage.directories[].path] | index("/etc/rancher/k3s")' "$BATS_TEST_TMPDIR/web1.ign"
	jq -e '[.storage.files[].path] | index("/etc/tmpfiles.d/ignition-modes.conf")' "$BATS_TEST_TMPDIR/web1.ign"
}

@test "a config with a secret goes only to the boot in progress, while it is asked for" {
	local nonce

	mkdir -p "$PROVISION_CONFIG/templates"
	cat >"$PROVISION_CONFIG/templates/role-worker.yaml" <<-'END'
		storage:
		  files:
		    - path: /etc/secret
		      mode: 0600
		      contents:
		        inline: hidden
	END
	provision add-node 52:54:00:00:00:02 --name web2 --role worker >/dev/null
	daemon_start
	run get "/ignition?mac=525400000001" -w '%{http_code}'
	[[ $output == *'$.storage.files['*'].contents.source is a secret: web1 gets it only with the nonce'*403 ]]
	[[ $output != *aGlkZGVu* ]]
	[ "$(status_of "/ignition?mac=525400000001&nonce=$(nonce_of 525400000002)")" = 403 ]
	[ "$(status_of "/ignition?mac=525400000001&nonce=00")" = 403 ]
	nonce=$(nonce_of 525400000001)
	says "/ignition?mac=52-54-00-00-00-01&uuid=another&nonce=$nonce" aGlkZGVu
	# what is in memory now is no more public than before
	[ "$(status_of "/ignition?mac=525400000001")" = 403 ]
	provision cancel web1
	net_until status_is "/ignition?mac=525400000001&nonce=$nonce" 403
}

# status_is PATH CODE
status_is() {
	[ "$(status_of "$1")" = "$2" ]
}
