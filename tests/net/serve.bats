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

# intent NAME STATE: what has become of its newest one.
intent() {
	python3 - "$PROVISION_STATE/store/state.db" "$1" "$2" <<-'END'
		import sqlite3, sys
		db = sqlite3.connect(sys.argv[1])
		with db:
		    db.execute("UPDATE intents SET state = ?, done_ms = 1 WHERE node = ?", (sys.argv[3], sys.argv[2]))
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
