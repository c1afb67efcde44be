# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the kubernetes-*.sh scripts share: the cache, a private apt, digests. Sourced, never run.

kube_cache=${PROVISION_CACHE:-/var/cache/provision}/kubernetes
kube_suite=bookworm # the last Debian suite whose source package holds the whole tree
# shellcheck disable=SC2034
kube_arch=$(dpkg --print-architecture)
# shellcheck disable=SC2034 # of the test that a cluster carries traffic
kube_web_image=localhost/lab/web:1

# Packages of the host that the scripts call; the lab's host script installs them.
# shellcheck disable=SC2034
lab_packages_kubernetes=(
	binutils debian-archive-keyring dpkg-dev gcc iproute2 libc6-dev patch tar util-linux
)

kube_die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

kube_say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# kube_targets STATE: what apt is configured to fetch. It names only what has been fetched, so a host
# without lists gets some in STATE.
kube_targets() {
	local own=(-q -o "Dir::State::lists=$1/host")
	if [[ -n $(apt-get indextargets 'Created-By: Packages') ]]; then
		own=(-q)
	else
		mkdir -p "$1/host/partial"
		apt-get "${own[@]}" -o APT::Sandbox::User=root update >&2
	fi
	apt-get "${own[@]}" indextargets 'Created-By: Packages'
}

# kube_mirror STATE: "URI KEYRING" of the host's own Debian mirror, from apt's own answer: an installed
# system may have one-line sources, no Signed-By and a cdrom in its list.
kube_mirror() {
	local line uri origin codename label signed found=
	uri='' origin='' codename='' label='' signed=''
	while IFS= read -r line || [[ -n $uri ]]; do
		case $line in
		Repo-URI:*) uri=${line#*: } ;;
		Origin:*) origin=${line#*: } ;;
		Codename:*) codename=${line#*: } ;;
		Label:*) label=${line#*: } ;;
		Signed-By:*) signed=${line#*: } ;;
		'')
			if [[ -z $found && $origin == Debian && $label == Debian && $uri != cdrom:* &&
				$codename != *-* ]]; then
				found="$uri ${signed:-/usr/share/keyrings/debian-archive-keyring.gpg}"
			fi
			uri='' origin='' codename='' label='' signed=''
			;;
		esac
	done < <(kube_targets "$1")
	[[ -n $found ]] ||
		kube_die 'apt knows no Debian mirror: add one to /etc/apt/sources.list.d'
	printf '%s\n' "$found"
}

# kube_apt STATE ARGS...: apt-get with lists, cache and status of its own below STATE, so that the
# host's sources stay as they are. Proxies and the like still come from the host's apt.conf.
kube_apt() {
	local state=$1
	shift
	apt-get -q -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null -o "Dir::State::lists=$state/lists" \
		-o "Dir::State::status=$state/status" -o "Dir::Cache=$state" \
		-o APT::Sandbox::User=root -o Acquire::Languages=none -o APT::Install-Recommends=0 "$@"
}

# kube_apt_init STATE: the sources of kube_suite from the host's mirror.
kube_apt_init() {
	local state=$1 uri keyring
	mkdir -p "$state/lists/partial" "$state/archives/partial"
	: >"$state/status"
	read -r uri keyring < <(kube_mirror "$state")
	printf '%s [signed-by=%s] %s %s main\n' deb "$keyring" "$uri" "$kube_suite" \
		deb-src "$keyring" "$uri" "$kube_suite" >"$state/sources.list"
	kube_apt "$state" update >&2 ||
		kube_die "$uri has no suite $kube_suite: name a full Debian mirror in /etc/apt/sources.list.d"
}

# kube_version STATE PACKAGE: the version of a binary package in kube_suite.
kube_version() {
	kube_apt "$1" --print-uris download "$2" | sed -n "s/^[^ ]* [^_]*_\([^ ]*\)_[^_ ]*\.deb .*/\1/p" |
		sed 's/%3a/:/' | head -n 1
}

# kube_digests DIR: writes DIR/SHA256SUMS over every file below DIR.
kube_digests() {
	local sums
	sums=$(cd "$1" && find . -type f ! -name SHA256SUMS -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum)
	printf '%s\n' "$sums" >"$1/SHA256SUMS.new"
	mv "$1/SHA256SUMS.new" "$1/SHA256SUMS"
}

# kube_verify DIR: true if DIR is a finished cache entry whose files are what was built.
kube_verify() {
	[[ -s $1/SHA256SUMS ]] &&
		(cd "$1" && xargs -d '\n' -n 2 -P 0 sh -c 'printf "%s\n" "$@" | sha256sum --check --strict --quiet' sh \
			<SHA256SUMS) >&2
}

# kube_deliver DIR OUT: the files of a cache entry, without its digest list, reflinked where it can
# be; for an OUT of --print its name.
kube_deliver() {
	local out
	if [[ $2 == --print ]]; then
		printf '%s\n' "$1"
		return
	fi
	mkdir -p "$2"
	out=$(cd "$2" && pwd)
	(
		cd "$1" || exit
		find . -type f ! -name SHA256SUMS -printf '%P\0' |
			xargs -0 cp --reflink=auto --parents --preserve=mode --target-directory="$out"
	)
}

# kube_work NAME: a scratch directory in the cache, gone when the script ends.
kube_work() {
	mkdir -p "$kube_cache"
	kube_scratch=$(mktemp -d "$kube_cache/.$1.XXXXXX")
	trap 'rm -rf -- "$kube_scratch"' EXIT
}

# kube_lock NAME: one builder at a time; the others wait and then find the cache warm.
kube_lock() {
	mkdir -p "$kube_cache"
	exec {kube_lock_fd}>"$kube_cache/.$1.lock"
	flock "$kube_lock_fd"
}
