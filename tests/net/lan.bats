#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154 # names from net.bash
# ./quickstart --lan up to its question.

load net.bash

setup() {
	net_create
	export PROVISION_BUILD=$BATS_TEST_TMPDIR/build
}

teardown() {
	net_remove
}

quickstart() {
	net_exec server "$net_source/quickstart" --lan "$@" </dev/null
}

@test "it says everything that it would do, and a no leaves the host as it was" {
	net_exec server "$net_source/quickstart" --lan lan <<<n >"$BATS_TEST_TMPDIR/said" 2>&1
	cat "$BATS_TEST_TMPDIR/said"
	grep -q 'packages to install from Debian: ' "$BATS_TEST_TMPDIR/said"
	grep -q "installed into $PROVISION_BUILD/root" "$BATS_TEST_TMPDIR/said"
	grep -q 'On lan (10.9.0.1/24):' "$BATS_TEST_TMPDIR/said"
	grep -q '  udp/67 free' "$BATS_TEST_TMPDIR/said"
	grep -q 'udp dport 49152-49251 accept' "$BATS_TEST_TMPDIR/said"
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/said")" = "nothing was done" ]
	[ ! -e "$PROVISION_BUILD" ]
}

@test "an interface that is not there is named" {
	run quickstart eno9
	[ "$status" -eq 1 ]
	[[ $output == *"no interface eno9: there are lo lan"* ]]
	[ ! -e "$PROVISION_BUILD" ]
}
