#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two machines join, one by UEFI and one by BIOS, and a pod on one reaches a Service whose pod is on the
# other. Then the provisioner is switched off, and the one with the BIOS finds its way to its own disk.
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

lab_begin two-nodes
network_create
provisioner_for_cluster
firmware=([1]=uefi [2]=bios)
for i in 1 2; do
	provision add-node "52:54:00:00:00:0$i" --name "node$i" --role worker --label "shelf=$i" "${machine_node_options[@]}"
	machine_create "node$i" --mac "52:54:00:00:00:0$i" --firmware "${firmware[i]}" --disk virtio-blk:SYSTEM:8G
	machine_start "node$i"
done
for i in 1 2; do
	provisioner_wait "node$i" 1800 ready || lab_fail "node$i did not become ready"
	lab_note "node$i is ready"
done
cluster_kubectl get nodes -o wide --show-labels
[ "$(cluster_kubectl get node node2 -o 'jsonpath={.metadata.labels.shelf}')" = 2 ] || lab_fail "node2 misses its label"
"$lab_source/kubernetes-service-test.sh" "$LAB_NETNS" "$(cluster_kubeconfig)" node1 node2 ||
	lab_fail "the pod network does not carry"
lab_note "a pod on node2 reached a Service whose pod is on node1"
provisioner_boots_alone node2
