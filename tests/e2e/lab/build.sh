#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds the tree, out of tree, one folder per way of building it.
#
#   build.sh make KIND [TARGET...] [VAR=VALUE...]
#                                    gcc, sanitizers (clang); the targets one after the other
#   build.sh install                 builds with gcc and installs into a private prefix
#   build.sh prefix                  prints that prefix
#
# Folders are $PROVISION_BUILD/KIND, by default _build in the tree; the host's /usr is not touched.
# The folder of an earlier run is used again, so that only what has changed is compiled; what a tree
# elsewhere compiled before comes from ccache, in $PROVISION_CACHE.
set -euo pipefail

top=$(cd "$(dirname "$0")/../../.." && pwd)
: "${PROVISION_BUILD:=$top/_build}"
prefix=$PROVISION_BUILD/root
: "${PROVISION_CACHE:=/var/cache/provision}"
: "${CCACHE_DIR:=$PROVISION_CACHE/ccache}"
# The tree's own path is not part of what is remembered.
export CCACHE_DIR CCACHE_BASEDIR=$top CCACHE_NOHASHDIR=1

build_configure_script() {
	# Two builds at the same time would write the same generated files.
	exec {lock}>"$PROVISION_BUILD/autoreconf.lock"
	flock "$lock"
	if [ ! -e "$top/configure" ] || [ "$top/configure.ac" -nt "$top/configure" ] ||
		[ ! -e "$top/Makefile.in" ]; then
		(cd "$top" && autoreconf -fi) >"$PROVISION_BUILD/autoreconf.log" 2>&1 || {
			tail -n 20 "$PROVISION_BUILD/autoreconf.log" >&2
			return 1
		}
	fi
	exec {lock}>&-
}

build_configure() {
	local kind=$1 dir=$PROVISION_BUILD/$1 fresh
	local -a options=(--enable-maintainer-mode --enable-werror
		--prefix="$prefix" --sysconfdir=/etc --with-systemdsystemunitdir="$prefix/lib/systemd/system")

	case $kind in
	gcc) options+=('CC=ccache gcc') ;;
	sanitizers) options+=('CC=ccache clang' --enable-sanitizers 'CFLAGS=-O1 -g') ;;
	*)
		echo "build.sh: no way to build called '$kind': gcc, sanitizers" >&2
		return 2
		;;
	esac
	mkdir -p "$dir"
	build_configure_script || return
	fresh=$(cat "$dir/.options" 2>/dev/null || true)
	if [ "$fresh" != "${options[*]}" ] || [ ! -e "$dir/Makefile" ]; then
		(cd "$dir" && "$top/configure" --quiet "${options[@]}") >"$dir/configure.log" 2>&1 || {
			tail -n 20 "$dir/configure.log" >&2
			return 1
		}
		echo "${options[*]}" >"$dir/.options"
	fi
}

build_make() {
	local kind=$1 word
	local -a targets=() variables=()

	shift
	for word; do
		case $word in
		*=*) variables+=("$word") ;;
		*) targets+=("$word") ;;
		esac
	done
	[ ${#targets[@]} -gt 0 ] || targets=(all)
	build_configure "$kind" || return
	# Automake's "all" and "check" both compile the sources; side by side in one make they compile
	# the same file twice at a time.
	for word in "${targets[@]}"; do
		make -C "$PROVISION_BUILD/$kind" -j"$(nproc)" --no-print-directory "$word" "${variables[@]}" || return
	done
}

case ${1:-} in
make)
	mkdir -p "$PROVISION_BUILD"
	shift
	build_make "$@"
	;;
install)
	mkdir -p "$PROVISION_BUILD"
	build_make gcc all && build_make gcc install
	;;
prefix) echo "$prefix" ;;
*)
	sed -n '3,12s/^# \{0,1\}//p' "$0" >&2
	exit 2
	;;
esac
