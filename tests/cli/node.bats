#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

bats_require_minimum_version 1.5.0
load cli

setup() {
	cli_setup
	cli_config
}

@test "add-node takes colon, hyphen and bare MACs" {
	provision add-node 52:54:00:12:34:56
	provision add-node 52-54-00-12-34-57 --name two
	provision add-node 52540012345A --name three
	grep -q 'mac: "52:54:00:12:34:56"' "$nodes/node-123456.yaml"
	grep -q 'mac: "52:54:00:12:34:57"' "$nodes/two.yaml"
	grep -q 'mac: "52:54:00:12:34:5a"' "$nodes/three.yaml"
	provision check
}

@test "add-node says what is true of an image in memory" {
	provision add-node 52:54:00:12:34:56 --name mem1 --role worker --image flatcar-4081.2.1 >"$BATS_TEST_TMPDIR/said"
	grep -q 'at every boot' "$BATS_TEST_TMPDIR/said"
	run -1 grep -q 'installed once' "$BATS_TEST_TMPDIR/said"
	grep -q 'runs in memory' "$nodes/mem1.yaml"
	run -1 grep -q 'one fixed disk' "$nodes/mem1.yaml"
	# the example is one that holds when it is uncommented
	sed -i -e '/^# storage:/,$ s/^# //' "$nodes/mem1.yaml"
	provision check
}

@test "add-node writes every option" {
	provision add-node 52:54:00:12:34:56 --name web1 --role worker --address 10.0.0.20/24 --arch arm64 \
		--mac 52:54:00:12:34:57 --label shelf=2 --taint a=b:NoSchedule --image debian-12 \
		--disk serial=A --disk 'transport=nvme,size>=500G' --kernel-argument quiet \
		--pool 'name=tank,mount=/srv/tank,data=raid1,disk=serial=C,disk=transport=sata,count=2'
	cat >"$BATS_TEST_TMPDIR/wanted" <<-'END'
		mac:
		  - "52:54:00:12:34:57"
		  - "52:54:00:12:34:56"
		role: worker
		arch: arm64
		address: 10.0.0.20/24
		image: "debian-12"
		labels:
		  "shelf": "2"
		taints:
		  - "a=b:NoSchedule"
		kernelArguments:
		  - "quiet"
		storage:
		  system:
		    disks:
		      - "serial=A"
		      - "transport=nvme,size>=500G"
		  pools:
		    - name: tank
		      disks:
		        - "serial=C"
		        - "transport=sata,count=2"
		      data: raid1
		      mount: "/srv/tank"
	END
	grep -v '^#' "$nodes/web1.yaml" | diff -u "$BATS_TEST_TMPDIR/wanted" -
	provision check
}

@test "add-node opens an intent, remove-node takes both back" {
	provision add-node 52:54:00:12:34:56 --name web1 --json | jq -e '.state == "open" and (.file | endswith("nodes/web1.yaml"))'
	provision remove-node web1
	[ ! -e "$nodes/web1.yaml" ]
	fails 10 'no node is called web1' provision remove-node web1
}

@test "the first node of a cluster of our own is its control plane" {
	cli_config 'cluster: {name: home, version: 1.34.2}'
	fails 2 'needs an address that never changes' provision add-node 52:54:00:12:34:56
	echo 'lan: {subnet: 10.0.0.0/24}' >>"$PROVISION_CONFIG/cluster.yaml"
	fails 2 '--address 10.0.0.20/24' provision add-node 52:54:00:12:34:56
	# it will get the cluster's keys
	fails 10 'provision init --keys' provision add-node 52:54:00:12:34:56 --address 10.0.0.20/24
	[ -z "$(ls "$nodes")" ]
	provision init --keys
	provision add-node 52:54:00:12:34:56 --address 10.0.0.20/24
	[ "$(cat "$PROVISION_STATE/secrets/control-planes")" = 'node-123456 asked' ]
	provision add-node 52:54:00:12:34:57
	grep -q '^# address: 10.0.0.21/24' "$nodes/node-123457.yaml"
	grep -q 'role: control-plane' "$nodes/node-123456.yaml"
	grep -q 'role: worker' "$nodes/node-123457.yaml"
}

@test "a name or MAC that is taken is refused with the way on" {
	provision add-node 52:54:00:12:34:56 --name web1
	fails 4 'belongs to node web1 already (provision reinstall web1' provision add-node 525400123456 --name web2
	fails 4 'a node is called web1 already' provision add-node 52:54:00:12:34:57 --name web1
	[ "$(ls "$nodes")" = web1.yaml ]
}

@test "a file that is there is never overwritten" {
	provision add-node 52:54:00:12:34:56 --name web1
	printf '# my note\nname: other\nmac: 52:54:00:00:00:09\n' >"$nodes/web2.yaml"
	fails 4 'web2.yaml is there already' provision add-node 52:54:00:12:34:57 --name web2
	grep -q '^# my note' "$nodes/web2.yaml"
}

@test "what is wrong leaves no file" {
	fails 2 'is no MAC address' provision add-node 52:54
	fails 2 'is a multicast address' provision add-node ff:ff:ff:ff:ff:ff
	fails 2 'is no name' provision add-node 52:54:00:12:34:56 --name 'a/../b'
	fails 2 '--role is control-plane or worker' provision add-node 52:54:00:12:34:56 --role boss
	fails 2 'lacks its prefix length' provision add-node 52:54:00:12:34:56 --address 10.0.0.20
	fails 2 'label of this domain' provision add-node 52:54:00:12:34:56 --label kubernetes.io/x=y
	fails 2 '--label is written key=value' provision add-node 52:54:00:12:34:56 --label x
	fails 2 'did you mean serial?' provision add-node 52:54:00:12:34:56 --disk serail=A
	fails 2 'is no disk; write it like serial=A' provision add-node 52:54:00:12:34:56 --disk A
	fails 2 'lsblk -dno NAME,SERIAL' provision add-node 52:54:00:12:34:56 --disk /dev/sda
	fails 2 'raid5 is not offered' provision add-node 52:54:00:12:34:56 --pool name=t,data=raid5,disk=all
	fails 2 'did you mean mount' provision add-node 52:54:00:12:34:56 --pool name=t,moutn=/x,disk=all
	fails 2 'the pool t has no disk' provision add-node 52:54:00:12:34:56 --pool name=t
	fails 2 'did you mean --label?' provision add-node 52:54:00:12:34:56 --labl x
	fails 2 '--name wants a value' provision add-node 52:54:00:12:34:56 --name
	fails 2 'takes 1 argument, 0 given' provision add-node
	[ -z "$(ls -A "$nodes")" ]
}

@test "an address that another node has is refused, and nothing is written" {
	provision add-node 52:54:00:12:34:56 --name web1 --address 10.0.0.20/24
	fails 4 '10.0.0.20 belongs to node web1' provision add-node 52:54:00:12:34:57 --name web2 --address 10.0.0.20/24
	[ "$(ls "$nodes")" = web1.yaml ]
	provision check
}

@test "what check would refuse is told by option, all of it, before a file is there" {
	cli_config 'cluster: {name: home, version: 1.34.2}'
	sed -i '/^sshKeys/d' "$PROVISION_CONFIG/cluster.yaml"
	echo 'lan: {subnet: 10.0.0.0/24, router: 10.0.0.254}' >>"$PROVISION_CONFIG/cluster.yaml"
	fails 3 '--address: 10.0.0.254 is the router' provision add-node 52:54:00:12:34:56 --name pantry --address 10.0.0.254/24
	[[ $output == *'; cluster.yaml: nobody could log in to pantry'* ]]
	[[ $output != *pantry.yaml:* ]]
	fails 3 "--address: 10.0.0.1 is the provisioner's own" provision add-node 52:54:00:12:34:56 --address 10.0.0.1/24
	fails 2 '--kernel-argument: entry 1' provision add-node 52:54:00:12:34:56 --role worker --kernel-argument 'a b' --taint 'x=y:NoSchedule'
	[ -z "$(ls -A "$nodes")" ]
}

@test "add-node says that nobody serves the machine" {
	run provision add-node 52:54:00:12:34:56
	[[ $output == *'provisiond is not running'* ]]
}

@test "the only control plane is not removed from under its workers" {
	cli_config 'cluster: {name: home, version: 1.34.2}'
	provision init --keys
	provision add-node 52:54:00:12:34:56 --name pantry --address 10.0.0.20/24
	provision add-node 52:54:00:12:34:57 --name web1
	run provision remove-node web1
	[[ $output == *'kubectl delete node web1'* ]]
	provision add-node 52:54:00:12:34:57 --name web1
	fails 4 'pantry is the only control plane' provision remove-node pantry
	[ -e "$nodes/pantry.yaml" ]
	[ "$(provision status --json | jq -r '.nodes[] | select(.name == "pantry") | .state')" = open ]
	run provision remove-node pantry --force
	[ "$status" -eq 0 ]
	[[ $output != *'kubectl delete'* ]]
	[ ! -e "$nodes/pantry.yaml" ]
}

@test "add-node does nothing while the configuration is wrong" {
	echo 'roel: worker' >"$nodes/old.yaml"
	fails 3 'provision check' provision add-node 52:54:00:12:34:56
	[ "$(ls "$nodes")" = old.yaml ]
}
