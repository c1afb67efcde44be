#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A k3s server and a k3s agent, from blank disks to ready.
#
#   k3s.sh [--k3s FILE]
#
# FILE is upstream's binary (default: $K3S), and the cluster has to show both nodes Ready. Without it a
# stand-in holds the nodes to what upstream documents, and runs no containers.
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

k3s=${K3S:-}
while [ $# -gt 0 ]; do
	case $1 in
	--k3s) k3s=$2; shift ;;
	*) echo "k3s.sh: unknown argument $1" >&2; exit 2 ;;
	esac
	shift
done

lab_begin k3s
network_create
[ -n "$k3s" ] || lab_note "no k3s at hand: this is a stand-in, held against upstream's documentation"
provisioner_images
provisioner_init --flavour k3s --dhcp server --endpoint 10.77.0.11:6443
provisioner_k3s "${k3s:-$lab_source/data/k3s-stand-in}"
provisioner_start
provision add-node 52:54:00:00:00:01 --name node1 --role control-plane --address 10.77.0.11/24
provision add-node 52:54:00:00:00:02 --name node2 --role worker --address 10.77.0.12/24 --label shelf=2
for i in 1 2; do
	machine_create "node$i" --mac "52:54:00:00:00:0$i" --memory 3072 --disk virtio-blk:SYSTEM:8G
	machine_start "node$i"
done
for i in 1 2; do
	provisioner_wait "node$i" 1800 ready || lab_fail "node$i did not become ready"
	lab_note "node$i is ready"
done
[ -n "$k3s" ] || exit 0
provision kubeconfig >"$LAB_DIR/kubeconfig"
cluster_use "$LAB_DIR/kubeconfig"
for i in 1 2; do
	lab_until 120 cluster_ready "node$i" || lab_fail "the cluster does not call node$i Ready"
done
cluster_kubectl get nodes -o wide --show-labels
[ "$(cluster_kubectl get node node2 -o 'jsonpath={.metadata.labels.shelf}')" = 2 ] || lab_fail "node2 misses its label"
