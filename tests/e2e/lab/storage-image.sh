#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# storage-image.sh OUTDIR: a small system in memory whose kernel has arrays (md) and encrypted volumes
# (dm-crypt), for tests of storage on hosts whose kernel has neither: OUTDIR/vmlinuz, OUTDIR/root.cpio.
#
# Everything in it is Debian's; root.cpio is an initrd without an /init, not compressed: an emulated
# machine unpacks that sooner. Whoever starts it puts an archive of its own behind it.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
image=$here/../../../provisioner/image
# shellcheck source=provisioner/image/cache.sh
. "$image/cache.sh"
# shellcheck source=provisioner/image/apt.sh
. "$image/apt.sh"
# shellcheck source=provisioner/image/packages.sh
. "$image/packages.sh"

# Debian 12, on every host: its ignition is the version that the cases were written against.
suite=bookworm arch=amd64

storage_packages() {
	packages_joined <<-LIST
		linux-image-cloud-$arch kmod udev util-linux mount fdisk gdisk login passwd
		python3 openssl iproute2
		ignition systemd	# upstream, and the systemctl that it calls
		mdadm cryptsetup-bin dmsetup btrfs-progs dosfstools e2fsprogs xfsprogs
		clevis clevis-luks clevis-tpm2 tang swtpm
	LIST
}

# Of the kernel's modules, what a machine without disks and cards has a use for.
kept_modules='arch block crypto lib drivers/block drivers/char drivers/md fs/btrfs fs/fat fs/nls fs/xfs'

# What a machine that is thrown away after the test has no use for; what needs ICU is xfs_scrub alone.
unused='boot var/cache/apt var/cache/debconf var/lib/apt var/lib/dpkg/info var/lib/systemd/catalog var/log
	usr/share/bash-completion usr/share/bug usr/share/common-licenses usr/share/lintian usr/share/perl*
	usr/share/zoneinfo usr/share/zsh usr/lib/file usr/lib/initcpio usr/lib/udev/hwdb* usr/lib/*/gconv
	usr/lib/*/libicu* usr/lib/*/libperl* usr/lib/*/perl* usr/bin/ignition-validate'

# storage_root: a Debian in $cache_scratch/root. Installing the kernel makes no initrd.
storage_root() {
	apt_sources "$suite" >"$cache_scratch/sources.list"
	apt_transport >"$cache_scratch/apt.conf"
	SOURCE_DATE_EPOCH=$(packages_epoch "$suite") TMPDIR=$cache_scratch \
		mmdebstrap --quiet --mode=root --variant=minbase --architectures="$arch" \
		--skip=download/empty,essential/unlink --include="$packages" \
		--aptopt="$cache_scratch/apt.conf" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
		--dpkgopt='path-exclude=/etc/kernel/postinst.d/initramfs-tools' \
		--setup-hook="$image/debs.sh restore storage-$suite-$arch \"\$1\"" \
		--customize-hook="$image/debs.sh save storage-$suite-$arch \"\$1\"" \
		"$suite" "$cache_scratch/root" "$cache_scratch/sources.list" >&2
}

storage_modules() {
	local root=$cache_scratch/root version folder

	version=$(basename "$root"/usr/lib/modules/*)
	mv "$root/usr/lib/modules/$version/kernel" "$cache_scratch/modules"
	for folder in $kept_modules; do
		[ -e "$cache_scratch/modules/$folder" ] || cache_fail "the kernel has no modules $folder"
		mkdir -p "$(dirname "$root/usr/lib/modules/$version/kernel/$folder")"
		mv "$cache_scratch/modules/$folder" "$root/usr/lib/modules/$version/kernel/$folder"
	done
	depmod -b "$root/usr" "$version"
}

storage_pack() {
	local root=$cache_scratch/root kernel=("$cache_scratch"/root/boot/vmlinuz-*) name

	mkdir "$cache_scratch/entry"
	install -m 0644 "${kernel[0]}" "$cache_scratch/entry/vmlinuz"
	for name in $unused; do
		# shellcheck disable=SC2086 # patterns
		(cd "$root" && rm -rf $name)
	done
	(cd "$root" && find . -mindepth 1 ! -path './dev/*' ! -path './proc/*' ! -path './sys/*' -print0 |
		LC_ALL=C sort -z | cpio --quiet --null --create --format=newc --reproducible) \
		>"$cache_scratch/entry/root.cpio"
}

[ $# -eq 1 ] || cache_fail 'usage: storage-image.sh OUTDIR'
[ "$(id -u)" = 0 ] || cache_fail "a Debian is unpacked with its owners and devices: run it as root"
packages=$(storage_packages)
key=$(cache_key "$suite" "$arch" "$packages" "@$here/storage-image.sh")
cache_lock storage-image "$key"
if ! cache_have storage-image "$key"; then
	cache_tmp
	storage_root
	storage_modules
	storage_pack
	cache_put storage-image "$key" "$cache_scratch/entry"
	cache_prune storage-image 2
fi
for file in vmlinuz root.cpio; do
	cache_place "$cache_root/storage-image/$key/$file" "$1/$file"
done
