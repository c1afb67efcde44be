#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The kernel modules of the boot environment: whatever drives a wired network card or a disk, chosen
# by the kernel's own folders and by what each module says it drives, never by a list of chips.
#
# usage: modules.sh ROOT TARGET
#   ROOT    an unpacked node image (usr/lib/modules/VERSION)
#   TARGET  gets usr/lib/modules/VERSION with the chosen modules and fresh indexes
set -euo pipefail
root=$1 target=$2

versions=("$root"/usr/lib/modules/*)
version=${versions[0]##*/}
source=$root/usr/lib/modules/$version
into=$target/usr/lib/modules/$version

# Folders below kernel/drivers. A trailing dot takes the folder's own modules without what lies
# deeper. Left out because nothing there is a wired card or a disk of its own: net/wireless, net/can,
# net/dsa and the other kinds of network; infiniband; md (a pool is btrfs); gpu, hid, sound.
folders='
ata block bus char/hw_random firmware hv message mmc nvme/host pci/controller scsi ufs virtio xen
net/. net/ethernet net/hyperv net/mdio net/pcs net/phy net/usb net/vmxnet3
usb/host usb/storage
'
# The boards of arm64 hide disks and cards behind these.
case ${version##*-} in
arm64) folders="$folders clk dma gpio i2c/busses mfd pci phy pinctrl power/reset pmdomain regulator reset soc usb/dwc2 usb/dwc3" ;;
esac

# Adapters for Fibre Channel and iSCSI are left out by what they need: a disk on a storage network is
# not the machine's own, it must not be offered for erasing, and they are 2 MB. (Hyper-V's disks, on
# vmbus and not on PCI, need the same module.)
remote='scsi_transport_(fc|iscsi)'

# What the agent itself asks for, by name: the file systems that it makes and mounts.
named='btrfs vfat nls_cp437 nls_iso8859_1 nls_ascii nls_utf8 loop'

# choose FOLDERS NAMES: prints the modules of these folders that drive a device, those of these names,
# and whatever either needs, as paths below the kernel's folder.
choose() {
	awk -v folders="$1" -v named="$2" -v remote="$remote" '
	function plain(path) {
		sub(/.*\//, "", path); sub(/\.ko.*/, "", path); gsub(/-/, "_", path)
		return path
	}
	function add(name) {
		if (name in path_of && !(name in taken)) { taken[name] = 1; queue[++last] = name }
	}
	FILENAME ~ /modules\.dep$/ {
		split($0, half, ":"); name = plain(half[1])
		path_of[name] = half[1]; needs[name] = half[2]
		next
	}
	FILENAME ~ /modules\.softdep$/ { name = $2; gsub(/-/, "_", name); soft[name] = soft[name] " " $0; next }
	# A device is named as bus:what; devname:, cpu: and the like are no devices.
	FILENAME ~ /modules\.alias$/ {
		if ($2 ~ /^pci:/) on_pci[$3] = 1
		if ($2 ~ /^[a-z0-9]+:/ && $2 !~ /^(cpu|devname|fs|net|crypto):/) drives[$3] = 1
		answers[$2] = answers[$2] " " $3
	}
	END {
		n = split(folders, folder, /[ \n]+/)
		for (name in path_of) {
			if (!(name in drives) || (name in on_pci && needs[name] ~ remote)) continue
			for (i = 1; i <= n; i++) {
				if (folder[i] == "") continue
				prefix = "kernel/drivers/" folder[i]
				flat = sub(/\.$/, "", prefix)
				if (!flat) prefix = prefix "/"
				if (index(path_of[name], prefix) != 1) continue
				if (flat && substr(path_of[name], length(prefix) + 1) ~ /\//) continue
				add(name)
			}
		}
		n = split(named, name_list, " ")
		for (i = 1; i <= n; i++) add(name_list[i])
		for (first = 1; first <= last; first++) {
			name = queue[first]
			n = split(needs[name], word, " ")
			for (i = 1; i <= n; i++) add(plain(word[i]))
			n = split(soft[name], word, " ")
			for (i = 1; i <= n; i++) {
				if (word[i] ~ /:$/ || word[i] == "softdep") continue
				dep = word[i]; gsub(/-/, "_", dep); add(dep)
				m = split(answers[word[i]] " " answers["crypto-" word[i]], other, " ")
				for (j = 1; j <= m; j++) add(other[j])
			}
		}
		for (name in taken) print path_of[name]
	}' "$source/modules.dep" "$source/modules.softdep" "$source/modules.alias" | sort
}

# In the xz that Debian 13 ships them in, and each alone: a machine unpacks the few that it loads, and a
# whole archive of them uncompressed costs two seconds more before the agent runs, at the same size.
# Those that every install loads are left uncompressed.
always=$(choose '' "$named")
choose "$folders" "$named" | while read -r module; do
	install -d "$into/${module%/*}"
	cp "$source/$module" "$into/$module"
	if grep -qxF "$module" <<< "$always"; then
		case $module in *.xz) unxz "$into/$module" ;; esac
	else
		case $module in *.ko) xz --check=crc32 --lzma2=dict=2MiB "$into/$module" ;; esac
	fi
done
cp "$source"/modules.{order,builtin,builtin.modinfo} "$into/"
depmod -b "$target/usr" "$version"
# Only what modprobe reads; the text forms are twice the size and say the same.
(cd "$into" && rm -f modules.{alias,builtin,builtin.modinfo,dep,devname,order,symbols,builtin.alias})
