#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What provisiond and its keeper may still do while they serve.

load daemon.bash

setup() {
	daemon_create
}

teardown() {
	net_remove
}

# field of /proc/PID/status
proc() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

keeper() {
	pgrep -P "$DAEMON_PID" -x keeper
}

@test "the wire-facing process is another user without capabilities, locked by seccomp" {
	daemon_start --user nobody
	[ "$(proc "$DAEMON_PID" Uid)" = "$(printf '65534\t65534\t65534\t65534')" ]
	[ "$(proc "$DAEMON_PID" Groups)" = '' ]
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		[ "$(proc "$DAEMON_PID" $set)" = 0000000000000000 ]
	done
	[ "$(proc "$DAEMON_PID" NoNewPrivs)" = 1 ]
	[ "$(proc "$DAEMON_PID" Seccomp)" = 2 ]
	# every thread of it
	for status in /proc/"$DAEMON_PID"/task/*/status; do
		grep -q '^Seccomp:.2' "$status"
	done
	# no descriptor leads to the secrets
	! ls -l "/proc/$DAEMON_PID/fd" | grep secrets
}

@test "the keeper may read files, and nothing else" {
	daemon_start --user nobody
	pid=$(keeper)
	[ "$(proc "$pid" CapEff)" = 0000000000000004 ]
	[ "$(proc "$pid" Seccomp)" = 2 ]
	[ "$(proc "$pid" NoNewPrivs)" = 1 ]
	# no socket but its pair, no store
	[ "$(ls -l "/proc/$pid/fd" | grep -c socket:)" = 1 ]
	! ls -l "/proc/$pid/fd" | grep state
}

@test "with these rights it serves, stores, mints and reloads" {
	daemon_start --user nobody
	provision add-node 52:54:00:00:00:01 --name cp1 --role control-plane --address 10.9.0.10/24 >/dev/null
	ask a /v1/claim "$(claim_body 52:54:00:00:00:01 u-1 "$(disk WD-1)")"
	[ "$status" = 200 ]
	plan=$(field planId)
	installed a "$plan" 52:54:00:00:00:01 cp1
	[ "$status" = 200 ]
	ask a /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 200 ]
	[ "$(field kind)" = kubeadm-init ]
	provision kubeconfig | grep -q client-key-data
	[ "$(stat -c %U "$PROVISION_STATE/state.db")" = nobody ]
	[ "$(stat -c %a:%U "$PROVISION_STATE/secrets")" = 700:root ]
	# a command of root without the daemon leaves files that the daemon can write
	net_end "$DAEMON_PID"
	provision reinstall cp1 >/dev/null
	daemon_start --user nobody
	provision reinstall cp1 >/dev/null
}

@test "without a user to become it has no capabilities either" {
	daemon_start
	[ "$(proc "$DAEMON_PID" CapEff)" = 0000000000000000 ]
	[ "$(proc "$DAEMON_PID" CapPrm)" = 0000000000000000 ]
	provision add-node 52:54:00:00:00:01 --name web1 --role worker >/dev/null
	[[ $(get "/ipxe?mac=525400000001") == *vmlinuz* ]]
}

@test "with these rights it lends addresses, durably" {
	sed -i 's/mode: off/mode: server/; s/# ranges:.*/ranges: [10.9.0.100-10.9.0.110]/' \
		"$PROVISION_CONFIG/cluster.yaml"
	daemon_start --user nobody
	net_host a 52:54:00:00:00:0a
	run lease_of a
	[[ $output == *"ip=10.9.0.1"* ]]
	first=$(sed -n 's/^ip=\([^ ]*\).*/\1/p' <<<"$output")
	net_end "$DAEMON_PID" -KILL
	daemon_start --user nobody
	run lease_of a
	[[ $output == *"ip=$first "* ]]
	# a machine without a record that asks for a boot file is remembered
	run net_exec a udhcpc -i e0 -f -q -n -t 4 -T 1 -V PXEClient -x 0x5d:0000 \
		-s "$net_source/tests/net/udhcpc.script"
	net_until eval "provision status --json | jq -e '.unknown[0].mac == \"52:54:00:00:00:0a\"'"
}

@test "the store stays with one process" {
	daemon_start
	rm "$PROVISION_RUN/ctl"
	run provision reinstall nobody
	[ "$status" = 9 ]
	[[ $output == *"process $DAEMON_PID holds the state directory"* ]]
}

@test "when the keeper dies, provisiond ends, to be started anew" {
	daemon_start
	kill -KILL "$(keeper)"
	net_until eval '! kill -0 $DAEMON_PID 2>/dev/null'
	grep -q 'keeper process has ended' "$BATS_TEST_TMPDIR/daemon.log"
}

@test "the keeper ends with provisiond, however that ends" {
	daemon_start
	pid=$(keeper)
	net_end "$DAEMON_PID" -KILL
	net_until eval '! kill -0 $pid 2>/dev/null'
}

@test "strangers may not talk to the control socket" {
	daemon_start
	chmod 666 "$PROVISION_RUN/ctl"
	run net_exec server setpriv --reuid 1234 --regid 1234 --clear-groups \
		"$net_build/provision" status
	[ "$status" -ne 0 ]
}

@test "strangers cannot hold up the daemon, or who signs assets, by a lock" {
	daemon_start
	provision add-node 52:54:00:00:00:01 --name web1 --role worker >/dev/null
	for path in assets/.lock assets/.manifest.lock lock state.db; do
		run setpriv --reuid nobody --regid nogroup --clear-groups flock -n "$PROVISION_STATE/$path" true
		[[ $output == *'Permission denied'* ]]
	done
	for path in assets assets/manifest.json; do
		net_start server "$BATS_TEST_TMPDIR/stranger.log" setpriv --reuid nobody --regid nogroup \
			--clear-groups flock -x "$PROVISION_STATE/$path" sleep infinity
		net_until eval '! flock -n "$PROVISION_STATE/$path" true'
	done
	timeout 10 ip netns exec "$SERVER" "$net_build/provision" assets add kubernetes --version 1.31.5 \
		--arch amd64 "$BATS_TEST_TMPDIR/bin"/*
	net_until grep -q 'configuration loaded' "$BATS_TEST_TMPDIR/daemon.log"
	# what they may read they read, without the lock
	setpriv --reuid nobody --regid nogroup --clear-groups "$net_build/provision" assets list |
		grep -q 1.31.5
}

@test "the lock of the manifest is the daemon's group's, and the daemon does not wait for it" {
	provision add-node 52:54:00:00:00:01 --name web1 --role worker >/dev/null
	daemon_start --user nobody
	[ "$(stat -c %a:%U:%G "$PROVISION_STATE/assets/.manifest.lock")" = 640:root:nogroup ]
	[ "$(stat -c %a:%U "$PROVISION_STATE/lock")" = 640:nobody ]
	exec {lock}<"$PROVISION_STATE/assets/.manifest.lock"
	flock -x "$lock"
	sed -i 's/role: worker/&\nlabels: {a: b}/' "$PROVISION_CONFIG/nodes/web1.yaml"
	run provision add-node 52:54:00:00:00:02 --name web2 --role worker
	[ "$status" = 9 ]
	[[ $output == *'try again'* ]]
	[[ $(get "/ipxe?mac=525400000001") == *vmlinuz* ]]
	# tried again by itself, when the lock is free
	exec {lock}<&-
	net_until grep -q 'configuration loaded' "$BATS_TEST_TMPDIR/daemon.log"
	! grep -q 'last good configuration' "$BATS_TEST_TMPDIR/daemon.log"
}
