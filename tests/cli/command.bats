#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load cli

bats_require_minimum_version 1.5.0

setup() {
	cli_setup
	cli_config
}

@test "--help names every command, and each has its own" {
	run provision --help
	[ "$status" -eq 0 ]
	names=$(sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p' <<<"$output")
	for wanted in init add-node remove-node check plan render assets; do
		grep -q -x -e "$wanted" <<<"$names"
	done
	for name in $names; do
		run provision "$name" --help
		[ "$status" -eq 0 ]
		[[ $output == "usage: provision $name"* ]]
		[[ $output == *'--config DIR'* ]]
	done
}

@test "a slip in a command or option is answered with what was meant" {
	fails 2 'there is no command add-nod; did you mean add-node?' provision add-nod
	fails 2 'check does not know --confg; did you mean --config?' provision check --confg x
	fails 2 'a command is wanted' provision
	fails 2 'check takes 0 arguments, 1 given' provision check x
}

@test "global options stand before and behind the command" {
	mv "$PROVISION_CONFIG" "$BATS_TEST_TMPDIR/elsewhere"
	provision --config "$BATS_TEST_TMPDIR/elsewhere" check
	provision check --config "$BATS_TEST_TMPDIR/elsewhere"
}

@test "--version says one" {
	run provision --version
	[ "$status" -eq 0 ]
	[[ $output =~ ^provision\ [0-9]+\.[0-9]+ ]]
}

@test "a full standard output is an error" {
	fails 6 'standard output' bash -c "'$cli_build/provision' --help >/dev/full"
}

@test "plan and render know the node and tell what is missing" {
	printf 'mac: 52:54:00:00:00:01\n' >"$nodes/web1.yaml"
	fails 10 'no node is called web2; did you mean web1?' provision plan web2
	fails 4 'the asset store has no images/debian-13-amd64.tar.zst (provision assets build' provision plan web1
	fails 2 'render takes ipxe, grub, ignition or plan' provision render web1 lilo
}

@test "bash completes the names of nodes" {
	printf 'mac: 52:54:00:00:00:01\n' >"$nodes/web1.yaml"
	# shellcheck source=provisioner/doc/completion/provision
	. "$cli_source/provisioner/doc/completion/provision"
	# shellcheck disable=SC2034 # read by the completion
	COMP_WORDS=(provision plan we) COMP_CWORD=2
	_provision provision we plan
	[ "${COMPREPLY[*]}" = web1 ]
}

@test "render ipxe prints the script of the node" {
	interface=$(basename "$(find /sys/class/net -mindepth 1 ! -name lo | sort | head -n 1)")
	rm "$PROVISION_CONFIG/cluster.yaml"
	echo "$key" >"$BATS_TEST_TMPDIR/id.pub"
	provision init --interface "$interface" --address 10.0.0.1 --ssh-key "$BATS_TEST_TMPDIR/id.pub" --lan-subnet 10.0.0.0/24
	printf 'mac: 52:54:00:00:00:01\nimage: debian-12\nkernelArguments: [nomodeset]\n' >"$nodes/web1.yaml"
	run provision render web1 ipxe
	[ "$status" -eq 0 ]
	[[ $output == '#!ipxe'* ]]
	[[ $output == *'http://10.0.0.1:8080/assets/boot/debian-12-amd64/vmlinuz'* ]]
	[[ $output == *'BOOTIF=01-52-54-00-00-00-01'* ]]
	[[ $output == *' panic=30 nomodeset '* ]]
	[[ $output =~ provision\.ca=[0-9a-f]{64}\  ]]
}
