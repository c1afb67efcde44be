#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names from net.bash
# in.tftpd under supervision, with the TFTP clients that people have.

load net.bash

setup() {
	net_create
	net_host a 52:54:00:00:00:0a 10.9.0.2/24
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/arm64"
	echo '#!ipxe' >"$root/autoexec.ipxe"
	head -c 100000 /dev/urandom >"$root/undionly.kpxe"
	head -c 512 /dev/urandom >"$root/arm64/ipxe.efi"
	chmod -R a+rX "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR"
}

teardown() {
	net_remove
}

# Up to the file that was read as the proof.
start() {
	server_start --mode proxy --tftp-root "$root"
	net_until grep -q '^tftp ready' "$BATS_TEST_TMPDIR/server.log"
}

# The process that listens.
listener() {
	local pid

	for pid in $(ip netns pids "$SERVER"); do
		[ "$(cat "/proc/$pid/comm" 2>/dev/null)" != in.tftpd ] || echo "$pid"
	done
}

gone() {
	[ -z "$(listener)" ]
}

@test "loaders are given out, byte for byte" {
	start
	net_exec a atftp --get -r undionly.kpxe -l "$BATS_TEST_TMPDIR/got" 10.9.0.1
	cmp "$root/undionly.kpxe" "$BATS_TEST_TMPDIR/got"
	net_exec a atftp --option 'blksize 1468' --get -r arm64/ipxe.efi -l "$BATS_TEST_TMPDIR/got2" 10.9.0.1
	cmp "$root/arm64/ipxe.efi" "$BATS_TEST_TMPDIR/got2"
}

@test "absent files, ways out of the root, and writing are refused" {
	start
	echo secret >"$BATS_TEST_TMPDIR/secret"
	for name in absent ../secret /etc/hostname arm64/../../secret; do
		run net_exec a atftp --get -r "$name" -l "$BATS_TEST_TMPDIR/got" 10.9.0.1
		[ "$status" != 0 ]
	done
	run net_exec a atftp --put -r new -l "$BATS_TEST_TMPDIR/secret" 10.9.0.1
	[ "$status" != 0 ]
	[ ! -e "$root/new" ]
	net_exec a atftp --get -r undionly.kpxe -l "$BATS_TEST_TMPDIR/got" 10.9.0.1
}

@test "it does not run as root, with four capabilities" {
	start
	pid=$(listener)
	[ "$(awk '$1 == "Uid:" {print ($2 != 0 && $3 != 0 && $4 != 0)}' "/proc/$pid/status")" = 1 ]
	# CAP_SETGID, CAP_SETUID, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT
	[ "$(awk '$1 == "CapPrm:" {print $2}' "/proc/$pid/status")" = 00000000000404c0 ]
}

@test "it is started again when it dies" {
	start
	first=$(listener)
	kill -KILL "$first"
	net_until grep -q "process $first) was killed by signal 9; started again" "$BATS_TEST_TMPDIR/server.log"
	ready_again() {
		[ "$(grep -c '^tftp ready' "$BATS_TEST_TMPDIR/server.log")" = 2 ]
	}
	net_until ready_again
	[ "$(listener)" != "$first" ]
	net_exec a atftp --get -r undionly.kpxe -l "$BATS_TEST_TMPDIR/got" 10.9.0.1
}

@test "it ends with the daemon, also after kill -9" {
	start
	net_end "$SERVER_PID"
	net_until gone
	start
	[ -n "$(listener)" ]
	net_end "$SERVER_PID" -KILL
	net_until gone
}

@test "a taken port is told with its holder and what to do" {
	net_start server "$BATS_TEST_TMPDIR/other.log" in.tftpd --foreground --address 10.9.0.1:69 \
		--user nobody "$root"
	net_until listener
	net_until [ -n "$(net_exec server ss -Hlun 'sport = :69')" ]
	run net_exec server "$net_build/tests/net/dhcp_host" --interface lan --tftp-root "$root"
	[ "$status" = 1 ]
	[[ $output == *"UDP port 69 on 10.9.0.1 is taken by in.tftpd (process $NET_PID)"*"systemctl disable --now tftpd-hpa"* ]]
}

@test "a root that cannot be read is not called ready" {
	rm "$root/autoexec.ipxe"
	server_start --mode proxy --tftp-root "$root"
	net_until grep -q '^tftp failed: .*does not give out autoexec.ipxe' "$BATS_TEST_TMPDIR/server.log"
}
