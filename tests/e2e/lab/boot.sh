#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Boots one kernel and initrd in a throw-away machine and shows its console here. Ctrl-A X ends it.
#
#   boot.sh KERNEL INITRD APPEND [KIND:SERIAL:SIZE...]
#
# The network is QEMU's user mode: the guest gets 10.0.2.15 and reaches this host as 10.0.2.2.
set -euo pipefail

[ $# -ge 3 ] || { sed -n '3,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/e2e/lab/machine.sh
. "$here/machine.sh"

kernel=$1 initrd=$2 append=$3
shift 3
LAB_DIR=$(mktemp -d)
trap 'rm -rf "$LAB_DIR"' EXIT

args=()
machine_disk_args "$LAB_DIR" "$@"
read -ra accel <<<"$(machine_accel)"
qemu-system-x86_64 "${accel[@]}" -machine q35 -smp 2 -m "${MEMORY:-1024}" -nodefaults -nographic \
	-serial mon:stdio -device virtio-rng-pci -netdev user,id=lan \
	-device "${NIC:-virtio-net-pci},netdev=lan,romfile=" "${args[@]}" \
	-kernel "$kernel" -initrd "$initrd" -append "console=ttyS0 $append"
