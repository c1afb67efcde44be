#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# node-agent, compiled from the shipped source inside the release and architecture that it runs on.
# libarchive goes in statically: the shared one brings libxml2 and ICU, three times the agent's size.
#
# usage: agent.sh --source FOLDER --suite 13|12 --arch ARCHITECTURE --out FILE [--refresh]
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=provisioner/image/cache.sh
. "$here/cache.sh"
# shellcheck source=provisioner/image/apt.sh
. "$here/apt.sh"
# shellcheck source=provisioner/image/packages.sh
. "$here/packages.sh"

# source_digest: prints one digest for all of it, names and contents.
source_digest() {
	(cd "$cache_scratch/source" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
}

# make_buildroot: fills $cache_scratch/buildroot with a Debian that compiles, packed.
make_buildroot() {
	mkdir "$cache_scratch/buildroot"
	apt_sources "$suite" > "$cache_scratch/sources.list"
	apt_transport > "$cache_scratch/apt.conf"
	TMPDIR=$cache_scratch mmdebstrap --quiet --mode=root --variant=minbase --architectures="$arch" \
		--format=tar --skip=download/empty,essential/unlink \
		--include="$packages" --aptopt="$cache_scratch/apt.conf" \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		--setup-hook="$here/debs.sh restore buildroot-$suite-$arch \"\$1\"" \
		--customize-hook="$here/debs.sh save buildroot-$suite-$arch \"\$1\"" \
		"$suite" "$cache_scratch/buildroot.tar" "$cache_scratch/sources.list" >&2
	zstd --quiet -3 -T0 --rm "$cache_scratch/buildroot.tar" -o "$cache_scratch/buildroot/root.tar.zst"
}

# compile: builds the agent in the unpacked build root, and puts it in $cache_scratch/entry.
compile() {
	local root=$cache_scratch/root
	mkdir "$root" "$cache_scratch/entry"
	tar -x --zstd -f "$cache_root/buildroot/$root_key/root.tar.zst" -C "$root" --exclude='./dev/*'
	mv "$cache_scratch/source" "$root/source"
	mkdir "$root/build"
	# configure and make want /dev/null only.
	touch "$root/dev/null" && mount --bind /dev/null "$root/dev/null"
	install -m 0755 "$here/compile.sh" "$root/build/compile.sh"
	if ! chroot "$root" env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 /build/compile.sh >&2; then
		umount "$root/dev/null"
		cache_fail "node-agent does not compile in Debian $suite on $arch: see the lines above"
	fi
	umount "$root/dev/null"
	! chroot "$root" ldd /build/node-agent/node-agent | grep -E 'libxml2|libicu|libarchive|not found' >&2 ||
		cache_fail "node-agent must not need these libraries: the boot environment does not have them"
	install -m 0755 "$root/build/node-agent/node-agent" "$cache_scratch/entry/node-agent"
}

suite=13 arch='' out='' source='' refresh=''
while [ $# -gt 0 ]; do
	case $1 in
	--source) source=$2; shift ;;
	--suite) suite=$2; shift ;;
	--arch) arch=$2; shift ;;
	--out) out=$2; shift ;;
	--refresh) refresh=1 ;;
	*) cache_fail "unknown argument \"$1\": see the head of $0" ;;
	esac
	shift
done
[ -n "$out" ] || cache_fail "--out FILE is missing: say where node-agent goes"
[ -e "$source/common" ] || cache_fail "--source \"$source\" holds no source of provision"
[ -e "$source/configure" ] || cache_fail "$source has no configure: run autoreconf -fi there"
[ "$(id -u)" = 0 ] || cache_fail "the agent is compiled in a Debian of its own: run it as root"
[ -n "$arch" ] || arch=$(dpkg --print-architecture)
suite=$(apt_codename "$suite")
packages=$(packages_build)

cache_tmp
"$here/source.sh" "$source" "$cache_scratch/source"
root_key=$(cache_key "$suite" "$arch" "$packages")
key=$(cache_key "$root_key" "$(source_digest)" "@$here/agent.sh" "@$here/compile.sh")
cache_lock agent "$key"
if [ -n "$refresh" ] || ! cache_have agent "$key"; then
	cache_lock buildroot "$root_key"
	if [ -n "$refresh" ] || ! cache_have buildroot "$root_key"; then
		make_buildroot
		cache_put buildroot "$root_key" "$cache_scratch/buildroot"
		cache_prune buildroot 3
	fi
	compile
	cache_put agent "$key" "$cache_scratch/entry"
	cache_prune agent 4
fi
cache_place "$cache_root/agent/$key/node-agent" "$out" 0755
