# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What is in the images, by name. The differences between the Debian releases stand here only.

# packages_epoch CODENAME: prints the day of the release, in seconds since 1970.
packages_epoch() {
	case $1 in
	bookworm) echo 1686355200 ;;
	trixie) echo 1754697600 ;;
	esac
}

# packages_joined: joins the words on standard input with commas.
packages_joined() {
	sed 's/#.*//' | tr -s '[:space:]' '\n' | sed '/^$/d' | paste -sd,
}

# packages_node CODENAME ARCHITECTURE COMPONENTS: prints the packages of the node's operating system.
packages_node() {
	{
		cat <<-LIST
			linux-image-$2 initramfs-tools zstd kmod udev
			systemd systemd-sysv systemd-resolved systemd-timesyncd libpam-systemd dbus
			btrfs-progs dosfstools e2fsprogs util-linux mount fdisk
			grub2-common
			openssh-server ca-certificates netbase
			iproute2 iputils-ping ethtool iptables nftables conntrack ebtables socat
			containerd runc containernetworking-plugins apparmor
			login procps less nano
			busybox udhcpc	# the boot environment's network, taken from here
			libfdisk1 libblkid1 libmount1 libbtrfsutil1 libjansson4	# node-agent
		LIST
		case $1 in
		bookworm) echo libcurl4 libssl3 ;;
		trixie) echo libcurl4t64 libssl3t64 ;;
		esac
		case $2 in
		amd64) echo grub-pc-bin grub-efi-amd64-bin ;;
		arm64) echo grub-efi-arm64-bin ;;
		esac
		# Wired cards that stay dumb without their firmware, and the processors' own corrections.
		case $3 in
		*non-free-firmware*)
			echo firmware-realtek firmware-bnx2 firmware-bnx2x firmware-qlogic firmware-misc-nonfree
			[ "$2" != amd64 ] || echo amd64-microcode intel-microcode
			;;
		esac
	} | packages_joined
}

# packages_build: prints the packages that node-agent is compiled with.
packages_build() {
	packages_joined <<-LIST
		gcc libc6-dev make pkgconf
		libcurl4-openssl-dev libjansson-dev libssl-dev libfdisk-dev libblkid-dev libmount-dev libbtrfsutil-dev
		libarchive-dev libzstd-dev liblzma-dev zlib1g-dev libbz2-dev liblz4-dev libacl1-dev nettle-dev
	LIST
}
