#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# live-image.sh OUTDIR: a system that runs in memory, as Fedora CoreOS does when it is netbooted:
# OUTDIR/vmlinuz, OUTDIR/initrd, OUTDIR/rootfs.img.
#
# Everything in it is Debian's. The initrd is made by dracut with upstream's own `ignition` module; it
# loads rootfs.img (squashfs) over HTTP into memory and lays an overlay in memory on it. Arguments:
#
#   coreos.live.rootfs_url=URL         where rootfs.img is (or root=live:URL)
#   ignition.firstboot ignition.platform.id=metal ignition.config.url=URL
#
# Ports are brought up by DHCP. In the system are containerd and what a worker of kubeadm asks for; no
# service but the network's, ssh and the clock's runs unless the config enables it. Memory: 2 GiB.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
image=$here/../../../provisioner/image
# shellcheck source=provisioner/image/cache.sh
. "$image/cache.sh"
# shellcheck source=provisioner/image/apt.sh
. "$image/apt.sh"
# shellcheck source=provisioner/image/packages.sh
. "$image/packages.sh"

suite=bookworm arch=amd64
data=$here/data/live-image

live_packages() {
	packages_joined <<-LIST
		linux-image-cloud-$arch kmod udev systemd systemd-sysv systemd-timesyncd dbus
		dracut dracut-network ignition isc-dhcp-client iputils-arping zstd gdisk	# the initrd
		btrfs-progs e2fsprogs dosfstools util-linux mount fdisk
		containerd runc containernetworking-plugins
		iptables conntrack ebtables ethtool socat iproute2
		curl ca-certificates openssl openssh-server login passwd procps
	LIST
}

# live_root: a Debian in $cache_scratch/root, with kernel and initrd in $cache_scratch/entry. Installing
# the kernel makes no initrd of its own: dracut's hook does nothing.
# shellcheck disable=SC2016 # the hook is expanded where it runs
live_root() {
	apt_sources "$suite" >"$cache_scratch/sources.list"
	apt_transport >"$cache_scratch/apt.conf"
	mkdir "$cache_scratch/entry"
	SOURCE_DATE_EPOCH=$(packages_epoch "$suite") TMPDIR=$cache_scratch \
		mmdebstrap --quiet --mode=root --variant=minbase --architectures="$arch" \
		--skip=download/empty,essential/unlink --include="$packages" \
		--aptopt="$cache_scratch/apt.conf" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/etc/kernel/postinst.d/dracut' \
		--essential-hook='install -D -m 0755 "$1/bin/true" "$1/etc/kernel/postinst.d/dracut"' \
		--setup-hook="$image/debs.sh restore live-$suite-$arch \"\$1\"" \
		--customize-hook="$image/debs.sh save live-$suite-$arch \"\$1\"" \
		--customize-hook="$data/configure.sh \"\$1\"" \
		--customize-hook="$data/initrd.sh \"\$1\" $cache_scratch/entry" \
		"$suite" "$cache_scratch/root" "$cache_scratch/sources.list" >&2
}

# live_pack: what the running system has no use for stays out.
live_pack() {
	# shellcheck disable=SC2016
	mksquashfs "$cache_scratch/root" "$cache_scratch/entry/rootfs.img" -quiet -no-progress -comp zstd \
		-Xcompression-level 6 -b 256K -processors 2 -wildcards -e \
		'boot/vmlinuz*' 'boot/initrd*' 'boot/System.map*' 'dev/*' 'proc/*' 'sys/*' 'run/*' 'tmp/*' 'var/cache/*' 'var/log/*' 'var/lib/apt/*' \
		'var/lib/dpkg/info/*' 'usr/lib/dracut' 'usr/bin/ignition-validate' 'vmlinuz*' 'initrd.img*' >&2
}

[ $# -eq 1 ] || cache_fail 'usage: live-image.sh OUTDIR'
[ "$(id -u)" = 0 ] || cache_fail "a Debian is unpacked with its owners and devices: run it as root"
packages=$(live_packages)
files=()
for file in "$data"/*; do
	files+=("@$file")
done
key=$(cache_key "$suite" "$arch" "$packages" "@$here/live-image.sh" "${files[@]}")
cache_lock live-image "$key"
if ! cache_have live-image "$key"; then
	cache_tmp
	live_root
	live_pack
	cache_put live-image "$key" "$cache_scratch/entry"
	cache_prune live-image 2
fi
for file in vmlinuz initrd rootfs.img; do
	cache_place "$cache_root/live-image/$key/$file" "$1/$file"
done
