#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Plain HTTP of provisiond: scripts, files, and what nobody should send.

load daemon.bash

setup() {
	daemon_create
	provision add-node 52:54:00:00:00:01 --name web1 --role worker >/dev/null
	printf 'hello, asset' >"$PROVISION_STATE/assets/small.txt"
	echo secret >"$PROVISION_STATE/outside.txt"
	ln -s ../outside.txt "$PROVISION_STATE/assets/link.txt"
	mkfifo "$PROVISION_STATE/assets/fifo"
	echo half >"$PROVISION_STATE/assets/.half"
	daemon_start
}

teardown() {
	net_remove
}

@test "a machine whose installation was asked for gets the install script, any form of its MAC" {
	for mac in 52:54:00:00:00:01 52-54-00-00-00-01 525400000001; do
		run get "/ipxe?mac=$mac"
		[[ $output == *"$DAEMON_HTTP/assets/boot/debian-13-amd64/vmlinuz"* ]]
		[[ $output == *"provision.url=$DAEMON_API "* ]]
		[[ $output == *"provision.mac=52:54:00:00:00:01 BOOTIF=01-52-54-00-00-00-01 "* ]]
	done
	digest=$(openssl x509 -in "$PROVISION_STATE/public/ca.crt" -outform der | sha256sum)
	[[ $output == *"provision.ca=${digest%% *} "* ]]
}

# has_script MAC TEXT
has_script() {
	[[ $(get "/ipxe?mac=$1") == *"$2"* ]]
}

@test "kernel arguments of a node are those of its boot environment, too" {
	provision add-node 52:54:00:00:00:05 --name web5 --role worker --kernel-argument nomodeset --kernel-argument console=ttyS1,115200
	net_until has_script "52:54:00:00:00:05" "panic=30 nomodeset console=ttyS1,115200 || goto again"
	run get "/ipxe?mac=52:54:00:00:00:01"
	[[ $output == *"panic=30  || goto again"* ]]
}

@test "an unknown machine is told its command, recorded, and can be forgotten by being added" {
	run get "/ipxe?mac=52:54:00:00:00:99&arch=amd64&uuid=abc%0adef"
	[[ $output == *"provision add-node 52:54:00:00:00:99"* ]]
	run provision status --json
	[ "$(jq -r '.unknown[0].mac' <<<"$output")" = 52:54:00:00:00:99 ]
	[ "$(jq -r '.unknown[0].uuid' <<<"$output")" = 'abc\x0adef' ]
}

@test "unknown machines are capped, however many there are" {
	for i in {0..299}; do
		printf 'url = "%s/ipxe?mac=525401%06x"\noutput = /dev/null\n' "$DAEMON_HTTP" "$i"
	done >"$BATS_TEST_TMPDIR/curlrc"
	net_exec server curl -sS -K "$BATS_TEST_TMPDIR/curlrc"
	run provision status --json
	[ "$(jq '.unknown | length' <<<"$output")" = 256 ]
}

@test "a MAC that is none is an error that names it" {
	run get "/ipxe?mac=52:54:00:00:00" -w '%{http_code}'
	[[ $output == *52:54:00:00:00*400 ]]
	run get /ipxe -w '%{http_code}'
	[[ $output == *'say which machine: mac='*400 ]]
}

@test "files have a type, a size, a tag and ranges" {
	run get /assets/small.txt -i
	[[ $output == *'Content-Length: 12'* ]]
	[[ $output == *'Accept-Ranges: bytes'* ]]
	[[ $output == *'hello, asset' ]]
	etag=$(sed -n 's/^ETag: \(.*\)\r$/\1/p' <<<"$output")
	run get /assets/small.txt -H "If-None-Match: $etag" -w '%{http_code}'
	[ "$output" = 304 ]
	run get /assets/small.txt -r 7-8 -w '%{http_code}'
	[ "$output" = as206 ]
	run get /assets/small.txt -r 7- -i
	[[ $output == *'Content-Range: bytes 7-11/12'*asset ]]
	run get /assets/small.txt -r -3
	[ "$output" = set ]
	run get /assets/small.txt -r 12- -w '%{http_code}'
	[ "$output" = 416 ]
	# another version of the file: the whole of it
	run get /assets/small.txt -r 7-8 -H 'If-Range: "other"' -w '%{http_code}'
	[ "$output" = 'hello, asset200' ]
	run get /assets/small.txt -I
	[[ $output == *'Content-Length: 12'* ]]
	run get /assets/manifest.json -I
	[[ $output == *'Content-Type: application/json'* ]]
}

@test "a large file resumes where it broke off" {
	local file=$PROVISION_STATE/assets/images/debian-13-amd64.tar.zst

	get /assets/images/debian-13-amd64.tar.zst -r 0-4999 -o "$BATS_TEST_TMPDIR/got"
	get /assets/images/debian-13-amd64.tar.zst -C - -o "$BATS_TEST_TMPDIR/got"
	cmp "$file" "$BATS_TEST_TMPDIR/got"
}

@test "nothing outside the assets is ever served" {
	for path in /assets/../outside.txt /assets/%2e%2e/outside.txt /assets/%2e%2e%2foutside.txt \
		/assets/..%2foutside.txt /assets/boot/../../outside.txt /assets//etc/passwd \
		/assets/%2fetc/passwd /assets/link.txt /assets/.half /assets/boot \
		/assets/ /assets/fifo /assets/small.txt/ /assets/small.txt%00.png/x \
		'/assets/..\outside.txt' /assets/..%5coutside.txt /assets/.%2e/outside.txt \
		/../store/state.db /store/state.db /secrets/tls-ca.key; do
		run get "$path" -w '%{http_code}'
		[[ $output == *404 ]] || { echo "$path: $output"; return 1; }
		[[ $output != *secret* ]]
	done
}

@test "other methods are refused" {
	run get /ipxe -X DELETE -w '%{http_code}'
	[[ $output == *501 ]]
	run get /ipxe -d x -w '%{http_code}'
	[[ $output == *405 ]]
}

@test "garbage is survived" {
	raw() {
		net_exec server timeout 5 socat -t1 - TCP:10.9.0.1:8080 || true
	}
	head -c 100000 /dev/urandom | raw >/dev/null
	printf 'GET / HTTP/9.9\r\n\r\n' | raw >/dev/null
	printf 'GET %s HTTP/1.1\r\nHost: x\r\n\r\n' "/$(head -c 100000 /dev/zero | tr '\0' a)" | raw >/dev/null
	{
		printf 'GET /ca.crt HTTP/1.1\r\nHost: x\r\n'
		for i in {1..3000}; do printf 'X-%s: %s\r\n' "$i" y; done
		printf '\r\n'
	} | raw >/dev/null
	printf 'POST /ipxe HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n' | raw >/dev/null
	printf 'POST /ipxe HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffff\r\n' | raw >/dev/null
	daemon_answers
	kill -0 "$DAEMON_PID"
}

@test "a bad edit keeps the last good configuration, says where, and is mended" {
	echo 'nmae: web2' >"$PROVISION_CONFIG/nodes/web2.yaml"
	net_until grep -q 'web2.yaml:1:1: .*nmae' "$BATS_TEST_TMPDIR/daemon.log"
	grep -q 'last good configuration stays in force' "$BATS_TEST_TMPDIR/daemon.log"
	run get "/ipxe?mac=525400000001"
	[[ $output == *vmlinuz* ]]
	rm "$PROVISION_CONFIG/nodes/web2.yaml"
	net_until grep -q 'configuration loaded: 1 nodes' "$BATS_TEST_TMPDIR/daemon.log"
}

@test "SIGTERM ends it cleanly, and a port that is taken is named" {
	run net_exec server "$net_build/provisiond" -d --user nobody
	[ "$status" -ne 0 ]
	[[ $output == *'another provisiond'* || $output == *'8080 is taken by provisiond'* ]]
	kill "$DAEMON_PID"
	wait "$DAEMON_PID" || { cat "$BATS_TEST_TMPDIR/daemon.log"; return 1; }
}
