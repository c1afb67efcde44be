# SPDX-License-Identifier: Apache-2.0
# provisiond on a switch of its own, with assets that only look like some, and the requests of an
# agent, signed by the agent's own code. Sourced by the .bats files.
# shellcheck shell=bash

load net.bash

DAEMON_HTTP=http://10.9.0.1:8080
DAEMON_API=https://10.9.0.1:8443

daemon_create() {
	net_create
	export PROVISION_CONFIG=$BATS_TEST_TMPDIR/config PROVISION_STATE=$BATS_TEST_TMPDIR/state
	export PROVISION_RUN=$BATS_TEST_TMPDIR/run PROVISION_DATA=$BATS_TEST_TMPDIR/data
	# the daemon's user has to get there, wherever the tree lies
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")"
	mkdir "$PROVISION_DATA"
	cp -r "$net_source"/{ipxe-scripts,ignition-templates,provisioner/grub-configs} "$PROVISION_DATA"
	echo "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMH8ugb2Mt7LAhYTu6lVZ0hCHwavzW0zgYeV8t1lWG57 you" \
		>"$BATS_TEST_TMPDIR/ssh.pub"
	provision init --interface lan --address 10.9.0.1 --lan-subnet 10.9.0.0/24 --dhcp off \
		--endpoint 10.9.0.10:6443 --version 1.31.4 --network none \
		--ssh-key "$BATS_TEST_TMPDIR/ssh.pub" >/dev/null
	daemon_assets
}

daemon_assets() {
	local assets=$PROVISION_STATE/assets bin=$BATS_TEST_TMPDIR/bin name

	mkdir -p "$assets/boot/debian-13-amd64" "$assets/images" "$bin"
	head -c 100000 /dev/urandom >"$assets/images/debian-13-amd64.tar.zst"
	echo kernel >"$assets/boot/debian-13-amd64/vmlinuz"
	echo initrd >"$assets/boot/debian-13-amd64/initrd"
	for name in kubeadm kubelet kubectl crictl; do
		echo "$name" >"$bin/$name"
	done
	provision assets add kubernetes --version 1.31.4 --arch amd64 "$bin"/* >/dev/null
}

provision() {
	net_exec server "$net_build/provision" "$@"
}

# daemon_start [ARGUMENT...]: as a user that every host has.
daemon_start() {
	net_start server "$BATS_TEST_TMPDIR/daemon.log" "$net_build/provisiond" -d --user nobody "$@"
	DAEMON_PID=$NET_PID
	net_until daemon_answers || {
		cat "$BATS_TEST_TMPDIR/daemon.log"
		return 1
	}
}

daemon_answers() {
	net_exec server curl -sf -o /dev/null "$DAEMON_HTTP/ca.crt"
}

# get PATH [CURL ARGUMENT...]
get() {
	net_exec server curl -sS --path-as-is "${@:2}" "$DAEMON_HTTP$1"
}

# ask KEY PATH BODY [SECONDS]: a signed POST; the body of the answer is in $answer, its status in
# $status. KEY is the name of a machine's key.
ask() {
	local key=$BATS_TEST_TMPDIR/key-$1

	printf '%s' "$3" >"$BATS_TEST_TMPDIR/body"
	"$net_build/tests/net/agent_sign" "$key" POST "$2" ${4:+"$4"} \
		<"$BATS_TEST_TMPDIR/body" >"$BATS_TEST_TMPDIR/headers"
	send "$2"
}

# Sends $BATS_TEST_TMPDIR/body with the headers in $BATS_TEST_TMPDIR/headers.
send() {
	status=$(net_exec server curl -sS --cacert "$PROVISION_STATE/public/ca.crt" \
		-H "@$BATS_TEST_TMPDIR/headers" --data-binary "@$BATS_TEST_TMPDIR/body" \
		-o "$BATS_TEST_TMPDIR/answer" -w '%{http_code}' "$DAEMON_API$1")
	answer=$(cat "$BATS_TEST_TMPDIR/answer")
}

# disk SERIAL [HOLDS]: blank unless it holds a file system of that type.
disk() {
	local signatures=${2:+"{\"type\":\"$2\",\"offset\":0}"}

	printf '{"name":"sda","serial":"%s","size":500000000000,"sector":512,"rotational":true,"removable":false,"readOnly":false,"transport":"sata","signatures":[%s],"partitions":[]}' \
		"$1" "$signatures"
}

# nonce_of MAC: of this machine's first boot, as its script has it; nothing when it got no installer.
nonce_of() {
	local file=$BATS_TEST_TMPDIR/nonce-${1//:/}

	[ -s "$file" ] || get "/ipxe?mac=$1" | sed -n 's/.*provision.nonce=\([0-9a-f]*\).*/\1/p' >"$file"
	cat "$file"
}

# claim_body MAC UUID DISK [NAME=JSON...]: further members of the object; a nonce unless one is given.
claim_body() {
	local extra='' nonce=''

	[ $# -lt 4 ] || extra=$(printf ',%s' "${@:4}")
	[[ $extra == *nonce* ]] || nonce=$(nonce_of "$1")
	[ -z "$nonce" ] || extra+=",\"nonce\":\"$nonce\""
	printf '{"macs":["%s"],"uuid":"%s","serial":"","arch":"amd64","firmware":"uefi","disks":[%s]%s}' \
		"$1" "$2" "$3" "$extra"
}

# event PLAN MAC NODE SEQ PHASE STATE
event() {
	printf '{"node":"%s","mac":"%s","planId":"%s","seq":%s,"phase":"%s","state":"%s","percent":0,"time":1}' \
		"$3" "$2" "$1" "$4" "$5" "$6"
}

# installed KEY PLAN MAC NODE [SEQ]: tells every phase up to the reboot as done, from SEQ (1) on.
installed() {
	local seq=${5:-1} list='' phase

	for phase in partition pools unpack configure kubernetes bootloader reboot; do
		list+=${list:+,}$(event "$2" "$3" "$4" "$seq" "$phase" "done")
		seq=$((seq + 1))
	done
	ask "$1" /v1/events "[$list]"
}

# is_ready KEY PLAN MAC NODE SEQ: tells what follows the reboot as done, from SEQ on.
is_ready() {
	ask "$1" /v1/events "[$(event "$2" "$3" "$4" "$5" firstboot "done"),$(event "$2" "$3" "$4" $(($5 + 1)) join "done"),$(event "$2" "$3" "$4" $(($5 + 2)) ready "done")]"
}

# field NAME: of the last answer.
field() {
	jq -r ".$1" <<<"$answer"
}

node_state() {
	provision status --json | jq -r --arg n "$1" '.nodes[] | select(.name == $n) | .state'
}
