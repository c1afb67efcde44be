#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The test host's own packages: what the build, the tests and the lab need from Debian.
#
#   host.sh install GROUP...   install what is missing of the groups, and say what that was
#   host.sh missing GROUP...   print what would be installed
#   host.sh list GROUP...      print the names
#
# This file holds the only lists. Works on Debian 12 and 13: "a|b" takes the first name that the
# host's apt knows. Nothing is started by an installation (policy-rc.d), nor at the next boot; nothing
# else is changed.
set -euo pipefail

host_packages() {
	case $1 in
	build)
		cat <<-END
		gcc ccache make autoconf automake libtool pkg-config libc6-dev
		libcurl4-openssl-dev libmicrohttpd-dev libgnutls28-dev libssl-dev libarchive-dev
		libjansson-dev libyaml-dev libsqlite3-dev libsystemd-dev libcap-dev libseccomp-dev zlib1g-dev
		libblkid-dev libfdisk-dev libmount-dev libbtrfsutil-dev libcmocka-dev
		ca-certificates openssl zstd xz-utils cpio kmod
		END
		;;
	run)
		# What an installed provisioner calls.
		cat <<-END
		tftpd-hpa mmdebstrap debian-archive-keyring btrfs-progs dosfstools e2fsprogs
		mtools zstd xz-utils cpio kmod iproute2 ca-certificates apt-utils dpkg-dev
		END
		;;
	lab)
		# Machines, their firmware and network, and the parts of a real control plane.
		cat <<-END
		qemu-system-x86 qemu-utils ovmf ipxe-qemu seabios socat iproute2 iputils-ping
		procps util-linux curl jq openssl openssh-client
		binutils gcc libc6-dev patch tar
		dpkg-dev debian-archive-keyring
		END
		;;
	test)
		# Compilers, linters and the foreign peers that the tests talk to.
		cat <<-END
		clang libclang-rt-dev clang-tidy clang-format cppcheck bats shellcheck valgrind
		dnsmasq-base isc-dhcp-client udhcpc kea-admin tftp-hpa atftp nginx-light|nginx
		ignition qemu-system-arm qemu-efi-aarch64 gdisk fdisk xfsprogs cryptsetup-bin strace
		squashfs-tools python3 man-db groff-base mandoc netbase grub-common gpg gpg-agent gpgv systemd
		END
		;;
	*)
		echo "host.sh: no group called '$1': build, run, lab and test are known" >&2
		return 2
		;;
	esac
}

# One name per line for every wanted package that is not there yet; a name that apt does not
# know (yet) is printed with a question mark. apt and dpkg are asked once each:
# a question per package takes minutes on a host whose apt keeps no cache.
host_missing() {
	local group wanted name pick
	local -a all
	local -A installed known

	mapfile -t all < <(for group in "$@"; do host_packages "$group"; done | tr ' ' '\n' |
		sed '/^$/d' | sort -u)
	while read -r name; do
		installed[$name]=1
	done < <(host_installed)
	while read -r name; do
		known[$name]=1
	done < <(printf '%s\n' "${all[@]}" | tr '|' '\n' | sort -u |
		xargs apt-cache show --no-all-versions 2>/dev/null | sed -n 's/^Package: //p')

	for wanted in "${all[@]}"; do
		pick=
		for name in ${wanted//|/ }; do
			if [ -n "${installed[$name]:-}" ]; then
				continue 2
			fi
			if [ -z "$pick" ] && [ -n "${known[$name]:-}" ]; then
				pick=$name
			fi
		done
		echo "${pick:-${wanted%%|*}?}"
	done
}

# Debian starts daemons when it installs them; exit code 101 forbids it. A policy that is
# already there is the owner's and stays.
host_policy_path=/usr/sbin/policy-rc.d
host_policy_ours=

host_policy_set() {
	if [ ! -e "$host_policy_path" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$host_policy_path"
		chmod 755 "$host_policy_path"
		host_policy_ours=1
	fi
}

host_policy_drop() {
	if [ -n "$host_policy_ours" ]; then
		rm -f "$host_policy_path"
		host_policy_ours=
	fi
}

host_installed() {
	dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | sed -n 's/^ii *//p' | sort -u
}

# Nor at the next boot: what came with these packages (one name per line) served nobody before.
host_services_disable() {
	local file name

	xargs -r dpkg -L 2>/dev/null | sort -u | while read -r file; do
		name=$(basename "$file")
		case $file in
		/etc/init.d/?*) update-rc.d "$name" disable >/dev/null 2>&1 || true ;;
		*/systemd/system/*@.service) ;;
		*/systemd/system/*.service | */systemd/system/*.socket)
			systemctl disable --quiet "$name" >/dev/null 2>&1 || true
			;;
		esac
	done
}

host_apt() {
	DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y \
		-o DPkg::Lock::Timeout=900 -o Dpkg::Use-Pty=0 "$@"
}

host_install() {
	local missing log before

	mapfile -t missing < <(host_missing "$@")
	if [ ${#missing[@]} -eq 0 ]; then
		return 0
	fi
	if [ "$(id -u)" -ne 0 ]; then
		echo "host.sh: missing: ${missing[*]}: run as root, or install them with apt" >&2
		return 1
	fi

	log=$(mktemp)
	case " ${missing[*]} " in
	*'? '*)
		if ! host_apt update >"$log" 2>&1; then
			tail -n 20 "$log" >&2
			echo "host.sh: apt-get update failed; its output is in $log" >&2
			return 1
		fi
		mapfile -t missing < <(host_missing "$@" | tr -d '?')
		;;
	esac

	echo "installing from Debian: ${missing[*]}"
	before=$(mktemp)
	host_installed >"$before"
	trap host_policy_drop EXIT
	host_policy_set
	if ! host_apt install --no-install-recommends "${missing[@]}" >"$log" 2>&1; then
		tail -n 30 "$log" >&2
		echo "host.sh: the installation failed; all of its output is in $log" >&2
		return 1
	fi
	host_policy_drop
	host_installed | comm -13 "$before" - | host_services_disable
	rm -f "$before"
	grep -E '^Setting up ' "$log" | sed -E 's/^Setting up ([^ ]+) \(([^)]*)\).*/  installed \1 \2/' || true
	rm -f "$log"
}

host_main() {
	local verb=${1:-}

	[ $# -ge 2 ] || { sed -n '3,10s/^# \{0,1\}//p' "$0" >&2; return 2; }
	shift
	case $verb in
	install) host_install "$@" ;;
	missing) host_missing "$@" ;;
	list)
		local group
		for group in "$@"; do host_packages "$group"; done | tr ' ' '\n' | sed '/^$/d' | sort -u
		;;
	*)
		echo "host.sh: no verb called '$verb': install, missing and list are known" >&2
		return 2
		;;
	esac
}

host_main "$@"
