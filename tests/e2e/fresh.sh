#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A newcomer's computer: a Debian with nothing preinstalled, and a clone of the tree in it, where
# ./quickstart and ./check are run.
#
#   fresh.sh --suite bookworm|trixie [--cold] [--run "COMMAND"]
#
# It is a folder made by mmdebstrap with the host's own mirror and keyring, entered with a process
# and mount namespace of its own; the kernel is the host's. The cache folder is shared, unless --cold.
# Every result of the inner ./check is a result here.
set -euo pipefail

top=$(cd "$(dirname "$0")/../.." && pwd)
: "${PROVISION_CACHE:=/var/cache/provision}" "${LAB_LOGS:=${TMPDIR:-/var/tmp}/provision-logs}"
export PROVISION_CACHE
# shellcheck source=provisioner/image/cache.sh
. "$top/provisioner/image/cache.sh"
# shellcheck source=provisioner/image/apt.sh
. "$top/provisioner/image/apt.sh"

suite=bookworm cold='' run='./quickstart && ./check'
while [ $# -gt 0 ]; do
	case $1 in
	--suite) suite=$(apt_codename "$2"); shift ;;
	--run) run=$2; shift ;;
	--cold) cold=1 ;;
	*) echo "fresh.sh: unknown argument $1" >&2; exit 2 ;;
	esac
	shift
done

fresh=$(mktemp -d "${TMPDIR:-/var/tmp}/fresh-$suite-$$.XXXXXX")
trap leave EXIT
trap 'exit 1' HUP INT TERM
root=$fresh/root

# Consoles and logs of what failed inside outlive it.
leave() {
	local status=$? from kept=$LAB_LOGS/fresh-$suite-$$

	if [ "$status" -ne 0 ]; then
		for from in "$root"/var/tmp/provision-logs "$root"/root/provision/_build/logs; do
			[ ! -d "$from" ] || { mkdir -p "$kept" && cp -r "$from" "$kept"; }
		done
		[ ! -d "$kept" ] || echo "logs from inside: $kept" >&2
	fi
	rm -rf --one-file-system "$fresh"
}

make_root() {
	apt_sources "$suite" >"$fresh/sources.list"
	apt_transport >"$fresh/apt.conf"
	# As an installed Debian has them: apt, a keyring, certificates; and git, which made the clone.
	mmdebstrap --quiet --mode=root --variant=minbase --include=ca-certificates,git \
		--aptopt="$fresh/apt.conf" "$suite" "$root" "$fresh/sources.list"
	install -D -m 644 "$fresh/apt.conf" "$root/etc/apt/apt.conf.d/90mirror"
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
}

# What git knows and what is about to be known to it, with the .git folder, as a clone has it.
make_clone() {
	mkdir -p "$root/root/provision"
	(cd "$top" && git ls-files -co --exclude-standard -z | tar -c --null --files-from=- -f -) |
		tar -x -C "$root/root/provision" --no-same-owner
}

# Runs inside namespaces of its own; the mounts go with them, and no process outlives process 1.
enter() {
	mount --make-rprivate /
	mount --bind "$root" "$root"
	mount -t proc proc "$root/proc"
	mount --rbind /sys "$root/sys"
	mount --rbind /dev "$root/dev"
	mount -t tmpfs -o mode=755 tmpfs "$root/run"
	if [ -z "$cold" ]; then
		mkdir -p "$root/var/cache/provision"
		mount --bind "$PROVISION_CACHE" "$root/var/cache/provision"
	fi
	cd "$root"
	env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LANG=C.UTF-8 \
		LAB_ACCEL="${LAB_ACCEL:-}" \
		chroot "$root" /bin/bash -c "cd /root/provision && { $run; }"
}

make_root
make_clone
export -f enter
export root cold run
echo "# inside a fresh $suite: $run"
unshare --mount --pid --fork --kill-child bash -euc enter
