#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The node's operating system: one tar.zst of a Debian that boots from btrfs under BIOS and UEFI,
# runs containers, and holds nothing that belongs to one machine.
#
# usage: rootfs.sh --suite 13|12 --arch ARCHITECTURE --out FILE [--refresh]
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=provisioner/image/cache.sh
. "$here/cache.sh"
# shellcheck source=provisioner/image/apt.sh
. "$here/apt.sh"
# shellcheck source=provisioner/image/packages.sh
. "$here/packages.sh"

suite=13 arch='' out='' refresh=''
while [ $# -gt 0 ]; do
	case $1 in
	--suite) suite=$2; shift ;;
	--arch) arch=$2; shift ;;
	--out) out=$2; shift ;;
	--refresh) refresh=1 ;;
	*) cache_fail "unknown argument \"$1\": see the head of $0" ;;
	esac
	shift
done
[ -n "$out" ] || cache_fail "--out FILE is missing: say where the image goes"
[ "$(id -u)" = 0 ] || cache_fail "a Debian is unpacked with its owners and devices: run it as root"
[ -n "$arch" ] || arch=$(dpkg --print-architecture)
suite=$(apt_codename "$suite")
components=$(apt_components)
packages=$(packages_node "$suite" "$arch" "$components")

key=$(cache_key "$suite" "$arch" "$packages" "@$here/rootfs.sh" "@$here/rootfs-prepare.sh" \
	"@$here/rootfs-configure.sh")
cache_lock rootfs "$key"
if [ -n "$refresh" ] || ! cache_have rootfs "$key"; then
	cache_tmp
	apt_sources "$suite" > "$cache_scratch/sources.list"
	apt_transport > "$cache_scratch/apt.conf"
	# Times in the archive are clamped to the release's own day: the same packages are the same bytes.
	SOURCE_DATE_EPOCH=$(packages_epoch "$suite") TMPDIR=$cache_scratch \
		mmdebstrap --quiet --mode=root --variant=minbase --architectures="$arch" --format=tar \
		--skip=download/empty,essential/unlink \
		--include="$packages" --aptopt="$cache_scratch/apt.conf" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/lintian/*' \
		--setup-hook="$here/debs.sh restore rootfs-$suite-$arch \"\$1\"" \
		--essential-hook="$here/rootfs-prepare.sh \"\$1\"" \
		--customize-hook="$here/debs.sh save rootfs-$suite-$arch \"\$1\"" \
		--customize-hook="$here/rootfs-configure.sh \"\$1\"" \
		"$suite" "$cache_scratch/rootfs.tar" "$cache_scratch/sources.list" >&2
	mkdir "$cache_scratch/entry"
	zstd --quiet -8 -T0 --rm "$cache_scratch/rootfs.tar" -o "$cache_scratch/entry/rootfs.tar.zst"
	cache_put rootfs "$key" "$cache_scratch/entry"
	cache_prune rootfs 4
fi
cache_place "$cache_root/rootfs/$key/rootfs.tar.zst" "$out"
