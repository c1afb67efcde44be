#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One kind of network card, or one kind of disk: the boot environment finds it without a list.
#
#   hardware.sh --nic MODEL     netboots over it (usb-net: no firmware can, so the kernel is given)
#                               and claims its plan
#   hardware.sh --disk KIND     installs on it and boots from it
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

nic='' disk=''
case ${1:-} in
--nic) nic=$2 ;;
--disk) disk=$2 ;;
*) echo "hardware.sh: --nic MODEL or --disk KIND is missing" >&2; exit 2 ;;
esac

# Debian 12's QEMU has no igb, Debian 13's has one.
if [ -n "$nic" ] && ! qemu-system-x86_64 -device help | grep -q "name \"$nic\""; then
	if [ "$(. /etc/os-release && echo "$VERSION_CODENAME")" != bookworm ]; then
		echo "hardware.sh: QEMU knows no card \"$nic\"" >&2
		exit 2
	fi
	lab=tests/e2e/lab
	exec "$(dirname "$0")/fresh.sh" --suite trixie --run \
		"$lab/host.sh install build run lab test && $lab/build.sh install && tests/e2e/hardware.sh --nic $nic"
fi

lab_begin "hardware-${nic:-$disk}"
network_create
provisioner_init --dhcp server --no-coredns --network bridge --version "$cluster_version"
provisioner_images
provisioner_kubernetes
provisioner_start
add=(--name node1 --address 10.77.0.11/24 "${machine_node_options[@]}")
# A stick is no place for a system unless somebody says so.
[ "$disk" != usb ] || add+=(--disk serial=SYSTEM1)
provision add-node 52:54:00:00:00:01 "${add[@]}"

options=(--disk "${disk:-virtio-blk}:SYSTEM1:8G")
case $nic in
'') options+=(--firmware uefi) ;;
virtio-net-pci) options+=(--firmware uefi --nic "$nic") ;;
usb-net | igb)
	boot=$PROVISION_STATE/assets/boot/debian-13-amd64
	# of the daemon: only there it has the nonce of a boot
	line=$(network_exec curl -sSf "http://$LAB_ADDRESS:8080/ipxe?mac=52:54:00:00:00:01" | sed -nE 's/^(kernel|imgargs) +[^ ]+ +//p' | head -n 1)
	options+=(--nic "$nic" --kernel "$boot/vmlinuz" --initrd "$boot/initrd" --append "$line")
	;;
*) options+=(--firmware bios --nic "$nic") ;;
esac
machine_create node1 --mac 52:54:00:00:00:01 "${options[@]}"
machine_start node1
provisioner_event node1 600 claim "done" || lab_fail "node1 did not claim its plan over its ${nic:-network card}"
lab_note "node1 has its plan"
if [ -n "$disk" ]; then
	provisioner_event node1 1800 firstboot started || lab_fail "node1 did not boot from its $disk disk"
	lab_note "node1 boots from its $disk disk"
fi
