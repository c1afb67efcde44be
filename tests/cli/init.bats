#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

load cli

# Keys take a second to make; most tests need no others than these.
setup_file() {
	cli_setup
	PROVISION_STATE=$BATS_FILE_TMPDIR/state provision init --keys
}

setup() {
	cli_setup
	cp -a "$BATS_FILE_TMPDIR/state" "$PROVISION_STATE"
	echo "$key" >"$BATS_TEST_TMPDIR/id.pub"
	# any interface of this machine will do; init asks for no more than its name and an address
	interface=$(basename "$(find /sys/class/net -mindepth 1 ! -name lo | sort | head -n 1)")
	[ "$interface" ] || skip "this machine has no interface but lo"
}

init() {
	provision init --interface "$interface" --address 10.0.0.1 --lan-subnet 10.0.0.0/24 \
		--ssh-key "$BATS_TEST_TMPDIR/id.pub" "$@"
}

@test "init writes a commented file that check takes" {
	init
	grep -q '^# proxy: another DHCP server gives the addresses' "$PROVISION_CONFIG/cluster.yaml"
	grep -q "$key" "$PROVISION_CONFIG/cluster.yaml"
	run provision check
	[ "$status" -eq 0 ]
	[[ $output == *'0 nodes, nothing is wrong'* ]]
}

@test "hints and comments are of the LAN that there is, and the next step works as printed" {
	cli_config # the folder; init makes its own file
	rm "$PROVISION_CONFIG/cluster.yaml"
	run init --router 10.0.0.20
	[ "$status" -eq 0 ]
	[[ $output == *'provision add-node MAC --name pantry --address 10.0.0.21/24' ]]
	[ "$(grep -c 192.168.1 "$PROVISION_CONFIG/cluster.yaml")" -eq 0 ]
	grep -q '^  # ntp: \[10.0.0.20\]' "$PROVISION_CONFIG/cluster.yaml"
	grep -q '^  # ranges: \[10.0.0.128-10.0.0.254\]' "$PROVISION_CONFIG/cluster.yaml"
	run provision add-node 52:54:00:12:34:56 --name pantry --address 10.0.0.21/24
	[ "$status" -eq 0 ]
	provision check
}

@test "a cluster that exists wants no address for its next node" {
	touch "$BATS_TEST_TMPDIR/admin.conf"
	run init --endpoint 10.0.0.2:6443 --kubeconfig "$BATS_TEST_TMPDIR/admin.conf"
	[[ $output == *'provision add-node MAC' ]]
}

@test "the next steps are all there, for the flavour and the network" {
	run init
	[[ $output == *'provision assets build, provision assets add kubernetes, provision assets add flannel, provisiond,'* ]]
	rm "$PROVISION_CONFIG/cluster.yaml"
	run init --network bridge
	[[ $output == *'assets add kubernetes, provisiond,'* ]]
	rm "$PROVISION_CONFIG/cluster.yaml"
	run init --flavour k3s
	[[ $output == *'provision assets build, provision assets add k3s, provisiond,'* ]]
}

@test "without a public key init says where one goes, and add-node takes the file's name" {
	run env -u SUDO_USER HOME="$BATS_TEST_TMPDIR" "$cli_build/provision" init --interface "$interface" \
		--address 10.0.0.1 --lan-subnet 10.0.0.0/24
	[ "$status" -eq 0 ]
	[[ $output == *'no public key was found'*'sshKeys of'*'provision add-node --ssh-key'* ]]
	add=(provision add-node 52:54:00:12:34:56 --name pantry --address 10.0.0.21/24)
	fails 2 "--ssh-key takes a key's whole line, or a file of such" "${add[@]}" --ssh-key nowhere.pub
	fails 2 'holds no public key' "${add[@]}" --ssh-key /dev/null
	"${add[@]}" --ssh-key "$BATS_TEST_TMPDIR/id.pub"
	grep -q "$key" "$nodes/pantry.yaml"
}

@test "init says in the file what its options say" {
	touch "$BATS_TEST_TMPDIR/admin.conf"
	init --dhcp server --flavour kubeadm --version 1.20.2 --endpoint 10.0.0.2:6443 --name lab \
		--kubeconfig "$BATS_TEST_TMPDIR/admin.conf" --network bridge --no-coredns --image debian-12 \
		--router 10.0.0.254 --dns 9.9.9.9 --domain lab.arpa --ntp 10.0.0.1
	for line in 'name: lab' 'version: 1.20.2' 'controlPlaneEndpoint: "10.0.0.2:6443"' 'network: "bridge"' \
		'coreDNS: false' 'image: "debian-12"' 'router: 10.0.0.254' 'dns: \[9.9.9.9\]' 'domain: "lab.arpa"' \
		'ntp: \["10.0.0.1"\]' 'mode: server' 'ranges: \[10.0.0.128-10.0.0.254\]'; do
		grep -q "^ *$line" "$PROVISION_CONFIG/cluster.yaml" || { echo "no $line"; return 1; }
	done
	provision check
}

@test "init makes keys that only root reads, and never replaces one" {
	rm -r "$PROVISION_STATE"
	init
	[ "$(stat -c %a "$PROVISION_STATE/secrets")" = 700 ]
	[ -z "$(find "$PROVISION_STATE/secrets" -type f -perm /077)" ]
	before=$(find "$PROVISION_STATE/secrets" -type f -exec sha256sum {} + | sort)
	rm "$PROVISION_CONFIG/cluster.yaml"
	init
	[ "$before" = "$(find "$PROVISION_STATE/secrets" -type f -exec sha256sum {} + | sort)" ]
}

@test "init overwrites nothing" {
	init
	echo '# mine' >>"$PROVISION_CONFIG/cluster.yaml"
	fails 4 'is there already and is not overwritten' init
	grep -q '^# mine' "$PROVISION_CONFIG/cluster.yaml"
}

@test "keys that were lost are made anew by that word alone, and loudly" {
	init --endpoint 10.0.0.2:6443
	rm -r "$PROVISION_STATE"
	fails 4 'restore the backup' init
	[[ $output == *'provision init --keys'* ]]
	[ ! -e "$PROVISION_STATE/secrets" ]
	fails 10 'provision init --keys' provision kubeconfig --output "$BATS_TEST_TMPDIR/out"
	run provision check
	[ "$status" -eq 0 ]
	[[ $output == *'there are no keys in'*'provision init --keys'* ]]
	run provision init --keys
	[ "$status" -eq 0 ]
	[[ $output == *'a cluster made with the old ones does not know them'* ]]
	run provision check
	[[ $output != *'there are no keys'* ]]
	fails 4 'never replaced' provision init --keys
	fails 2 'no other option goes with it' provision init --keys --name lab
}

@test "half of a backup is not completed with new keys" {
	init
	rm "$PROVISION_STATE/secrets/pki/ca.key" "$PROVISION_CONFIG/cluster.yaml"
	fails 10 'lacks its ca.key: restore the backup' init
	[ ! -e "$PROVISION_STATE/secrets/pki/ca.key" ]
	[ ! -e "$PROVISION_CONFIG/cluster.yaml" ]
}

@test "init refuses what is no value" {
	fails 2 '--dhcp is proxy, server or off' init --dhcp maybe
	fails 2 'is no version of Kubernetes' init --version latest
	fails 2 'is no pod network' init --network calico
	fails 2 'no interface "nothing0"' provision init --interface nothing0
	fails 2 'holds no public key' init --ssh-key /dev/null
	[ ! -e "$PROVISION_CONFIG/cluster.yaml" ]
}

@test "dhcp: off tells what to set elsewhere, and check tells it again" {
	run init --dhcp off
	[ "$status" -eq 0 ]
	for line in 'dhcp-boot=tag:!ipxe,tag:uefi,snponly.efi,,10.0.0.1' \
		'dhcp-boot=tag:ipxe,http://10.0.0.1:8080/boot.ipxe,,10.0.0.1'; do
		[[ $output == *"$line"* ]] || { echo "no $line"; return 1; }
	done
	run provision check
	[ "$status" -eq 0 ]
	[[ $output == *$'\ndhcp-boot=tag:!ipxe,tag:uefi,snponly.efi,,10.0.0.1\n'* ]]
	provision check --json | jq -e '.advice | index("dhcp-match=set:ipxe,175")'
}
