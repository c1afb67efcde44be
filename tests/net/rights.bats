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

# The daemon answers before its keeper has given up the last of its rights.
keeper() {
	net_until keeper_is_locked
	pgrep -P "$DAEMON_PID" -x keeper
}

keeper_is_locked() {
	local pid

	pid=$(pgrep -P "$DAEMON_PID" -x keeper) && [ "$(proc "$pid" Seccomp)" = 2 ]
}

@test "the wire-facing process is another user without capabilities, locked by seccomp" {
	daemon_start
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
	daemon_start
	pid=$(keeper)
	[ "$(proc "$pid" CapEff)" = 0000000000000004 ]
	[ "$(proc "$pid" Seccomp)" = 2 ]
	[ "$(proc "$pid" NoNewPrivs)" = 1 ]
	# no socket but its pair, no store
	[ "$(ls -l "/proc/$pid/fd" | grep -c socket:)" = 1 ]
	! ls -l "/proc/$pid/fd" | grep store
}

@test "with these rights it serves, stores, mints and reloads" {
	daemon_start
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
	[ "$(stat -c %a:%U "$PROVISION_STATE")" = 755:root ]
	[ "$(stat -c %a:%U "$PROVISION_STATE/store")" = 750:nobody ]
	[ "$(stat -c %U "$PROVISION_STATE/store/state.db")" = nobody ]
	[ "$(stat -c %a:%U "$PROVISION_STATE/secrets")" = 700:root ]
	# a command of root without the daemon leaves files that the daemon can write
	net_end "$DAEMON_PID"
	provision reinstall cp1 --discard-cluster-state >/dev/null
	daemon_start
	provision reinstall cp1 --discard-cluster-state >/dev/null
}

@test "its user can put nothing in the place of the keys, nor lead root astray" {
	local as_nobody=(setpriv --reuid nobody --regid nogroup --clear-groups)

	daemon_start
	run "${as_nobody[@]}" mv "$PROVISION_STATE/secrets" "$PROVISION_STATE/x"
	[ "$status" -ne 0 ]
	[ -d "$PROVISION_STATE/secrets" ]
	net_end "$DAEMON_PID"
	# what it may change is its own directory, and there root is no more than itself
	echo mine >"$BATS_TEST_TMPDIR/roots"
	chmod 600 "$BATS_TEST_TMPDIR/roots"
	"${as_nobody[@]}" ln -sf "$BATS_TEST_TMPDIR/roots" "$PROVISION_STATE/store/state.db"
	run provision status
	[ "$status" -ne 0 ]
	[ "$(stat -c %U "$BATS_TEST_TMPDIR/roots")$(cat "$BATS_TEST_TMPDIR/roots")" = rootmine ]
	# another user does not inherit that either
	run net_exec server "$net_build/provisiond" -d --user root
	[ "$status" = 4 ]
	[[ $output == *'store/state.db in the state directory is no file of the store'* ]]
}

@test "without a user to become it does not start, and says what to do" {
	run net_exec server "$net_build/provisiond" -d --user nobody-of-this-name
	[ "$status" = 3 ]
	[[ $output == *'systemd-sysusers'*'useradd'* ]]
}

@test "as root it has no capabilities either, and says what that means" {
	daemon_start --user root
	[ "$(proc "$DAEMON_PID" CapEff)" = 0000000000000000 ]
	[ "$(proc "$DAEMON_PID" CapPrm)" = 0000000000000000 ]
	grep -q "can read every file of root's" "$BATS_TEST_TMPDIR/daemon.log"
	provision add-node 52:54:00:00:00:01 --name web1 --role worker >/dev/null
	[[ $(get "/ipxe?mac=525400000001") == *vmlinuz* ]]
}

@test "with these rights it lends addresses, durably" {
	sed -i 's/mode: off/mode: server/; s/# ranges:.*/ranges: [10.9.0.100-10.9.0.110]/' \
		"$PROVISION_CONFIG/cluster.yaml"
	daemon_start
	net_host a 52:54:00:00:00:0a
	run lease_of a
	[[ $output == *"ip=10.9.0.1"* ]]
	first=$(sed -n 's/^ip=\([^ ]*\).*/\1/p' <<<"$output")
	net_end "$DAEMON_PID" -KILL
	daemon_start
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
	run provision status
	[ "$status" = 9 ]
	[[ $output == *"process $DAEMON_PID holds the state directory"* ]]
}

@test "a command that has the store for a moment does not keep the daemon from starting" {
	local lock=$PROVISION_STATE/store/lock

	provision status >/dev/null
	net_start server "$BATS_TEST_TMPDIR/holder.log" flock "$lock" sleep 1
	net_until eval '! flock -n "$lock" true'
	daemon_start
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
	for path in assets/.lock assets/.manifest.lock store/lock store/state.db; do
		run setpriv --reuid 1234 --regid 1234 --clear-groups flock -n "$PROVISION_STATE/$path" true
		[[ $output == *'Permission denied'* ]]
	done
	for path in assets assets/manifest.json; do
		net_start server "$BATS_TEST_TMPDIR/stranger.log" setpriv --reuid 1234 --regid 1234 \
			--clear-groups flock -x "$PROVISION_STATE/$path" sleep infinity
		net_until eval '! flock -n "$PROVISION_STATE/$path" true'
	done
	timeout 10 ip netns exec "$SERVER" "$net_build/provision" assets add kubernetes --version 1.31.5 \
		--arch amd64 "$BATS_TEST_TMPDIR/bin"/*
	net_until grep -q 'configuration loaded' "$BATS_TEST_TMPDIR/daemon.log"
	# what they may read they read, without the lock
	setpriv --reuid 1234 --regid 1234 --clear-groups "$net_build/provision" assets list |
		grep -q 1.31.5
}

@test "the lock of the manifest is the daemon's group's, and the daemon does not wait for it" {
	provision add-node 52:54:00:00:00:01 --name web1 --role worker >/dev/null
	daemon_start --user nobody
	[ "$(stat -c %a:%U:%G "$PROVISION_STATE/assets/.manifest.lock")" = 640:root:nogroup ]
	[ "$(stat -c %a:%U "$PROVISION_STATE/store/lock")" = 640:nobody ]
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
