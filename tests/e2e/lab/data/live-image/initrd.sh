#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hook of mmdebstrap: the kernel and the initrd of the system in ROOT, made by its own dracut.
#
# usage: initrd.sh ROOT OUTDIR
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$1 out=$2 module=usr/lib/dracut/modules.d/95lab-live

install -d "$root/$module"
install -m 0755 -t "$root/$module" "$here/module-setup.sh" "$here/live-rootfs" "$here/parse-live.sh"
install -m 0644 -t "$root/$module" "$here/live-rootfs.service" "$here/sysroot.mount"

kernel=("$root"/boot/vmlinuz-*)
version=${kernel[0]##*/vmlinuz-}
chroot "$root" depmod "$version"
chroot "$root" dracut --force --quiet --no-hostonly --no-hostonly-cmdline --no-early-microcode \
	--compress 'zstd -q -9 -T0' \
	--kver "$version" --modules 'lab-live' --install 'lsblk udevadm' \
	--kernel-cmdline 'rd.neednet=1' /boot/initrd.img
install -m 0644 "${kernel[0]}" "$out/vmlinuz"
install -m 0644 "$root/boot/initrd.img" "$out/initrd"
