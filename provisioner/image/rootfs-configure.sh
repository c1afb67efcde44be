#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hook of mmdebstrap, after the packages are installed: switches on what every node runs, and takes
# out whatever belongs to one machine or one day.
#
# usage: rootfs-configure.sh ROOT
set -euo pipefail
root=$1

# Addresses come from systemd-networkd, names from systemd-resolved. The uplink file and not the stub:
# containers cannot reach a resolver on the node's own loopback.
chroot "$root" systemctl --quiet enable systemd-networkd systemd-resolved systemd-timesyncd ssh
ln -sfT ../run/systemd/resolve/resolv.conf "$root/etc/resolv.conf"

# A port without a cable must not hold up the boot.
install -d "$root/etc/systemd/system/systemd-networkd-wait-online.service.d"
cat > "$root/etc/systemd/system/systemd-networkd-wait-online.service.d/any.conf" <<-UNIT
	[Service]
	ExecStart=
	ExecStart=/usr/lib/systemd/systemd-networkd-wait-online --any
UNIT
[ -e "$root/usr/lib/systemd/systemd-networkd-wait-online" ]

# A node's software changes when its operator says so.
chroot "$root" systemctl --quiet disable apt-daily.timer apt-daily-upgrade.timer
chroot "$root" systemctl --quiet mask apt-daily.service apt-daily-upgrade.service

# ssh host keys are made on the machine itself. Debian 12 has no unit for it, and Debian 13's runs only
# while the machine has no machine-id, which node-agent gives it. One key that every client of today
# takes; a power cut may leave an empty file.
rm -f "$root"/etc/ssh/ssh_host_*
cat > "$root/etc/systemd/system/sshd-keygen.service" <<-'UNIT'
	[Unit]
	Description=Generate the sshd host key
	ConditionFileNotEmpty=!/etc/ssh/ssh_host_ed25519_key
	Before=ssh.service

	[Service]
	Type=oneshot
	RemainAfterExit=yes
	ExecStart=/usr/bin/rm -f /etc/ssh/ssh_host_ed25519_key
	ExecStart=/usr/bin/ssh-keygen -q -t ed25519 -N "" -C "" -f /etc/ssh/ssh_host_ed25519_key
	ExecStart=/usr/bin/sync -f /etc/ssh

	[Install]
	WantedBy=ssh.service
UNIT
chroot "$root" systemctl --quiet enable sshd-keygen.service

# The rest of what costs a first boot time and gives a node nothing: ext4's checks, GRUB's record of the
# last boot, and AppArmor's profiles for a hundred programs that are not here (its own way to leave
# one out; the container runtimes bring theirs).
chroot "$root" systemctl --quiet disable e2scrub_all.timer e2scrub_reap.service grub-common.service
for profile in "$root"/etc/apparmor.d/*; do
	name=${profile##*/}
	[ -f "$profile" ] || continue
	for program in "usr/bin/$name" "usr/sbin/$name" "usr/sbin/${name//-/_}" "${name//.//}"; do
		[ ! -e "$root/$program" ] || continue 2
	done
	ln -s "/etc/apparmor.d/$name" "$root/etc/apparmor.d/disable/$name"
done

# An empty machine-id is filled on first boot and asks no questions ("uninitialized" would start
# systemd-firstboot on the console).
: > "$root/etc/machine-id"
printf '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n' > "$root/etc/hosts"
rm -f "$root/etc/hostname" "$root/var/lib/dbus/machine-id"
rm -f "$root/var/lib/systemd/random-seed" "$root/var/lib/systemd/credential.secret"
rm -f "$root"/etc/{passwd,group,shadow,gshadow,subuid,subgid}- "$root/etc/.pwd.lock"
rm -f "$root"/vmlinuz.old "$root"/initrd.img.old

# What this host needed to reach its mirror is not the node's business.
rm -f "$root/etc/apt/apt.conf.d/99mmdebstrap"

find "$root/var/log" -type f -delete
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/{apt,ldconfig,debconf,man}/* "$root"/{tmp,run}/*

# Dynamic linker cache, journal catalogue and users are those of this /usr already
# (systemd-update-done(8)).
touch "$root/etc/.updated" "$root/var/.updated"
