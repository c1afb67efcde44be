# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# The cache of what is downloaded or built and is not the project's own: one folder outside the
# source tree, one entry for a noun and a key, checked by digest whenever it is used.
#
#   ROOT/NOUN/KEY/{files, SHA256SUMS}
#
# An entry is made in a folder beside it and renamed into place, so that it exists whole or not at
# all; two recipes that want the same entry wait for each other on its lock.

cache_root=${PROVISION_CACHE:-/var/cache/provision}

# cache_fail SENTENCE: says why the recipe cannot go on, and ends it.
cache_fail() {
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	exit 1
}

# cache_key WORD...: prints a key for the words; an existing file named as @FILE counts by its content.
cache_key() {
	local word
	for word; do
		case $word in
		@*) sha256sum < "${word#@}" ;;
		*) printf '%s\n' "$word" ;;
		esac
	done | sha256sum | cut -c1-40
}

# cache_tmp: makes a scratch folder that goes with the recipe, and sets $cache_scratch to it. It
# lies in the cache because /tmp may be memory, and too small for a whole Debian.
cache_tmp() {
	mkdir -p "$cache_root/tmp"
	cache_scratch=$(mktemp -d "$cache_root/tmp/${0##*/}.XXXXXX")
	trap 'rm -rf --one-file-system "$cache_scratch"' EXIT
	trap 'exit 1' HUP INT TERM
}

# cache_lock NOUN KEY: holds the entry until the recipe ends.
cache_lock() {
	local lock file=$cache_root/$1/.lock-$2
	mkdir -p "$cache_root/$1"
	# Whoever may open it may hold it.
	(umask 077 && : >> "$file")
	chmod 600 "$file"
	exec {lock}>> "$file"
	flock "$lock"
}

# cache_have NOUN KEY: true when the entry is there and every file in it has its digest. A damaged
# entry is removed, so that it is made again.
cache_have() {
	local entry=$cache_root/$1/$2
	[ -f "$entry/SHA256SUMS" ] || return 1
	if (cd "$entry" && sha256sum --check --quiet --strict SHA256SUMS >&2); then
		touch "$entry"
		return 0
	fi
	printf '%s: %s differs from its digests: made again\n' "${0##*/}" "$entry" >&2
	rm -rf "$entry"
	return 1
}

# cache_put NOUN KEY FOLDER: makes the folder's files the entry. The folder must be on the cache's
# own file system ($cache_scratch is).
cache_put() {
	local entry=$cache_root/$1/$2 sums
	sums=$(cd "$3" && find . -type f -printf '%P\0' | sort -z | xargs -0 sha256sum)
	printf '%s\n' "$sums" > "$3/SHA256SUMS"
	sync -f "$3"
	rm -rf "$entry"
	mv -T "$3" "$entry"
}

# cache_prune NOUN COUNT: keeps the entries used last.
cache_prune() {
	local entry
	find "$cache_root/$1" -mindepth 1 -maxdepth 1 -type d ! -name '.*' -printf '%T@ %p\n' |
		sort -rn | tail -n "+$(($2 + 1))" | cut -d' ' -f2- |
		while read -r entry; do rm -rf "$entry" "${entry%/*}/.lock-${entry##*/}"; done
}

# cache_place FILE TARGET [MODE]: TARGET becomes the file, at once and whole: a hard link where the two
# share a file system, else a copy (a reflink where there is such a thing).
cache_place() {
	local new
	[ ! "$1" -ef "$2" ] || return 0
	mkdir -p "${2%/*}"
	new=${2%/*}/.new-$$-${2##*/}
	rm -f "$new"
	ln "$1" "$new" 2>/dev/null || {
		cp --reflink=auto "$1" "$new"
		sync "$new"
	}
	chmod "${3:-0644}" "$new"
	mv -fT "$new" "$2"
}
