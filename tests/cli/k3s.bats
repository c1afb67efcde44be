#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The configuration that k3s nodes get, held against upstream's documented flags by the stand-in; with the
# path of a real k3s in K3S, its own --help has to know every key as well.

setup() {
	top=${top_srcdir:-${srcdir:-$BATS_TEST_DIRNAME/../..}}
	stand_in=$top/tests/e2e/lab/data/k3s-stand-in
	data=$top/tests/data/k3s
	config=$BATS_TEST_TMPDIR/config.yaml
}

@test "the stand-in says that it is one" {
	run "$stand_in" --version
	[ "$status" -eq 0 ]
	[[ $output == *stand-in* ]]
}

@test "server and agent get what upstream documents (stand-in)" {
	"$stand_in" check server "$data/server-init.yaml"
	"$stand_in" check server "$data/server-join.yaml"
	"$stand_in" check agent "$data/agent.yaml"
}

@test "a key of the other role is refused as k3s refuses it (stand-in)" {
	run "$stand_in" check agent "$data/server-init.yaml"
	[ "$status" -eq 1 ]
	[[ $output == *'flag provided but not defined: -cluster-init'* ]]
}

# broken LINE MESSAGE: a good configuration with one more line is refused.
broken() {
	cp "$data/agent.yaml" "$config"
	echo "$1" >>"$config"
	run "$stand_in" check agent "$config"
	[ "$status" -eq 1 ]
	[[ $output == *"$2"* ]]
}

@test "values that k3s would not take are refused (stand-in)" {
	broken 'node-labels: "a=b"' 'not defined: -node-labels'
	broken 'node-name: "n2"' 'node-name is there twice'
	broken 'debug: "yes"' 'debug: not a boolean'
	broken '  - "gpu:Sometimes"' 'node-taint: not as documented'
	broken 'with-node-id:' 'with-node-id has no value'
}

@test "an agent without its server or token is refused (stand-in)" {
	grep -v '^server:' "$data/agent.yaml" >"$config"
	run "$stand_in" check agent "$config"
	[[ $status -eq 1 && $output == *'--server is required'* ]]
	grep -v '^token-file:' "$data/agent.yaml" >"$config"
	run "$stand_in" check agent "$config"
	[[ $status -eq 1 && $output == *'--token is required'* ]]
}

# The tests above hold the stand-in to what upstream documents; this one asks upstream's own binary.
@test "every key is a flag of the k3s binary: ${K3S:-stand-in}" {
	if [ -z "${K3S:-}" ]; then
		"$stand_in" check server "$data/server-join.yaml"
		return
	fi
	for role in server agent; do
		"$K3S" "$role" --help >"$BATS_TEST_TMPDIR/$role"
	done
	for pair in server:server-init server:server-join agent:agent; do
		sed -n 's/^\([a-z-]*\):.*/\1/p' "$data/${pair#*:}.yaml" | while read -r key; do
			grep -q -e "--$key" "$BATS_TEST_TMPDIR/${pair%%:*}"
		done
	done
}
