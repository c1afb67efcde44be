#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# provision check on what people write by mistake, and on what somebody writes on purpose.

load cli

bats_require_minimum_version 1.5.0

setup() {
	cli_setup
	cli_config
}

@test "check tells all faults of all files, each with its place" {
	printf 'mac: 52:54:00:00:00:01\nadress: 10.0.0.5/24\nrole: wroker\n' >"$nodes/a.yaml"
	printf 'mac: nonsense\nstorage:\n  pools:\n    - name: tank\n' >"$nodes/b.yaml"
	fails 3 '4 problems in' provision check
	[[ $output == *'nodes/a.yaml:2:1: unknown key "adress"; did you mean "address"?'* ]]
	[[ $output == *'nodes/a.yaml:3:7: role: "wroker" is not one of control-plane, worker; did you mean "worker"?'* ]]
	[[ $output == *'nodes/b.yaml:1:6: mac: "nonsense" is no MAC address; write it like 52:54:00:12:34:56'* ]]
	[[ $output == *'nodes/b.yaml:4:7: the pool has no disks; add disks:'* ]]
}

@test "check --json has the same" {
	printf 'mac: 52:54:00:00:00:01\nroel: worker\n' >"$nodes/a.yaml"
	run --separate-stderr provision check --json
	[ "$status" -eq 3 ]
	jq -e '.problems == [{file: "nodes/a.yaml", line: 2, column: 1, text: "unknown key \"roel\"; did you mean \"role\"?"}]' <<<"$output"
}

@test "two records with one MAC are told apart" {
	printf 'mac: 52:54:00:00:00:01\n' >"$nodes/a.yaml"
	printf '# a comment\nmac: 52-54-00-00-00-01\n' >"$nodes/b.yaml"
	fails 3 'nodes/b.yaml:2:1: the MAC address 52:54:00:00:00:01 belongs to nodes/a.yaml already' provision check
}

@test "the placeholder of cluster.yaml is no key" {
	sed -i 's/^sshKeys: .*/sshKeys: ["ssh-ed25519 AAAA... you"]/' "$PROVISION_CONFIG/cluster.yaml"
	fails 3 'sshKeys: entry 1 is no public key' provision check
	sed -i '/^sshKeys/d' "$PROVISION_CONFIG/cluster.yaml"
	printf 'mac: 52:54:00:00:00:01\n' >"$nodes/a.yaml"
	fails 3 'provision init --ssh-key FILE' provision check
}

@test "the address that the interface has is no node's either" {
	read -r interface net < <(ip -4 -o address show scope global | awk '{ print $2, $4; exit }') || true
	[ -n "${net:-}" ] || skip "this machine has no IPv4 address"
	sed -i "s/^provisioner: .*/provisioner: {interfaces: [$interface]}/" "$PROVISION_CONFIG/cluster.yaml"
	printf 'mac: 52:54:00:00:00:01\naddress: %s\n' "$net" >"$nodes/a.yaml"
	fails 3 "nodes/a.yaml:2:10: address: ${net%/*} is the provisioner's own" provision check
}

@test "a tab is told as a tab" {
	printf 'mac: 52:54:00:00:00:01\nlabels:\n\tshelf: 2\n' >"$nodes/a.yaml"
	fails 3 'nodes/a.yaml:3:1: a tab in the indentation; YAML is indented with spaces' provision check
}

@test "a bomb of anchors is refused at its first anchor" {
	printf 'a: &a [x,x,x,x,x,x,x,x,x]\n' >"$nodes/a.yaml"
	for i in b c d e f g h i; do
		printf '%s: &%s [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n' "$i" "$i" >>"$nodes/a.yaml"
	done
	fails 3 'nodes/a.yaml:1:4: anchors (&name) are not taken here; write the value out' provision check
}

@test "a file of 10 MB is refused for its size" {
	head -c 10000000 /dev/zero | tr '\0' '#' >"$nodes/a.yaml"
	fails 3 'nodes/a.yaml: the file has more than 1048576 bytes' provision check
}

@test "binary rubbish is refused" {
	head -c 4096 /bin/sh >"$nodes/a.yaml"
	fails 3 'nodes/a.yaml:' provision check
}

@test "a wrong template is told with its place" {
	mkdir "$PROVISION_CONFIG/templates"
	printf 'storage:\n  files:\n    - path: {{ hostname }}\n' >"$PROVISION_CONFIG/templates/base.yaml"
	fails 3 'templates/base.yaml:3:' provision check
	[[ $output == *'a reference is written in quotes'* ]]
}

@test "a wrong script is told with its place" {
	mkdir "$PROVISION_CONFIG/ipxe-scripts"
	printf '#!ipxe\necho {{ nod }}\n' >"$PROVISION_CONFIG/ipxe-scripts/disk.ipxe"
	fails 3 'ipxe-scripts/disk.ipxe:2:6: unknown name "nod"; did you mean "node"?' provision check
}

@test "without cluster.yaml the way on is init" {
	rm "$PROVISION_CONFIG/cluster.yaml"
	fails 3 'cluster.yaml: the file is missing: provision init' provision check
	fails 3 'the folder cannot be read' provision check --config /nonexistent
}

@test "what the files decide of a plan is told before there is an asset" {
	printf 'mac: 52:54:00:00:00:01\nrole: worker\n' >"$nodes/a.yaml"
	run provision check
	[ "$status" -eq 0 ]
	[[ $output == *'there are no assets yet'* ]]
	[[ ${lines[-1]} == '1 node, nothing is wrong in the files; plans that lack an asset were not checked'* ]]
	sed -i 's/^cluster: .*/cluster: {version: 1.34.2}/' "$PROVISION_CONFIG/cluster.yaml"
	fails 3 'nodes/a.yaml: node a: the cluster has no control plane to join' provision check
}

@test "an image that nothing makes is wrong, and no command for it is named" {
	printf 'mac: 52:54:00:00:00:01\nimage: debian-14\n' >"$nodes/a.yaml"
	fails 3 'node a: image: nothing makes "debian-14"' provision check
	[[ $output == *'write debian-13 or debian-12 in nodes/a.yaml'* ]]
	[[ $output != *'--suite 14'* ]]
}

@test "2,000 nodes are read at once" {
	awk -v nodes="$nodes" 'BEGIN {
		for (i = 1; i <= 2000; i++) {
			file = nodes "/node" i ".yaml"
			printf "mac: 52:54:00:%02x:%02x:00\nlabels: {shelf: %d}\n", i / 256, i % 256, i >file
			close(file)
		}
	}'
	run provision check
	[ "$status" -eq 0 ]
	[[ $output == *'2000 nodes, nothing is wrong'* ]]
}
