#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A machine whose image runs in memory, by the config that it is served and the script in it.

bats_require_minimum_version 1.5.0
load live.bash

setup() {
	live_create <<-'END'
		image: ignition-lab
		storage:
		  pools:
		    - name: tank
		      disks: [{serial: T-1}, {serial: T-2}]
		      data: raid1
		      subvolumes: [{name: photos, mount: /srv/photos}, {name: "@kubelet", mount: /var/lib/kubelet}]
		      mount: /srv/tank
	END
}

teardown() {
	live_remove
}

@test "pools are made once, the node joins and is Ready; at the next boot they are adopted" {
	live_disk T-1
	live_disk T-2
	live_disk KEEP
	mkfs.ext4 -q "$LIVE_LOOP"
	foreign=$(cksum <"$BATS_TEST_TMPDIR/KEEP.img")
	live_boot 'echo mine >/srv/photos/file; btrfs filesystem df /srv/tank' >"$BATS_TEST_TMPDIR/boot" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/boot"
		return 1
	}
	cat "$BATS_TEST_TMPDIR/boot"
	grep -q 'Data, RAID1' "$BATS_TEST_TMPDIR/boot"
	[ "$(node_state mem1)" = ready ]
	uuid=$(live_uuid T-1)
	[ "$uuid" = "$(live_uuid T-2)" ]
	[ "$(jq -r .nodeRegistration.name "$BATS_TEST_TMPDIR/join.json")" = mem1 ]
	[ "$(jq -r '.nodeRegistration.kubeletExtraArgs[] | select(.name == "node-ip") | .value' "$BATS_TEST_TMPDIR/join.json")" = 10.9.0.7 ]
	token=$(jq -r .discovery.bootstrapToken.token "$BATS_TEST_TMPDIR/join.json")
	[[ $token =~ ^[a-z0-9]{6}\.[a-z0-9]{16}$ ]]
	run -1 grep -r "$token" "$BATS_TEST_TMPDIR/daemon.log" "$BATS_TEST_TMPDIR/boot" "$PROVISION_STATE/store"
	run -1 grep nodes "$BATS_TEST_TMPDIR/api"
	plan=$(provision status mem1 --json | jq -r '.nodes[] | select(.name == "mem1") | .intent.planId')

	live_boot 'cat /srv/photos/file' >"$BATS_TEST_TMPDIR/boot" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/boot"
		return 1
	}
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/boot")" = mine ]
	grep -q 'pools done: adopt tank' "$BATS_TEST_TMPDIR/boot"
	[ "$(live_uuid T-1)" = "$uuid" ]
	[ "$(node_state mem1)" = ready ]
	[ "$(provision status mem1 --json | jq -r '.nodes[] | select(.name == "mem1") | .intent.planId')" = "$plan" ]
	# its old Node object went first, and the token of then
	grep -q 'DELETE /api/v1/nodes/mem1' "$BATS_TEST_TMPDIR/api"
	grep -q "DELETE .*/bootstrap-token-${token%.*}" "$BATS_TEST_TMPDIR/api"
	provision events mem1 | grep -q 'claimed again by the same hardware at another boot'
	provision events mem1 | grep -q 'joins anew'
	[ "$(cksum <"$BATS_TEST_TMPDIR/KEEP.img")" = "$foreign" ]

	# once it is removed no boot gets anything any more
	provision remove-node mem1 >/dev/null
	net_until sh -c "! ip netns exec '$NET-server' curl -sS '$DAEMON_HTTP/ipxe?mac=$LIVE_MAC' | grep -q nonce="
}

# held TEXT: a boot is held for this reason, and nothing is written.
held() {
	local before

	before=$(cat "$BATS_TEST_TMPDIR"/*.img | cksum)
	# it ends with who reads what it says
	live_boot 2>&1 | tee "$BATS_TEST_TMPDIR/boot" | grep -m 1 -F -- "$1" || {
		cat "$BATS_TEST_TMPDIR/boot"
		return 1
	}
	[ "$(cat "$BATS_TEST_TMPDIR"/*.img | cksum)" = "$before" ]
}

@test "a disk that holds something waits for its serial to be named" {
	live_disk T-1
	live_disk T-2
	mkfs.ext4 -q "$LIVE_LOOP"
	held 'disk T-2: refusing to erase: holds ext4'
	[ "$(node_state mem1)" = waiting ]
	provision approve mem1 --erase T-2
	live_boot 'mountpoint /srv/tank'
	[ "$(node_state mem1)" = ready ]
	[ "$(live_uuid T-1)" = "$(live_uuid T-2)" ]
}

@test "a nonce of no boot, and other disks than were claimed, get nothing" {
	live_disk T-1
	live_disk T-2
	LIVE_NONCE=00000000000000000000000000000000 held '$.nonce is not of a boot of this machine'
	live_boot 'mountpoint /srv/tank'
	sed -i 's/T-2$/T-3/' "$BATS_TEST_TMPDIR/disks"
	held 'other hardware'
	provision events mem1 | grep -q 'other hardware'
	sed -i 's/T-3$/T-2/' "$BATS_TEST_TMPDIR/disks"
	# the pool was made: what became of its disks since, it is never made again
	wipefs -aq "$BATS_TEST_TMPDIR/T-2.img"
	held 'has 1 of its 2 disks in this machine; connect what is missing, or'
	[ -n "$(live_uuid T-1)" ]
	[ -z "$(live_uuid T-2)" ]
}

@test "a reinstall that is taken back leaves the machine what it had, an installation nothing" {
	live_disk T-1
	live_disk T-2
	provision cancel mem1
	LIVE_SECONDS=10 run live_boot
	[ "$status" = 90 ]
	[ -z "$(live_uuid T-1)" ]
	provision reinstall mem1
	live_boot 'echo mine >/srv/photos/file'
	uuid=$(live_uuid T-1)
	provision reinstall mem1
	provision cancel mem1
	[ "$(node_state mem1)" = ready ]
	live_boot 'cat /srv/photos/file' >"$BATS_TEST_TMPDIR/boot" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/boot"
		return 1
	}
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/boot")" = mine ]
	grep -q 'pools done: adopt tank' "$BATS_TEST_TMPDIR/boot"
	[ "$(live_uuid T-1)" = "$uuid" ]
	[ "$(node_state mem1)" = ready ]
	# and at its boot there is nothing that could be taken back
	run -10 provision cancel mem1
}

@test "an installation that is taken back after its claim stops before anything is written" {
	live_disk T-1
	live_disk T-2
	before=$(cat "$BATS_TEST_TMPDIR"/*.img | cksum)
	echo 'pools started touch /run/test/there; until [ -e /run/test/go ]; do sleep 0.1; done' >"$BATS_TEST_TMPDIR/at"
	live_boot >"$BATS_TEST_TMPDIR/boot" 2>&1 &
	boot=$!
	net_until test -e "$BATS_TEST_TMPDIR/there"
	provision cancel mem1
	touch "$BATS_TEST_TMPDIR/go"
	status=0
	wait "$boot" || status=$?
	[ "$status" = 1 ]
	cat "$BATS_TEST_TMPDIR/boot"
	grep -q 'the event is refused: .*taken back' "$BATS_TEST_TMPDIR/boot"
	[ "$(cat "$BATS_TEST_TMPDIR"/*.img | cksum)" = "$before" ]
	[ ! -e "$BATS_TEST_TMPDIR/asked" ]
}

@test "a pool whose making was cut short is made again, also in the same boot" {
	live_disk T-1
	live_disk T-2
	echo 'pools done kill -9 $PPID; exit' >"$BATS_TEST_TMPDIR/at"
	run live_boot
	[ "$status" -ne 0 ]
	uuid=$(live_uuid T-2)
	[ -n "$uuid" ]
	echo 'pools done kill -9 $PPID; exit' >"$BATS_TEST_TMPDIR/at"
	LIVE_TRIES=2 live_boot 'mountpoint /srv/photos; mountpoint /srv/tank; ! mountpoint /run/provision/top' \
		>"$BATS_TEST_TMPDIR/boot" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/boot"
		return 1
	}
	cat "$BATS_TEST_TMPDIR/boot"
	grep -q 'pools done: make tank' "$BATS_TEST_TMPDIR/boot"
	[ "$(grep -c 'pools started' "$BATS_TEST_TMPDIR/boot")" = 2 ]
	[ "$(live_uuid T-2)" = "$uuid" ]
	[ "$(node_state mem1)" = ready ]
}

# shelves: what /etc/shelf of the config that a boot is given now says.
shelves() {
	local nonce

	nonce=$(get "/ipxe?mac=$LIVE_MAC" | sed -n 's/.*[?&]nonce=\([0-9a-f]*\).*/\1/p')
	get "/ignition?mac=$LIVE_MAC&nonce=$nonce" -f |
		jq -r '.storage.files[] | select(.path == "/etc/shelf") | .contents.source | sub(".*,"; "")' | base64 -d
}

# shelf WORD: the record's own template says so, and the daemon knows it.
shelf() {
	mkdir -p "$PROVISION_CONFIG/templates"
	printf 'storage:\n  files:\n    - path: /etc/shelf\n      contents: {inline: %s}\n' "$1" \
		>"$PROVISION_CONFIG/templates/role-worker.yaml"
}

shelf_is() {
	[ "$(shelves)" = "$1" ]
}

is_drifted() {
	[ "$(provision status mem1 --json | jq -r '.nodes[] | select(.name == "mem1") | .drift')" = true ]
}

@test "an edit waits for a reinstall, which adds what is new to the pool that is there" {
	live_disk T-1
	live_disk T-2
	shelf lower
	net_until shelf_is lower || { shelves; false; }
	live_boot 'echo mine >/srv/photos/file'
	uuid=$(live_uuid T-1)
	shelf upper
	sed -i 's,subvolumes: \[,&{name: shelf/new\, mount: /srv/new}\, ,' "$PROVISION_CONFIG/nodes/mem1.yaml"
	net_until is_drifted
	shelf_is lower
	provision reinstall mem1
	shelf_is upper
	rm "$BATS_TEST_TMPDIR/asked"
	live_boot 'cp /run/test/asked /run/test/before; sh /etc/provision/start; cat /srv/photos/file; mountpoint /srv/new' \
		>"$BATS_TEST_TMPDIR/boot" 2>&1 || {
		cat "$BATS_TEST_TMPDIR/boot"
		return 1
	}
	cat "$BATS_TEST_TMPDIR/boot"
	grep -q 'pools done: adopt tank' "$BATS_TEST_TMPDIR/boot"
	grep -qx mine "$BATS_TEST_TMPDIR/boot"
	[ "$(live_uuid T-1)" = "$uuid" ]
	# what is Ready is left alone by a second start
	grep -q 'nothing to do' "$BATS_TEST_TMPDIR/boot"
	grep -q 'systemctl stop kubelet' "$BATS_TEST_TMPDIR/before"
	cmp "$BATS_TEST_TMPDIR/asked" "$BATS_TEST_TMPDIR/before"
	# and what is claimed is shown as it is served, without the boot's own nonce
	provision render mem1 ignition | jq -r '.storage.files[] | select(.path == "/etc/provision/env") | .contents.source' |
		sed 's/.*,//' | base64 -d | grep -x "PROVISION_NONCE='0'"
}

# live_post WORD PATH BODY
live_post() {
	printf 'Authorization: Bearer %s\n' "$1" >"$BATS_TEST_TMPDIR/headers"
	printf '%s' "$3" >"$BATS_TEST_TMPDIR/body"
	send "$2"
}

@test "what is told and asked for needs the word of the claim" {
	live_disk T-1
	live_disk T-2
	good=$(printf 'ab%.0s' {1..32}) bad=$(printf 'cd%.0s' {1..32})
	LIVE_WORD=$good live_boot
	plan=$(provision status mem1 --json | jq -r '.nodes[] | select(.name == "mem1") | .intent.planId')
	for word in "$bad" '' zz; do
		live_post "$word" /v1/live/join "{\"planId\":\"$plan\"}"
		[ "$status" = 403 ]
		live_post "$word" /v1/live/events "[$(event "$plan" "$LIVE_MAC" mem1 90 ready started)]"
		[ "$status" = 403 ]
	done
	provision events mem1 | grep -q 'join secrets were refused'
	# after Ready nothing is minted, for nobody
	live_post "$good" /v1/live/join "{\"planId\":\"$plan\"}"
	[ "$status" = 403 ]
	[[ $answer == *'is Ready'* ]]
	# the word is no key of an agent's, and the store does not have it
	ask x /v1/events "[]"
	[ "$status" = 403 ]
	run -1 grep -a "$good" "$PROVISION_STATE"/store/state.db* "$BATS_TEST_TMPDIR/daemon.log"
}

@test "the script is one that a shell and its checker understand" {
	live_disk T-1
	LIVE_SECONDS=10 run live_boot
	awk -F'\t' '$1 == "/etc/provision/start" { print $3 }' "$BATS_TEST_TMPDIR/files.tsv" | base64 -d >"$BATS_TEST_TMPDIR/start"
	shellcheck --shell=sh --exclude=SC2153 "$BATS_TEST_TMPDIR/start"
	dash -n "$BATS_TEST_TMPDIR/start"
}
