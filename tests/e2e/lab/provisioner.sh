# SPDX-License-Identifier: Apache-2.0
# The provisioner of the lab: the installed programs with directories of their own.
#
#   provision ARG...              the command, in the lab's namespace
#   provisioner_init ARG...       `provision init` for the lab's bridge, with a key for ssh
#   provisioner_images            node image, boot environment, loaders
#   provisioner_kubernetes        the lab's Kubernetes, after provisioner_init
#   provisioner_k3s [FILE]        k3s instead
#   provisioner_share DIR         puts templates and scripts where a daemon without rights can read them
#   provisioner_start             provisiond; returns when it answers
#   provisioner_image_in_memory   an image that runs in memory and loaders, instead of provisioner_images
#   provisioner_for_cluster [IMAGES]       all of these, as DHCP server, beside a control plane that exists
#                                          already; IMAGES: which of the two above
#   provisioner_stop              ends it as systemd would
#   provisioner_boot_alone NODE...  ends it, and cuts the power of each NODE, which boots its own disk; ends them
#   provisioner_state NODE        "STATE PHASE", e.g. "installing unpack"
#   provisioner_is NODE STATE
#   provisioner_wait NODE LIMIT STATE      until status says STATE; gives up at once when the node
#                                          failed or its claim waits for somebody
#   provisioner_event NODE LIMIT PHASE STATE [PERCENT]   until the newest installation has that event
#   provisioner_follow NODE SINCE          from now on its events after number SINCE are read by
#   provisioner_follow_until TENTHS COMMAND...   until COMMAND... PHASE STATE PERCENT is true for one;
#                                          false after TENTHS of a second. No poll is as early.
#   provisioner_unfollow
# shellcheck shell=bash

provisioner_prefix=$("$lab_source/build.sh" prefix)
provisioner_events=

provisioner_environment() {
	export PROVISION_CONFIG=$LAB_DIR/config PROVISION_STATE=$LAB_DIR/state PROVISION_RUN=$LAB_DIR/run
	export PATH=$provisioner_prefix/sbin:$provisioner_prefix/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
	mkdir -p "$PROVISION_STATE" "$PROVISION_RUN"
	provisioner_share "$LAB_DIR/share"
}

# The tree, and with it what was installed from it, may lie in a home directory that is its owner's alone.
provisioner_share() {
	[ -d "$1" ] || cp -r "$provisioner_prefix/share/provision" "$1"
	export PROVISION_DATA=$1
}

provision() {
	network_exec provision "$@"
}

provisioner_init() {
	provisioner_environment
	ssh-keygen -q -t ed25519 -N '' -C lab -f "$LAB_DIR/ssh"
	provision init --interface "$LAB_BRIDGE" --address "$LAB_ADDRESS" --lan-subnet "$LAB_SUBNET" --router "$LAB_ADDRESS" \
		--ssh-key "$LAB_DIR/ssh.pub" "$@"
}

# The assets are signed, and come before `provision init` here: a control plane is coming up meanwhile.
provisioner_keys() {
	provisioner_environment
	[ -e "$PROVISION_STATE/secrets" ] || command provision init --keys
}

# The mirror is reached from the host's own network, not from the lab's.
provisioner_images() {
	local -a kernels

	provisioner_keys
	command provision assets build
	kernels=("$PROVISION_STATE"/assets/boot/*/vmlinuz)
	machine_choose_accel "${kernels[0]}"
}

# A node takes it by `image: ignition-lab`.
provisioner_image_in_memory() {
	local image=$LAB_DIR/live-image

	provisioner_keys
	mkdir -p "$image"
	"$lab_source/live-image.sh" "$image"
	command provision assets add ignition --version lab --arch amd64 "$image"/{vmlinuz,initrd,rootfs.img}
	"$lab_top/provisioner/image/loaders.sh" --out "$PROVISION_STATE/assets/ipxe"
	machine_choose_accel "$image/vmlinuz"
}

# Of the version in cluster.yaml, as the next one.
provisioner_kubernetes() {
	command provision assets add kubernetes "$(cluster_bundle)"
}

# With a path: that binary; else upstream's release, with upstream's digests.
provisioner_k3s() {
	command provision assets add k3s ${1:+"$1"}
}

# Without a daemon the command answers as well.
provisioner_answers() {
	[ -S "$PROVISION_RUN/ctl" ] && [ "$(provision status --json 2>/dev/null | jq .daemon)" = true ]
}

provisioner_start() {
	ip netns exec "$LAB_NETNS" provisiond -d --user nobody >>"$LAB_DIR/keep/provisiond.log" 2>&1 &
	provisioner_pid=$!
	disown "$provisioner_pid"
	if ! lab_until 30 provisioner_answers; then
		tail -n 20 "$LAB_DIR/keep/provisiond.log" >&2
		return 1
	fi
}

provisioner_for_cluster() {
	cluster_begin
	"${1:-provisioner_images}"
	cluster_await
	provisioner_init --dhcp server --no-coredns --version "$cluster_version" --network bridge \
		--endpoint "$LAB_ADDRESS:6443" --kubeconfig "$(cluster_kubeconfig)"
	provisioner_kubernetes
	provisioner_start
	lab_note "a control plane and a provisioner answer"
}

provisioner_stop() {
	kill "$provisioner_pid"
	while kill -0 "$provisioner_pid" 2>/dev/null; do
		sleep 0.1
	done
	! network_exec ss -Hlnu | grep -qE ':(67|69|4011)\b' || lab_fail "provisiond was ended, and something still answers"
}

provisioner_boot_alone() {
	local node

	provisioner_stop
	for node in "$@"; do
		machine_mark "$node"
		machine_cycle "$node"
	done
	for node in "$@"; do
		machine_wait "$node" 600 '(login:|Welcome to|Reached target)' ||
			lab_fail "without a provisioner $node did not boot its disk"
		lab_note "$node boots its own disk without a provisioner"
		machine_kill "$node"
	done
}

provisioner_status() {
	provision status --json | jq -r --arg node "$1" '.nodes[] | select(.name == $node) | '"$2"
}

provisioner_state() {
	provisioner_status "$1" '"\(.state) \(.phase // "-")"'
}

provisioner_is() {
	[ "$(provisioner_status "$1" .state)" = "$2" ]
}

provisioner_wait() {
	local node=$1 limit=$2 wanted=$3 state end

	end=$((SECONDS + limit))
	while :; do
		state=$(provisioner_state "$node") || return 1
		case $state in
		"$wanted "*) return 0 ;;
		# Other phases wait for what comes by itself, another node for instance.
		failed\ * | "waiting claim")
			echo "node $node: $(provisioner_status "$node" '"\(.state): \(.message // "")"')" >&2
			return 1
			;;
		esac
		if [ "$SECONDS" -ge "$end" ]; then
			echo "node $node: still '$state' after $limit s, not $wanted" >&2
			provision events "$node" | tail -n 10 >&2
			return 1
		fi
		sleep 0.5
	done
}

# The number of the newest event.
provisioner_last_event() {
	provision status --json | jq .last
}

# An event after number SINCE, of the newest installation: an earlier one had the same phases.
provisioner_has_event_since() {
	local since=$1 node=$2 phase=$3 state=$4 percent=${5:-0}

	provision events "$node" --json | jq -es --argjson since "$since" --arg phase "$phase" \
		--arg state "$state" --argjson percent "$percent" '
		[.[] | if type == "array" then .[] elif has("events") then .events[] else . end] |
		([.[].planId | select(test("[^0]"))] | last) as $plan |
		any(.[]; .id > $since and .planId == $plan and .phase == $phase and
			.state == $state and (.percent // 0) >= $percent)' >/dev/null 2>&1
}

provisioner_has_event() {
	provisioner_has_event_since 0 "$@"
}

provisioner_follow() {
	exec {provisioner_events}< <(provision events "$1" --json --follow --after "$2" 2>/dev/null |
		jq --unbuffered -r 'select(.state != "note") | "\(.phase) \(.state) \(.percent)"')
}

# What follows for a reader that has gone ends with the next events.
provisioner_unfollow() {
	exec {provisioner_events}<&-
}

provisioner_tenths() {
	echo $((${EPOCHREALTIME/[.,]/} / 100000))
}

provisioner_follow_until() {
	local end left phase state percent

	end=$(($(provisioner_tenths) + $1))
	shift
	while :; do
		left=$((end - $(provisioner_tenths)))
		[ "$left" -gt 0 ] || return 1
		read -r -t "$((left / 10)).$((left % 10))" -u "$provisioner_events" phase state percent || return 1
		! "$@" "$phase" "$state" "$percent" || return 0
	done
}

provisioner_event() {
	local node=$1 limit=$2

	shift 2
	lab_until "$limit" provisioner_has_event "$node" "$@" || {
		echo "node $node: no event '$*' within $limit s; the last ones are:" >&2
		provision events "$node" | tail -n 10 >&2
		return 1
	}
}
