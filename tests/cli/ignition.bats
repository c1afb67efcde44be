#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What `node-agent apply` knows of Ignition, beside README.md; beside upstream's: tests/ignition.

load cli

setup() {
	agent=$cli_build/node-agent/node-agent
}

# apply --print of the config on standard input.
effective() {
	"$agent" apply --print -
}

@test "README.md has the table of fields as node-agent prints it" {
	sed -n '/^## Ignition fields/,/^## /p' "$cli_source/README.md" | grep '^|' >"$BATS_TEST_TMPDIR/readme"
	"$agent" apply --fields | diff "$BATS_TEST_TMPDIR/readme" -
}

@test "the effective config is canonical and of the newest version" {
	run effective <<<'{"storage":{"links":null,"files":[{"path":"/a","mode":null}]},"ignition":{"version":"3.1.0","config":{}}}'
	[ "$status" -eq 0 ]
	[ "$(tr -d ' \n' <<<"$output")" = '{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"/a"}]}}' ]
}

@test "an error names the file and the JSON path" {
	echo '{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"a"}]}}' >"$BATS_TEST_TMPDIR/c.ign"
	fails 3 "$BATS_TEST_TMPDIR/c.ign: \$.storage.files[0].path: \"a\" is not absolute" \
		"$agent" apply --print "$BATS_TEST_TMPDIR/c.ign"
	fails 3 "/dev/stdin: \$ is no valid JSON: line 2 column 0" "$agent" apply --print /dev/stdin <<<'{'
	fails 10 "absent.ign" "$agent" apply --print "$BATS_TEST_TMPDIR/absent.ign"
}

@test "an error in a merged config names the way to it" {
	inner='{"ignition":{"version":"3.4.0"},"passwd":{"users":[{"name":"-x"}]}}'
	url=data:\;base64,$(printf %s "$inner" | base64 -w0)
	fails 3 "standard input: \$.ignition.config.merge[0]: data URL: \$.passwd.users[0].name:" \
		effective <<<"{\"ignition\":{\"version\":\"3.4.0\",\"config\":{\"merge\":[{\"source\":\"$url\"}]}}}"
}

@test "two good configs that make a bad one are refused after the merge" {
	inner='{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"/a/b"}]}}'
	url=data:\;base64,$(printf %s "$inner" | base64 -w0)
	fails 3 "the merged config: \$.storage.files[0].path: lies below /a, which is a link" effective <<-END
		{"ignition":{"version":"3.4.0","config":{"merge":[{"source":"$url"}]}},
		 "storage":{"links":[{"path":"/a","target":"/b"}]}}
	END
}

@test "a chain of configs that is too long is refused" {
	config='{"ignition":{"version":"3.4.0"}}'
	for _ in $(seq 18); do
		url=data:\;base64,$(printf %s "$config" | base64 -w0)
		config="{\"ignition\":{\"version\":\"3.4.0\",\"config\":{\"merge\":[{\"source\":\"$url\"}]}}}"
	done
	fails 3 "more than 16 configs lead to one another" effective <<<"$config"
}

@test "a config that merges too many is refused" {
	list=$(for i in $(seq 65); do
		printf '%s{"source":"data:,%%7B%%22ignition%%22:%%7B%%22version%%22:%%223.%d.0%%22%%7D%%7D%s"}' \
			"$([ "$i" = 1 ] || echo ,)" $((i % 5)) "$(printf '%%20%.0s' $(seq "$i"))"
	done)
	fails 3 "more than 64 configs in all" effective \
		<<<"{\"ignition\":{\"version\":\"3.4.0\",\"config\":{\"merge\":[$list]}}}"
}
