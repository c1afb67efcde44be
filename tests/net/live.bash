# SPDX-License-Identifier: Apache-2.0
# A machine whose image runs in memory, played by a root of its own over the host's: the config as it is
# served, its very script, loop devices for its disks. Stand-ins, below tests/net/live: lsblk (gives the
# loop devices serials), systemctl, ctr, kubeadm, kubectl, the API server. Sourced by the .bats files.
# shellcheck shell=bash

load daemon.bash

LIVE_MAC=52:54:00:00:00:07

# live_create: a cluster with a Ready control plane and an API server, and the record of `mem1`.
live_create() {
	local name

	daemon_create
	LIVE_LOOPS=()
	: >"$BATS_TEST_TMPDIR/disks"
	for name in kubeadm kubelet kubectl crictl; do
		cp "$net_source/tests/net/live/$name" "$BATS_TEST_TMPDIR/bin/$name" 2>/dev/null ||
			printf '#!/bin/sh\n' >"$BATS_TEST_TMPDIR/bin/$name"
	done
	mkdir -p "$PROVISION_STATE/assets/boot/ignition-lab-amd64"
	for name in vmlinuz initrd rootfs.img; do
		echo "$name" >"$PROVISION_STATE/assets/boot/ignition-lab-amd64/$name"
	done
	provision assets add kubernetes --version 1.31.4 --arch amd64 "$BATS_TEST_TMPDIR"/bin/* >/dev/null
	provision add-node 52:54:00:00:00:01 --name cp1 --role control-plane --address 10.9.0.10/24 >/dev/null
	provision add-node "$LIVE_MAC" --name mem1 --role worker "$@" >/dev/null
	cat >>"$PROVISION_CONFIG/nodes/mem1.yaml"
	daemon_start
	live_control_plane
	net_host mem "$LIVE_MAC" 10.9.0.7/24
}

# The cluster that the record's node joins.
live_control_plane() {
	local plan pki=$PROVISION_STATE/secrets/pki

	ask cp /v1/claim "$(claim_body 52:54:00:00:00:01 u-cp "$(disk CP-1)")"
	plan=$(field planId)
	installed cp "$plan" 52:54:00:00:00:01 cp1
	is_ready cp "$plan" 52:54:00:00:00:01 cp1 8
	[ "$(node_state cp1)" = ready ] || return 1
	net_host api 52:54:00:00:00:0a 10.9.0.10/24
	openssl req -new -newkey rsa:2048 -nodes -subj /CN=kube-apiserver -keyout "$BATS_TEST_TMPDIR/api.key" \
		-out "$BATS_TEST_TMPDIR/api.csr" 2>/dev/null
	openssl x509 -req -in "$BATS_TEST_TMPDIR/api.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -days 1 \
		-set_serial 7 -extfile <(echo subjectAltName=IP:10.9.0.10) -out "$BATS_TEST_TMPDIR/api.crt" 2>/dev/null
	net_start api "$BATS_TEST_TMPDIR/api.log" python3 "$net_source/tests/net/live/api.py" \
		"$BATS_TEST_TMPDIR/api.crt" "$BATS_TEST_TMPDIR/api.key" "$BATS_TEST_TMPDIR/api"
	net_until net_exec api curl -ks -o /dev/null https://10.9.0.10:6443/
}

# live_disk SERIAL: a blank one more; its device is in $LIVE_LOOP.
live_disk() {
	truncate -s 300M "$BATS_TEST_TMPDIR/$1.img"
	LIVE_LOOP=$(losetup --find --show --partscan "$BATS_TEST_TMPDIR/$1.img")
	LIVE_LOOPS+=("$LIVE_LOOP")
	echo "${LIVE_LOOP#/dev/} $1" >>"$BATS_TEST_TMPDIR/disks"
}

# live_boot [COMMAND]: one boot from the netboot's answer up to the end of the script; COMMAND runs on
# the machine then. LIVE_SECONDS bounds it (60), LIVE_NONCE is another nonce for the claim, LIVE_WORD a
# word that it shows, LIVE_TRIES how often the script is begun (1). What $BATS_TEST_TMPDIR/at says happens at an
# event: see live/curl.
live_boot() {
	local nonce

	nonce=$(get "/ipxe?mac=$LIVE_MAC" | sed -n 's/.*[?&]nonce=\([0-9a-f]*\).*/\1/p')
	[ -n "$nonce" ] || return 90
	get "/ignition?mac=$LIVE_MAC&nonce=$nonce" -f >"$BATS_TEST_TMPDIR/config.ign" || return 91
	rm -rf "$BATS_TEST_TMPDIR/files"
	jq -r '.storage.files[] | [.path, .mode // 420, (.contents.source | sub("^data:[^,]*,"; ""))] | @tsv' \
		"$BATS_TEST_TMPDIR/config.ign" >"$BATS_TEST_TMPDIR/files.tsv"
	net_exec mem env LIVE_DIR="$BATS_TEST_TMPDIR" LIVE_TOOLS="$net_source/tests/net/live" \
		LIVE_NONCE="${LIVE_NONCE:-}" LIVE_WORD="${LIVE_WORD:-}" LIVE_TRIES="${LIVE_TRIES:-1}" \
		timeout "${LIVE_SECONDS:-60}" unshare --mount --propagation private \
		bash "$net_source/tests/net/live/machine" "${1:-true}" 3>&-
}

live_remove() {
	local loop

	net_remove
	for loop in "${LIVE_LOOPS[@]}"; do
		losetup --detach "$loop"
	done
}

# live_uuid SERIAL: of the btrfs on that disk.
live_uuid() {
	blkid -p -s UUID -o value "$BATS_TEST_TMPDIR/$1.img"
}
