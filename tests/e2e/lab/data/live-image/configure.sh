#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hook of mmdebstrap: the system that will run in memory.
#
# usage: configure.sh ROOT
set -euo pipefail
root=$1

# Ignition enables units by presets, which systemd follows on a boot without a machine-id. It only ever
# enables then, so what Debian's packages enabled is taken back here.
cat >"$root/usr/lib/systemd/system-preset/80-lab.preset" <<-'END'
	enable systemd-networkd.service
	enable systemd-timesyncd.service
	enable ssh.service
	enable getty@.service
	enable remote-fs.target
	disable *
END
chroot "$root" systemctl --quiet preset-all
rm -f "$root/etc/machine-id" "$root/var/lib/dbus/machine-id"
# No question on the console of a first boot.
ln -s /dev/null "$root/etc/systemd/system/systemd-firstboot.service"

# The lease that the firmware and the initrd had.
cat >"$root/etc/systemd/network/80-lab.network" <<-'END'
	[Match]
	Name=en* eth*

	[Network]
	DHCP=ipv4

	[DHCPv4]
	ClientIdentifier=mac
END

rm -f "$root"/etc/ssh/ssh_host_*
install -d "$root/etc/systemd/system/ssh.service.d"
cat >"$root/etc/systemd/system/ssh.service.d/keys.conf" <<-'END'
	[Service]
	ExecStartPre=
	ExecStartPre=/usr/bin/ssh-keygen -A
	ExecStartPre=/usr/sbin/sshd -t
END

# Debian's build of Ignition always labels the files that it writes, by setfiles of the initrd.
install -d "$root/etc/selinux"
printf 'SELINUX=disabled\nSELINUXTYPE=default\n' >"$root/etc/selinux/config"

# The user that configs for these systems expect.
chroot "$root" useradd --create-home --shell /bin/bash --uid 1000 --comment 'Login' core

printf '127.0.0.1\tlocalhost\n::1\tlocalhost\n' >"$root/etc/hosts"
rm -f "$root/etc/hostname" "$root/etc/resolv.conf" "$root/etc/apt/apt.conf.d/99mmdebstrap"
: >"$root/etc/fstab"
