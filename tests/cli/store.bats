#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the command knows and does by itself while no daemon runs.

load cli

bats_require_minimum_version 1.5.0

setup() {
	cli_setup
	cli_config
	printf 'mac: 52:54:00:00:00:01\nrole: worker\n' >"$nodes/web1.yaml"
}

state() {
	provision status --json | jq -r ".nodes[] | select(.name == \"$1\") | .state"
}

@test "a record alone is declared, and asks for no installation" {
	[ "$(state web1)" = declared ]
	run provision status
	[[ $output == *"NODE  ROLE"*"web1  worker         declared"* ]]
	[[ $output == *"provisiond is not running"* ]]
	[[ $output != *$'\033'* ]]
}

@test "reinstall asks for one, status shows it, remove-node takes it back" {
	run provision reinstall web1 --erase WD-1
	[ "$status" = 0 ]
	[[ $output == *"within 7 days"*"provisiond is not running"* ]]
	[ "$(state web1)" = open ]
	[ "$(provision status --json | jq -r .daemon)" = false ]
	provision remove-node web1
	[ -z "$(state web1)" ]
}

@test "a control plane that no store knows is not reinstalled without a word" {
	cli_config 'cluster: {name: home, version: 1.34.2}'
	provision init --keys
	printf 'mac: 52:54:00:00:00:02\nrole: control-plane\naddress: 10.0.0.20/24\n' >"$nodes/pantry.yaml"
	fails 4 'no earlier installation is recorded here' provision reinstall pantry
	[[ $output == *--discard-cluster-state*add-node* ]]
	run provision reinstall pantry --discard-cluster-state
	[ "$status" = 0 ]
	[[ $output == *'pantry is installed at its next network boot'* ]]
}

@test "cancel takes an intent back and leaves the file" {
	fails 10 'web1 has no open intent' provision cancel web1
	fails 10 'no node is called web2; did you mean web1?' provision cancel web2
	provision reinstall web1
	run provision cancel web1
	[ "$status" = 0 ]
	[[ $output == *'web1 is not installed; its file stays'* ]]
	[ "$(state web1)" = cancelled ]
	[ -e "$nodes/web1.yaml" ]
	provision reinstall web1
	provision cancel web1 --json | jq -e .cancelled
}

@test "an error under --json is JSON" {
	run --separate-stderr provision plan web2 --json
	[ "$status" = 10 ]
	[ -z "$output" ]
	jq -e '.error.kind == "not-found" and (.error.message | contains("did you mean web1"))' <<<"$stderr"
}

# The command as somebody whom file modes stop, also when root runs the tests.
provision_unprivileged() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --bounding-set=-dac_override,-dac_read_search "$cli_build/provision" "$@"
	else
		provision "$@"
	fi
}

@test "who may not read the state is told who may" {
	provision reinstall web1
	chmod 000 "$PROVISION_STATE"
	run provision_unprivileged status
	chmod 700 "$PROVISION_STATE"
	[ "$status" = 6 ]
	[[ $output == *'run it as root, or as a member of the group provision while provisiond runs'* ]]
}

@test "status --help tells every state and remark" {
	run provision status --help
	for word in declared open installing waiting failed ready cancelled expired 'its file is gone' 'was edited'; do
		[[ $output == *"$word"* ]] || { echo "no $word"; return 1; }
	done
}

@test "status of a node that is none names the nearest" {
	fails 10 web1 provision status web2
}

@test "approve needs something to approve, and something that waits for it" {
	fails 10 'provision reinstall web1' provision approve web1 --erase WD-1
	fails 10 'no node is called web2; did you mean web1?' provision approve web2 1234-5678
	provision reinstall web1
	fails 4 'asks for no code' provision approve web1 1234-5678
	[ -z "$(provision events)" ]
	fails 2 'the code that the machine shows, or --erase' provision approve web1
	run provision approve web1 --erase WD-1
	[ "$status" = 0 ]
	[[ $output == *'the machine has not reported its disks yet: WD-1 is not verified'* ]]
	run provision events web1
	[[ $output == *"web1"*"claim"*"note"*"erasing disk WD-1 was approved" ]]
	[ "$(provision events --json | jq -r .message)" = 'erasing disk WD-1 was approved' ]
	[ -z "$(provision events --after 1)" ]
}

@test "with --confirm a code is waited for" {
	provision reinstall web1 --confirm
	fails 10 'no machine has shown a code' provision approve web1 1234-5678
	# asked for anew, it still is
	provision approve web1 --erase WD-1
	run provision reinstall web1
	[[ $output == *'provision approve web1 CODE'* ]]
	[[ $output == *'provision approve web1 --erase WD-1'* ]]
	fails 10 'no machine has shown a code' provision approve web1 1234-5678
}

@test "the forms of approve are told as they are typed" {
	run provision approve --help
	[ "${lines[0]}" = 'usage: provision approve NODE CODE' ]
	[ "${lines[1]}" = '       provision approve NODE --erase SERIAL [--erase SERIAL]...' ]
}

@test "events of a name that nobody knows is a slip, and a removed node keeps its history" {
	fails 10 'no node is called web2; did you mean web1?' provision events web2
	[ -z "$(provision events web1)" ]
	provision reinstall web1
	provision approve web1 --erase WD-1
	provision remove-node web1
	[[ $(provision events web1) == *'erasing disk WD-1 was approved' ]]
}

@test "watch and follow say that nobody is there to tell anything" {
	fails 10 'provisiond is not running' provision watch
	fails 10 'provisiond is not running' provision events --follow
}

@test "kubeconfig of a cluster that exists is the file that cluster.yaml names" {
	fails 10 admin.conf provision kubeconfig
	echo 'kind: Config' >"$PROVISION_CONFIG/admin.conf"
	[ "$(provision kubeconfig)" = 'kind: Config' ]
	provision kubeconfig --output "$BATS_TEST_TMPDIR/out"
	[ "$(stat -c %a "$BATS_TEST_TMPDIR/out")" = 600 ]
}

@test "kubeconfig --output overwrites nothing, through a link neither" {
	echo 'kind: Config' >"$PROVISION_CONFIG/admin.conf"
	echo mine >"$BATS_TEST_TMPDIR/mine"
	ln -s nowhere "$BATS_TEST_TMPDIR/link"
	fails 4 'is there already and is not overwritten' \
		provision kubeconfig --output "$BATS_TEST_TMPDIR/mine"
	[[ $output == *'kubectl config view --flatten'* ]]
	[ "$(cat "$BATS_TEST_TMPDIR/mine")" = mine ]
	fails 4 'is there already' provision kubeconfig --output "$BATS_TEST_TMPDIR/link"
	[ "$(readlink "$BATS_TEST_TMPDIR/link")" = nowhere ]
}

@test "a wrong configuration is told, not guessed around" {
	echo 'nmae: x' >>"$nodes/web1.yaml"
	fails 3 'nodes/web1.yaml:3:1' provision status
}

@test "every subcommand has its help, and refuses what it does not know" {
	for command in status watch events approve reinstall cancel kubeconfig; do
		run provision "$command" --help
		[ "$status" = 0 ]
		[[ $output == "usage: provision $command"* ]]
		fails 2 colour provision "$command" --colour
	done
}
