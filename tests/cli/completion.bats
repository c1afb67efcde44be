#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What Tab offers, from the completion as it is sourced.

load cli

setup() {
	cli_setup
	cli_config
	printf 'mac: 52:54:00:00:00:01\n' >"$nodes/web1.yaml"
	printf 'mac: 52:54:00:00:00:02\n' >"$nodes/web2.yaml"
	# shellcheck source=/dev/null
	source "$cli_source/provisioner/doc/completion/provision"
}

# offers WORD...: what is offered for the last word, each in a line, sorted.
offers() {
	COMP_WORDS=("$@")
	COMP_CWORD=$(($# - 1))
	COMPREPLY=()
	_provision provision "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
	printf '%s\n' "${COMPREPLY[@]}" | sort | paste -sd ' '
}

@test "nodes are offered by name" {
	for command in plan render reinstall cancel approve remove-node status events watch; do
		[ "$(offers provision "$command" '')" = 'web1 web2' ] || { offers provision "$command" ''; return 1; }
	done
	[ "$(offers provision approve web2 --erase X w)" = 'web1 web2' ]
	[ "$(offers provision render web1 '')" = 'grub ignition ipxe plan' ]
}

@test "commands are offered, also behind a global option" {
	[ "$(offers provision rem)" = remove-node ]
	[ "$(offers provision --config "$PROVISION_CONFIG" rem)" = remove-node ]
	[ "$(offers provision --json can)" = cancel ]
}

@test "the nodes are those of the folders that were named" {
	local config=$PROVISION_CONFIG

	export PROVISION_CONFIG=$BATS_TEST_TMPDIR/nothing
	[ -z "$(offers provision plan '')" ]
	[ "$(offers provision --config "$config" plan '')" = 'web1 web2' ]
	[ "$(offers provision --config = "$config" plan '')" = 'web1 web2' ]
}

@test "options come from the command's help" {
	[ "$(offers provision remove-node --fo)" = --force ]
	[ "$(offers provision add-node MAC --role '')" = 'control-plane worker' ]
	[[ $(offers provision --) == *--config* ]]
}
