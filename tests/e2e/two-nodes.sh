#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two blank machines are powered on, netboot, one by UEFI and one by BIOS, and join; the power of the one with
# UEFI is cut three times on its way. A pod on one reaches a Service whose pod is on the other. Then the
# provisioner is switched off, and each finds its way to its own disk. A disk that no plan names is not changed
# by a single byte.
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

lab_begin two-nodes
network_create
provisioner_for_cluster
provision add-node 52:54:00:00:00:01 --name node1 --role worker --label shelf=1 "${machine_node_options[@]}" \
	--disk serial=SYSTEM1 --disk serial=SYSTEM2 --pool name=tank,mount=/srv/tank,disk=serial=DATA1
provision add-node 52:54:00:00:00:02 --name node2 --role worker --label shelf=2 "${machine_node_options[@]}"
provision check
# A machine that lay in a cupboard for years: its clock has to come from the provisioner.
machine_create node1 --mac 52:54:00:00:00:01 --firmware uefi --rtc 2010-01-01 \
	--disk virtio-blk:SYSTEM1:8G --disk nvme:SYSTEM2:8G --disk ahci:DATA1:4G --disk virtio-blk:FAMILY1:1G
disk_foreign node1 FAMILY1
before=$(disk_sum node1 FAMILY1)
machine_create node2 --mac 52:54:00:00:00:02 --firmware bios --disk virtio-blk:SYSTEM:8G
since=$(provisioner_last_event)
machine_start node1
machine_start node2
power_cuts node1 "$since" few
lab_note "node1 is ready"
provisioner_wait node2 1800 ready || lab_fail "node2 did not become ready"
lab_note "node2 is ready"
cluster_kubectl get nodes -o wide --show-labels
[ "$(cluster_kubectl get node node2 -o 'jsonpath={.metadata.labels.shelf}')" = 2 ] || lab_fail "node2 misses its label"
"$lab_source/kubernetes-service-test.sh" "$LAB_NETNS" "$(cluster_kubeconfig)" node1 node2 ||
	lab_fail "the pod network does not carry"
lab_note "a pod on node2 reached a Service whose pod is on node1"
provisioner_boot_alone node1 node2
[ "$(disk_sum node1 FAMILY1)" = "$before" ] || lab_fail "the disk FAMILY1, which no plan names, was changed"
lab_note "the foreign disk is as it was"
