#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The agent's boot environment: the kernel of the node image, and an initrd whose /init is node-agent.
# Kernel, modules, firmware, tools and libraries are taken from the node image, so that the two never
# differ. The initrd is two archives end to end: a base that changes with the image, and a small one
# that changes with the agent.
#
# usage: bootenv.sh --image FILE --agent FILE --out FOLDER
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=provisioner/image/cache.sh
. "$here/cache.sh"
# shellcheck source=provisioner/image/packages.sh
. "$here/packages.sh"

# Programs that node-agent runs. All go to /usr/bin: with a modprobe in /sbin, where the kernel looks for
# it, the kernel's own start runs it a dozen times for modules that are not here, which costs a second.
# node-agent names /usr/bin/modprobe in /proc/sys/kernel/modprobe when it starts.
programs='busybox modprobe mkfs.btrfs btrfs mkfs.vfat fsck.vfat'
# Libraries of node-agent that stand in the base, so that the agent's archive stays small.
libraries='libcurl.so.4 libjansson.so.4 libfdisk.so.1 libblkid.so.1 libmount.so.1 libbtrfsutil.so.1
	libssl.so.3 libcrypto.so.3 libzstd.so.1 liblzma.so.5 libz.so.1 libbz2.so.1.0 liblz4.so.1 libacl.so.1'

# program_path NAME: prints where the image has the program.
program_path() {
	local folder
	for folder in usr/sbin usr/bin; do
		[ ! -e "$cache_scratch/root/$folder/$1" ] || { echo "$folder/$1"; return; }
	done
	cache_fail "the image has no program $1: add its package to packages.sh"
}

# library_files FILE...: prints the shared objects that these files of the image need, themselves not included.
library_files() {
	chroot "$cache_scratch/root" ldd "${@/#//}" | awk '
		/not found/ { print "node image lacks " $1 > "/dev/stderr"; bad = 1 }
		$2 == "=>" && $3 ~ /^\// { print $3 }
		$1 ~ /^\// && $1 !~ /:$/ { print $1 }
		END { exit bad }' | sort -u
}

# take_libraries TARGET FILE...: copies the libraries of these files into TARGET, except what the base has.
take_libraries() {
	local target=$1 library
	shift
	library_files "$@" | while read -r library; do
		case $library in /usr/*) ;; *) library=/usr$library ;; esac
		if [ -e "$target$library" ] || grep -qxF "${library#/}" "$cache_scratch/have"; then continue; fi
		install -D -m 0755 "$cache_scratch/root$library" "$target$library"
	done
}

# pack FOLDER FILE LEVEL: writes the folder as a cpio archive, the same bytes for the same files.
pack() {
	find "$1" -exec touch -hd "@$epoch" {} +
	(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio --quiet --null --create --format=newc --reproducible --owner=0:0) |
		zstd --quiet "-$3" -T0 > "$2"
}

unpack_image() {
	mkdir "$cache_scratch/root"
	# tar ends at the end of the archive, which may come before the end of the file: in a pipe, zstd
	# would then die of it.
	tar -x --zstd -f "$image" -C "$cache_scratch/root" --exclude='./dev/*'
	epoch=$(packages_epoch "$(sed -n 's/^VERSION_CODENAME=//p' "$cache_scratch/root/etc/os-release")")
}

# make_base: fills $cache_scratch/entry with vmlinuz, base.cpio.zst and the list of base files.
make_base() {
	local base=$cache_scratch/base name path applet kernel taken=()
	install -d "$base"/usr/{bin,sbin,lib,lib64} "$base"/{dev,proc,sys,run,tmp,etc/udhcpc,var,mnt}
	ln -s usr/bin usr/sbin usr/lib usr/lib64 "$base/"
	ln -s /run "$base/var/run"
	for name in $programs; do
		path=$(program_path "$name")
		install -m 0755 "$cache_scratch/root/$path" "$base/usr/bin/$name"
		taken+=("$path")
	done
	for applet in $(chroot "$cache_scratch/root" busybox --list); do
		[ -e "$base/usr/bin/$applet" ] || ln -s busybox "$base/usr/bin/$applet"
	done
	install -m 0755 "$cache_scratch/root/etc/udhcpc/default.script" "$base/etc/udhcpc/default.script"
	printf 'hosts: files dns\n' > "$base/etc/nsswitch.conf"
	printf 'root:x:0:0:root:/:/bin/false\n' > "$base/etc/passwd"
	printf 'root:x:0:\n' > "$base/etc/group"
	# File names in archives are UTF-8; without this locale libarchive refuses them.
	install -D -m 0644 -t "$base/usr/lib/locale/C.utf8" "$cache_scratch/root/usr/lib/locale/C.utf8/LC_CTYPE"
	# What the config of a node fetches by https.
	install -D -m 0644 -t "$base/etc/ssl/certs" "$cache_scratch/root/etc/ssl/certs/ca-certificates.crt"
	for name in $libraries; do
		path=$(cd "$cache_scratch/root" && find usr/lib -name "$name" -print -quit)
		[ -n "$path" ] || cache_fail "the image has no library $name: add its package to packages.sh"
		install -D -m 0755 "$cache_scratch/root/$path" "$base/$path"
		taken+=("$path")
	done
	: > "$cache_scratch/have"
	take_libraries "$base" "${taken[@]}"
	"$here/modules.sh" "$cache_scratch/root" "$base"
	"$here/firmware.sh" "$cache_scratch/root" "$base"
	mkdir "$cache_scratch/entry"
	kernel=("$cache_scratch"/root/boot/vmlinuz-*)
	install -m 0644 "${kernel[0]}" "$cache_scratch/entry/vmlinuz"
	pack "$base" "$cache_scratch/entry/base.cpio.zst" 19
	(cd "$base" && find usr -type f) > "$cache_scratch/entry/files"
}

# make_initrd: fills $cache_scratch/entry with vmlinuz and initrd, from the base and the agent.
make_initrd() {
	local stored=$cache_root/bootenv-base/$base_key own=$cache_scratch/own
	install -D -m 0755 "$agent" "$own/usr/sbin/node-agent"
	ln -s usr/sbin/node-agent "$own/init"
	install -m 0755 "$agent" "$cache_scratch/root/node-agent"
	cp "$stored/files" "$cache_scratch/have"
	take_libraries "$own" node-agent
	mkdir "$cache_scratch/entry"
	install -m 0644 "$stored/vmlinuz" "$cache_scratch/entry/vmlinuz"
	pack "$own" "$cache_scratch/own.cpio.zst" 19
	cat "$stored/base.cpio.zst" "$cache_scratch/own.cpio.zst" > "$cache_scratch/entry/initrd"
}

image='' agent='' out=''
while [ $# -gt 0 ]; do
	case $1 in
	--image) image=$2; shift ;;
	--agent) agent=$2; shift ;;
	--out) out=$2; shift ;;
	*) cache_fail "unknown argument \"$1\": see the head of $0" ;;
	esac
	shift
done
for name in image agent out; do
	[ -n "${!name}" ] || cache_fail "--$name is missing: see the head of $0"
done

base_key=$(cache_key "@$image" "@$here/bootenv.sh" "@$here/modules.sh" "@$here/firmware.sh")
key=$(cache_key "$base_key" "@$agent")
cache_lock bootenv "$key"
if ! cache_have bootenv "$key"; then
	cache_tmp
	unpack_image
	cache_lock bootenv-base "$base_key"
	if ! cache_have bootenv-base "$base_key"; then
		make_base
		cache_put bootenv-base "$base_key" "$cache_scratch/entry"
		cache_prune bootenv-base 4
	fi
	make_initrd
	cache_put bootenv "$key" "$cache_scratch/entry"
	cache_prune bootenv 4
fi
cache_place "$cache_root/bootenv/$key/vmlinuz" "$out/vmlinuz"
cache_place "$cache_root/bootenv/$key/initrd" "$out/initrd"
