#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hook of mmdebstrap: keeps the packages of an earlier build for the next one. apt compares every
# one with the digest in the signed index before it uses it.
#
# usage: debs.sh restore|save NAME ROOT
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=provisioner/image/cache.sh
. "$here/cache.sh"

kept=$cache_root/debs/$2
archives=$3/var/cache/apt/archives
mkdir -p "$kept" "$archives"
case $1 in
restore)
	find "$kept" -name '*.deb' -exec cp --reflink=auto -t "$archives" {} +
	;;
save)
	for deb in "$archives"/*.deb; do
		[ -e "$deb" ] || continue
		cmp -s "$deb" "$kept/${deb##*/}" && continue
		cp --reflink=auto "$deb" "$kept/.new-$$"
		mv -fT "$kept/.new-$$" "$kept/${deb##*/}"
	done
	for deb in "$kept"/*.deb; do
		[ -e "$archives/${deb##*/}" ] || rm -f "$deb"
	done
	rm -f "$archives"/*.deb
	;;
esac
