#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# k3s from blank disks to ready: upstream's binary, or a stand-in.
#
#   k3s.sh --k3s FILE        a server and an agent, and the cluster shows both Ready (default: $K3S)
#   k3s.sh --server          the stand-in as the first server
#   k3s.sh --agent           the stand-in as an agent; a real Kubernetes takes its token
#
# The stand-in holds a node to what upstream documents, and runs neither containers nor an API server.
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

k3s=${K3S:-} part=''
while [ $# -gt 0 ]; do
	case $1 in
	--k3s) k3s=$2; shift ;;
	--server | --agent) part=${1#--} ;;
	*) echo "k3s.sh: unknown argument $1" >&2; exit 2 ;;
	esac
	shift
done
if [ -n "$part" ]; then
	k3s=$lab_source/data/k3s-stand-in
elif [ -z "$k3s" ]; then
	echo "k3s.sh: --k3s FILE, --server or --agent is missing" >&2
	exit 2
fi

lab_begin "k3s${part:+-$part}"
network_create
[ -z "$part" ] || lab_note "this is a stand-in, held against upstream's documentation"
if [ "$part" = agent ]; then
	cluster_begin
	provisioner_images
	cluster_await
	provisioner_init --flavour k3s --dhcp server --endpoint "$LAB_ADDRESS:6443" --kubeconfig "$(cluster_kubeconfig)"
else
	provisioner_images
	provisioner_init --flavour k3s --dhcp server --endpoint 10.77.0.11:6443
fi
provisioner_k3s "$k3s"
provisioner_start
nodes=()
if [ "$part" != agent ]; then
	provision add-node 52:54:00:00:00:01 --name node1 --role control-plane --address 10.77.0.11/24 "${machine_node_options[@]}"
	nodes+=(node1)
fi
if [ "$part" != server ]; then
	provision add-node 52:54:00:00:00:02 --name node2 --role worker --address 10.77.0.12/24 --label shelf=2 "${machine_node_options[@]}"
	nodes+=(node2)
fi
for node in "${nodes[@]}"; do
	machine_create "$node" --mac "52:54:00:00:00:0${node#node}" --memory 3072 --disk virtio-blk:SYSTEM:8G
	machine_start "$node"
done
for node in "${nodes[@]}"; do
	provisioner_wait "$node" 1800 ready || lab_fail "$node did not become ready"
	lab_note "$node is ready"
done
[ -z "$part" ] || exit 0
provision kubeconfig >"$LAB_DIR/kubeconfig"
cluster_use "$LAB_DIR/kubeconfig"
for node in "${nodes[@]}"; do
	lab_until 120 cluster_ready "$node" || lab_fail "the cluster does not call $node Ready"
done
cluster_kubectl get nodes -o wide --show-labels
[ "$(cluster_kubectl get node node2 -o 'jsonpath={.metadata.labels.shelf}')" = 2 ] || lab_fail "node2 misses its label"
