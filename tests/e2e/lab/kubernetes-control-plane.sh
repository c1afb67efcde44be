#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kubernetes-control-plane.sh start NETNS ADDRESS DIR: a real control plane as plain processes.
# kubernetes-control-plane.sh stop DIR
#
# etcd, kube-apiserver, kube-controller-manager and kube-scheduler run in the network namespace NETNS,
# which has ADDRESS, each with its root in DIR/root and with the very arguments of the manifests that
# kubeadm writes there. kubeadm's own phases then make what `kubeadm join` looks for, so that a
# node with nothing but a bootstrap token joins at ADDRESS:6443. start returns when the API is ready
# and the bootstrap signer has been seen to sign; DIR/admin.conf and DIR/ca.crt are for the caller,
# DIR/log holds one log per process. stop ends exactly those processes and removes DIR.
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
# shellcheck source=tests/e2e/lab/kubernetes-common.sh
. "$here/kubernetes-common.sh"

name=lab-control-plane
pod_subnet=10.244.0.0/16
limit_s=120 # generous: a busy host of two cores needs about 15 s

in_root() {
	ip netns exec "$netns" chroot "$dir/root" "$@"
}

kubeadm() {
	in_root /bin/kubeadm "$@" >>"$dir/log/kubeadm" 2>&1 ||
		kube_die "kubeadm $*: $(tail -n 3 "$dir/log/kubeadm")"
}

kubectl() {
	in_root /bin/kubectl --kubeconfig /etc/kubernetes/admin.conf "$@"
}

# The root that all four processes and kubeadm share, laid out as on a kubeadm control plane.
make_root() {
	local binaries images program etcd
	binaries=$("$here/kubernetes-build.sh" --print)
	images=$("$here/kubernetes-images.sh" --print)
	mkdir -p "$dir"/{log,pids} "$dir"/root/{bin,etc/kubernetes,var/lib,tmp}
	etcd=("$images"/etcd-*.tar)
	tar -xOf "${etcd[0]}" ./layer.tar | tar -x -C "$dir/root"
	for program in kubeadm kubectl kube-apiserver kube-controller-manager kube-scheduler; do
		cp --reflink=auto "$binaries/$program" "$dir/root/bin/"
	done
	printf '127.0.0.1 localhost\n%s %s\n' "$address" "$name" >"$dir/root/etc/hosts"
}

kubeadm_config() {
	cat <<END
apiVersion: kubeadm.k8s.io/v1beta2
kind: InitConfiguration
localAPIEndpoint:
  advertiseAddress: $address
  bindPort: 6443
nodeRegistration:
  name: $name
  criSocket: /run/containerd/containerd.sock
---
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
kubernetesVersion: $("$dir/root/bin/kubeadm" version -o short)
controlPlaneEndpoint: $address:6443
networking:
  podSubnet: $pod_subnet
# There is one of each, and nothing starts it again: on a busy host it would end for a lease that it renewed too late.
controllerManager:
  extraArgs: {leader-elect: "false"}
scheduler:
  extraArgs: {leader-elect: "false"}
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: systemd
END
}

# arguments NAME: the command of kubeadm's static pod manifest, one word per line.
arguments() {
	awk '/^  - command:$/ { on = 1; next } on && /^    - / { print substr($0, 7); next } on { exit }' \
		"$dir/root/etc/kubernetes/manifests/$1.yaml"
}

start_time() {
	local stat
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	stat=${stat##*) }
	printf '%s\n' "$stat" | cut -d ' ' -f 20
}

spawn() {
	local command
	mapfile -t command < <(arguments "$1")
	# Here already: who waits for a line in it may look before the new process has come so far.
	: >"$dir/log/$1"
	PATH=/usr/bin:/bin:/usr/sbin:/sbin ip netns exec "$netns" setsid chroot "$dir/root" "${command[@]}" \
		</dev/null >"$dir/log/$1" 2>&1 &
	printf '%s %s\n' "$!" "$(start_time "$!")" >"$dir/pids/$1"
}

# seen PATTERN COMMAND...: reads what COMMAND goes on printing until a line has PATTERN, then ends it.
seen() {
	local lines pid found=1
	exec {lines}< <(exec timeout "$limit_s" "${@:2}" 2>/dev/null)
	pid=$!
	grep -q -m 1 -e "$1" <&"$lines" && found=0
	exec {lines}<&-
	kill "$pid" 2>/dev/null || true
	return "$found"
}

# await NAME PATTERN: until the log of process NAME has the line; an error as soon as it is gone.
await() {
	local pid
	read -r pid _ <"$dir/pids/$1"
	seen "$2" tail --pid="$pid" -n +1 -f "$dir/log/$1" ||
		kube_die "$1 did not come up: $(tail -n 3 "$dir/log/$1")"
}

# A post-start hook may still run when the port is open; each question takes the server's own time.
await_ready() {
	local until=$((SECONDS + limit_s)) pid since
	read -r pid since <"$dir/pids/kube-apiserver"
	until [[ $(kubectl get --raw /readyz 2>/dev/null) == ok ]]; do
		if ((SECONDS >= until)) || [[ $(start_time "$pid") != "$since" ]]; then
			kube_die "kube-apiserver is not ready: $(tail -n 3 "$dir/log/kube-apiserver")"
		fi
	done
}

# The phases of `kubeadm init` after its control plane is up, without those for a node of its own.
# upload-config wants to annotate that node: it gets one, before any controller could notice.
publish() {
	printf 'apiVersion: v1\nkind: Node\nmetadata: {name: %s, labels: {kubernetes.io/hostname: %s}}\n' \
		"$name" "$name" | kubectl create -f - >/dev/null
	kubeadm init phase upload-config all --config /etc/kubeadm.yaml
	kubectl delete node "$name" >/dev/null
	kubeadm init phase bootstrap-token --config /etc/kubeadm.yaml
	kubeadm init phase addon kube-proxy --config /etc/kubeadm.yaml
}

# kubeadm made one token; the signer's answer to it shows that tokens work, then it goes.
await_signer() {
	local secret
	secret=$(kubectl -n kube-system get secrets -o name | sed -n '/bootstrap-token-/{p;q}')
	seen "jws-kubeconfig-${secret##*-}:" ip netns exec "$netns" chroot "$dir/root" /bin/kubectl \
		--kubeconfig /etc/kubernetes/admin.conf -n kube-public get configmap cluster-info --watch -o yaml ||
		kube_die 'the bootstrap signer does not sign cluster-info: look at the log of kube-controller-manager'
	kubectl -n kube-system delete "$secret" >/dev/null
}

start() {
	netns=$1 address=$2
	mkdir -p "$3"
	dir=$(cd "$3" && pwd)
	[[ ! -e $dir/root ]] || kube_die "$dir holds a control plane: run 'stop $dir' first"
	ip netns exec "$netns" true || kube_die "no network namespace $netns: make it with ip netns add"
	trap '[[ $? -eq 0 ]] || end_processes' EXIT
	make_root
	kubeadm_config >"$dir/root/etc/kubeadm.yaml"
	ip -n "$netns" link set lo up
	kubeadm init phase certs all --config /etc/kubeadm.yaml
	kubeadm init phase kubeconfig all --config /etc/kubeadm.yaml
	kubeadm init phase etcd local --config /etc/kubeadm.yaml
	kubeadm init phase control-plane all --config /etc/kubeadm.yaml
	cp "$dir/root/etc/kubernetes/admin.conf" "$dir/admin.conf"
	cp "$dir/root/etc/kubernetes/pki/ca.crt" "$dir/ca.crt"
	spawn etcd
	spawn kube-apiserver
	await kube-apiserver 'Serving securely'
	await_ready
	publish
	spawn kube-controller-manager
	spawn kube-scheduler
	await_signer
}

# Ends what start left in DIR/pids, and nothing that has taken such a pid since; at once, for what
# they were writing goes with DIR.
end_processes() {
	local file pid since
	for file in "$dir"/pids/*; do
		[[ -e $file ]] || continue
		read -r pid since <"$file"
		if [[ $(start_time "$pid") == "$since" ]]; then
			kill -9 "$pid" 2>/dev/null || true
			timeout 10 tail --pid="$pid" -f /dev/null || true
		fi
		rm -f -- "$file"
	done
}

stop() {
	[[ -d $1/pids ]] || return 0
	dir=$(cd "$1" && pwd)
	end_processes
	rm -rf -- "${dir:?}"/{root,log,pids,admin.conf,ca.crt}
	rmdir --ignore-fail-on-non-empty "$dir"
}

case ${1-}:$# in
start:4) start "$2" "$3" "$4" ;;
stop:2) stop "$2" ;;
*) kube_die 'usage: kubernetes-control-plane.sh start NETNS ADDRESS DIR | stop DIR' ;;
esac
