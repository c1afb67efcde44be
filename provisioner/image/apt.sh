# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Where Debian comes from: mirror, components and transport settings are the host's own, read from
# its apt configuration, so that no host name stands here and a host behind a proxy needs no key.

: "${cache_root:?cache.sh is read first}"
apt_keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# apt_codename RELEASE: prints the code name of a Debian release, given by number or name.
apt_codename() {
	case $1 in
	12 | bookworm) echo bookworm ;;
	13 | trixie) echo trixie ;;
	*) cache_fail "Debian release \"$1\" is not known: give --suite 12 or 13" ;;
	esac
}

# apt_indexes OPTION...: the package indexes of Origin Debian that apt knows, as label|component|address.
apt_indexes() {
	# shellcheck disable=SC2016 # the $(...) are apt's
	apt-get "$@" indextargets --format '$(ORIGIN)|$(CREATED_BY)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' |
		sed -n 's/^Debian|Packages|//p' | grep -v '|cdrom:' | sort -u || true
}

# apt_rows: the same for this host. Where the host's lists are empty (a fresh installation, a cleaned
# one), they are fetched to a place of our own: the origin stands in them.
apt_rows() {
	local rows own=$cache_root/apt/lists
	rows=$(apt_indexes)
	if [ -z "$rows" ]; then
		(
			cache_lock apt lists
			mkdir -p "$own/partial"
			rows=$(apt_indexes -o "Dir::State::Lists=$own")
			[ -n "$rows" ] || apt-get -qq -o "Dir::State::Lists=$own" update >&2
		)
		rows=$(apt_indexes -o "Dir::State::Lists=$own")
	fi
	printf '%s\n' "$rows"
}

# apt_address LABEL: prints the address of the first mirror of that label. A mirror list
# (mirror+file:, as on Debian's cloud images) is followed to its first address, because the list
# itself does not exist inside the image.
apt_address() {
	local uri list rows
	rows=$(apt_rows)
	uri=$(sed -n "/^$1|/{s/^[^|]*|[^|]*|//p;q}" <<< "$rows")
	case $uri in
	mirror+file:*)
		list=${uri#mirror+file:}
		list=/${list#"${list%%[!/]*}"}
		uri=$(sed -n '/^https\{0,1\}:/{s/[[:space:]].*//;p;q}' "${list%/}")
		;;
	esac
	printf '%s\n' "$uri"
}

# apt_components: prints main, and non-free-firmware when the host's mirror offers it to this host.
apt_components() {
	local rows
	rows=$(apt_rows)
	if grep -q '^Debian|non-free-firmware|' <<< "$rows"; then
		echo 'main non-free-firmware'
	else
		echo main
	fi
}

# apt_sources CODENAME: prints sources.list lines for that release, security included when the host has it.
apt_sources() {
	local main security components option
	main=$(apt_address Debian)
	[ -n "$main" ] || cache_fail \
		"apt on this host has no network mirror of Debian: add one to /etc/apt/sources.list and run apt-get update"
	[ -e "$apt_keyring" ] || cache_fail "$apt_keyring is missing: apt-get install debian-archive-keyring"
	security=$(apt_address Debian-Security)
	components=$(apt_components)
	option="[signed-by=$apt_keyring]"
	echo "deb $option $main $1 $components"
	echo "deb $option $main $1-updates $components"
	[ -z "$security" ] || echo "deb $option $security $1-security $components"
}

# apt_transport: prints the host's apt settings that say how to reach a mirror, and how old its
# indexes may be, one to a line.
apt_transport() {
	apt-config dump Acquire |
		grep -Ei '^Acquire::((https?|ftp)::|Check-(Valid-Until|Date) |Retries )' |
		grep -v ' "";$' || true
}

# apt_private FOLDER CODENAME ARCHITECTURE: sets up an apt of its own in FOLDER, with fresh indexes,
# and exports APT_CONFIG, so that apt-get in this recipe leaves the host's own apt alone.
apt_private() {
	local sources
	mkdir -p "$1/etc/"{apt.conf.d,preferences.d,sources.list.d} "$1/state/lists/partial" "$1/cache/archives/partial"
	sources=$(apt_sources "$2")
	printf '%s\n' "$sources" > "$1/etc/sources.list"
	: > "$1/state/status"
	{
		apt_transport
		cat <<-CONF
			Dir "$1";
			Dir::Etc "$1/etc";
			Dir::State "$1/state";
			Dir::State::status "$1/state/status";
			Dir::Cache "$1/cache";
			Dir::Bin::Methods "$(apt-config dump --format '%v%n' Dir::Bin::methods)";
			APT::Architecture "$3";
			APT::Architectures { "$3"; };
			APT::Sandbox::User "root";
			APT::Get::AllowUnauthenticated "false";
		CONF
	} > "$1/apt.conf"
	export APT_CONFIG=$1/apt.conf
	apt-get -qq update >&2
}

# apt_unpack FOLDER PACKAGE: downloads the package (apt checks its digest) and unpacks it into FOLDER.
apt_unpack() {
	local name=${2%%:*} debs
	mkdir -p "$1" "$1.deb"
	(cd "$1.deb" && apt-get -qq download "$2" >&2)
	debs=("$1.deb/$name"_*.deb)
	dpkg-deb -x "${debs[0]}" "$1"
	rm -r "$1.deb"
}
