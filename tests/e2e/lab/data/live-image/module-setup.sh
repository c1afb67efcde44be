#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# dracut module: the root file system is a squashfs, fetched over HTTP, under an overlay in memory.
# shellcheck disable=SC2154 # initdir, moddir and systemdsystemunitdir are dracut's

check() {
	return 255
}

depends() {
	echo base dracut-systemd systemd-initrd udev-rules network network-legacy ignition shutdown
}

installkernel() {
	hostonly='' instmods loop squashfs overlay af_packet virtio_pci virtio_net virtio_blk virtio_scsi sd_mod nvme \
		ahci btrfs ext4 vfat nls_cp437 nls_ascii e1000e efivarfs
}

install() {
	local unit

	inst_multiple curl mount mkdir
	inst_hook cmdline 95 "$moddir/parse-live.sh"
	inst_script "$moddir/live-rootfs" /usr/sbin/live-rootfs
	for unit in live-rootfs.service sysroot.mount; do
		inst_simple "$moddir/$unit" "$systemdsystemunitdir/$unit"
	done
	mkdir -p "$initdir$systemdsystemunitdir/initrd-root-fs.target.requires"
	ln_r "$systemdsystemunitdir/sysroot.mount" \
		"$systemdsystemunitdir/initrd-root-fs.target.requires/sysroot.mount"

	# Upstream leaves it to the distribution to have the network up before the config is fetched.
	mkdir -p "$initdir$systemdsystemunitdir/ignition-fetch.service.d"
	printf '[Unit]\nAfter=dracut-initqueue.service\n' \
		>"$initdir$systemdsystemunitdir/ignition-fetch.service.d/network.conf"

	# Upstream's generator asks this: there is no disk to wait for. And nothing to label.
	printf '#!/bin/sh\nexit 0\n' >"$initdir/usr/bin/is-live-image"
	printf '#!/bin/sh\nexit 0\n' >"$initdir/usr/sbin/setfiles"
	chmod 0755 "$initdir/usr/bin/is-live-image" "$initdir/usr/sbin/setfiles"
}
