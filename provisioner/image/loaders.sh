#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The iPXE loaders, from Debian 13's ipxe package on every host: Debian 12's is a snapshot of 2019,
# with no arm64 loader, no https and no autoexec.ipxe.
#
# usage: loaders.sh --out FOLDER [--refresh]
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=provisioner/image/cache.sh
. "$here/cache.sh"
# shellcheck source=provisioner/image/apt.sh
. "$here/apt.sh"

# As the package names them, and as the provisioner serves them. (It has no snponly for arm64.)
files='
undionly.kpxe       undionly.kpxe
ipxe.efi            ipxe.efi
snponly.efi         snponly.efi
ipxe-arm64.efi      arm64/ipxe.efi
'

out='' refresh=''
while [ $# -gt 0 ]; do
	case $1 in
	--out) out=$2; shift ;;
	--refresh) refresh=1 ;;
	*) cache_fail "unknown argument \"$1\": see the head of $0" ;;
	esac
	shift
done
[ -n "$out" ] || cache_fail "--out FOLDER is missing: say where the loaders go"

key=$(cache_key "@$here/loaders.sh" "@$here/apt.sh")
cache_lock loaders "$key"
if [ -n "$refresh" ] || ! cache_have loaders "$key"; then
	cache_tmp
	apt_private "$cache_scratch/apt" trixie amd64
	apt_unpack "$cache_scratch/root" ipxe
	while read -r theirs ours; do
		[ -n "$theirs" ] || continue
		install -D -m 0644 "$cache_scratch/root/usr/lib/ipxe/$theirs" "$cache_scratch/entry/$ours"
	done <<< "$files"
	cache_put loaders "$key" "$cache_scratch/entry"
	cache_prune loaders 2
fi
while read -r _ ours; do
	[ -z "$ours" ] || cache_place "$cache_root/loaders/$key/$ours" "$out/$ours"
done <<< "$files"
