# SPDX-License-Identifier: Apache-2.0
# The lab's Kubernetes: a control plane that exists already, and the release that nodes get.
#
#   cluster_begin            a real control plane as plain processes at $LAB_ADDRESS:6443 comes up
#   cluster_await            until it answers
#   cluster_stop
#   cluster_kubectl ARG...   kubectl with its administrator's rights
#   cluster_ready NODE       the cluster's own word: NODE is Ready
#   cluster_kubeconfig       path of the administrator's kubeconfig
#   cluster_bundle           makes and prints the folder for `provision assets add kubernetes`
#   cluster_use FILE         talk to another cluster (one that the lab's first machine is)
# shellcheck shell=bash

cluster_version=v1.20.2
cluster_dir=
cluster_config=
cluster_binaries=
cluster_starter=

cluster_begin() {
	cluster_dir=$LAB_DIR/control-plane
	cluster_config=$cluster_dir/admin.conf
	lab_on_exit cluster_stop
	"$lab_source/kubernetes-control-plane.sh" start "$LAB_NETNS" "$LAB_ADDRESS" "$cluster_dir" &
	cluster_starter=$!
}

cluster_await() {
	local status=0

	wait "$cluster_starter" || status=$?
	cluster_starter=
	return "$status"
}

cluster_stop() {
	[ -n "$cluster_dir" ] || return 0
	if [ -n "$cluster_starter" ]; then
		kill "$cluster_starter" 2>/dev/null
		wait "$cluster_starter"
	fi
	cp -r "$cluster_dir/log" "$LAB_DIR/keep/control-plane" 2>/dev/null
	"$lab_source/kubernetes-control-plane.sh" stop "$cluster_dir"
	cluster_dir=
}

cluster_use() {
	cluster_config=$1
}

cluster_kubeconfig() {
	echo "$cluster_config"
}

cluster_bundle() {
	local folder=$LAB_DIR/bundle

	[ -d "$folder" ] || "$lab_source/kubernetes-bundle.sh" "$folder" >&2
	echo "$folder"
}

cluster_kubectl() {
	: "${cluster_binaries:=$("$lab_source/kubernetes-build.sh" --print)}"
	network_exec "$cluster_binaries/kubectl" --kubeconfig "$cluster_config" "$@"
}

cluster_ready() {
	[ "$(cluster_kubectl get node "$1" -o \
		'jsonpath={.status.conditions[?(@.type=="Ready")].status}' 2>/dev/null)" = True ]
}

# The kubectl of the lab, for a person.
cluster_program() {
	echo "$("$lab_source/kubernetes-build.sh" --print)/kubectl"
}
