#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Beside somebody else's DHCP server, which says nothing about booting, a machine finds the
# provisioner and claims its plan; its address comes from the other server.
#
#   proxy.sh --firmware uefi|bios --rom none|ipxe
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

firmware=uefi rom=none
while [ $# -gt 0 ]; do
	case $1 in
	--firmware) firmware=$2 ;;
	--rom) rom=$2 ;;
	*) echo "proxy.sh: unknown argument $1" >&2; exit 2 ;;
	esac
	shift 2
done

lab_begin "proxy-$firmware-$rom"
network_create
router_start
provisioner_init --dhcp proxy --no-coredns --network bridge --version "$cluster_version"
provisioner_images
provisioner_kubernetes
provisioner_start
provision add-node 52:54:00:00:00:01 --name node1 --address 10.77.0.11/24 "${machine_node_options[@]}"

machine_create node1 --mac 52:54:00:00:00:01 --firmware "$firmware" --rom "$rom" --disk virtio-blk:SYSTEM1:8G
machine_start node1
lab_note "node1 is powered on"
provisioner_event node1 600 claim "done" || lab_fail "node1 did not claim its plan"
lab_note "node1 has its plan"
grep -q 'DHCPACK.*52:54:00:00:00:01' "$(router_log)" || lab_fail "the address did not come from the router"
