#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Partition tables, pools and wiping, on loop devices. Wants root.
# shellcheck disable=SC2030,SC2031,SC2154,SC2164

load helper

system='system,single,dup,A,@:/+@home:/home'

teardown() {
	disks_end
}

@test "a blank disk gets the system's layout" {
	disk_new A
	storage new-plan n1 "$system"
	storage check
	storage partition
	run sfdisk --dump "${device[A]}"
	[[ $output == *'start=        2048, size=        2048, type=21686148-6449-6E6F-744E-656564454649'*'name="BIOS"'* ]]
	[[ $output == *'start=        4096, size=     1048576, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B'*'name="ESP"'* ]]
	[[ $output == *'start=     1052672, size='*'type=0FC63DAF-8483-4772-8E79-3D69D8477DE4'*'name="system"'* ]]
	sgdisk --verify "${device[A]}" | grep -q 'No problems found'
	[ -b "${device[A]}p3" ]
}

@test "4096-byte sectors: the same bytes, another table" {
	disk_new A 1200M 4096
	storage new-plan n1 "$system"
	storage all
	run sfdisk --dump "${device[A]}"
	[[ $output == *'sector-size: 4096'* ]]
	[[ $output == *'start=         256, size=         256,'* ]]
	storage mount "$root"
	[ "$(findmnt -no FSROOT "$root")" = /@ ]
}

@test "every RAID profile is made and mounts" {
	local p want
	for p in single,dup,1 raid0,raid1,2 raid1,raid1,2 raid1,raid1c3,3 raid1c4,raid1c4,4 raid10,raid10,4 raid0,raid0,3; do
		IFS=, read -r data metadata want <<< "$p"
		local names=(A B C D) pool
		for ((i = 0; i < want; i++)); do
			disk_new "${names[i]}" 1G
		done
		pool=$(IFS=+; echo "${names[*]:0:want}")
		storage new-plan n1 "system,$data,$metadata,$pool,@:/"
		storage all
		storage mount "$root"
		run btrfs filesystem df "$root"
		[[ ${output^^} == *"DATA, ${data^^}:"* ]] || { echo "$p: $output"; false; }
		[[ ${output^^} == *"METADATA, ${metadata^^}:"* ]] || { echo "$p: $output"; false; }
		[ "$(btrfs filesystem show "$root" | grep -c devid)" = "$want" ]
		disks_end
	done
}

@test "system and data pools, subvolumes, compression, fstab" {
	disk_new A
	disk_new B
	disk_new C
	storage new-plan n1 "system,raid1,raid1,A+B,@:/+@home:/home" "tank,single,dup,C,photos:/srv/photos+deep/er,/srv/tank"
	storage all
	storage mount "$root"
	storage mount "$root" # again: nothing to do
	[ "$(findmnt -no FSROOT "$root/home")" = /@home ]
	[ "$(findmnt -no FSROOT "$root/srv/photos")" = /photos ]
	[ "$(findmnt -no FSROOT "$root/srv/tank")" = / ]
	[[ $(findmnt -no OPTIONS "$root") == *compress=zstd:1* ]]
	btrfs subvolume show "$root/srv/tank/deep/er"
	[ "$(blkid -po value -s LABEL "${device[C]}p1")" = tank ]
	[ "$(blkid -po value -s VERSION "${device[B]}p2")" = FAT32 ]
	storage fstab > "$BATS_TEST_TMPDIR/fstab"
	run findmnt --verify --tab-file "$BATS_TEST_TMPDIR/fstab"
	[[ $output == *'0 parse errors'* ]]
	grep -q "^UUID=$(fs_uuid "$root") / btrfs subvol=@,compress=zstd:1,x-systemd.device-timeout=10min 0 0" "$BATS_TEST_TMPDIR/fstab"
	local esp
	esp=$(sed -n 's|^UUID=\([^ ]*\) /boot/efi vfat .*|\1|p' "$BATS_TEST_TMPDIR/fstab")
	blkid -po value -s UUID "${device[A]}p2" "${device[B]}p2" | grep -qx "$esp"
	storage unmount "$root"
	storage unmount "$root"
	[ -z "$(findmnt "$root")" ]
}

@test "whatever a disk holds, nobody who did not agree to it loses it" {
	local kind before
	for kind in ext4 swap vfat btrfs btrfs-spare lvm mdraid luks zfs table random; do
		disk_new A
		storage new-plan n1 "$system" # the disk is blank: no consent in the plan
		"$here/leftover" "$kind" "${device[A]}"
		before=$(disk_checksum A)
		run storage check
		[ "$status" -eq 4 ] || { echo "$kind: $output"; false; }
		[[ $output == *'disk A: refusing to erase: holds '*'provision reinstall n1 --erase A'* ]]
		run storage all
		[ "$status" -eq 4 ]
		[ "$before" = "$(disk_checksum A)" ]
		disks_end
	done
}

@test "with consent, nothing of what it held is left" {
	local kind
	for kind in ext4 swap vfat btrfs btrfs-spare lvm mdraid luks zfs table random; do
		disk_new A
		"$here/leftover" "$kind" "${device[A]}"
		[ -n "$(held A)" ] || { echo "$kind is not seen"; false; }
		storage new-plan n1 "$system"
		storage partition
		[ "$(held A)" = gpt ] || { echo "$kind: $(held A)"; false; }
		run wipefs --no-act --parsable "${device[A]}"
		[ "$(grep -c -v -e '^#' -e gpt -e PMBR <<< "$output")" = 0 ] || { echo "$kind: $output"; false; }
		storage pools
		disks_end
	done
}

@test "a disk that changed after the plan was made is refused" {
	disk_new A
	"$here/leftover" ext4 "${device[A]}"
	storage new-plan n1 "$system" # with consent to ext4
	"$here/leftover" lvm "${device[A]}"
	run storage all
	[ "$status" -eq 4 ]
	[[ $output == *'holds LVM2_member, ext4, and held ext4 when'* || $output == *'holds ext4, LVM2_member, and held ext4 when'* ]]
}

@test "a disk that is missing, or there twice, is refused by its serial" {
	disk_new A
	disk_new B
	storage new-plan n1 "system,raid1,raid1,A+B,@:/"
	local b=${device[B]}
	unset 'device[B]'
	run storage check
	[ "$status" -eq 4 ]
	[[ $output == *'disk B is not in this machine'* ]]
	run "$STORAGE" --disk "A=${device[A]}" --disk "A=$b" --disk "B=$b" --plan "$plan" check
	[ "$status" -eq 4 ]
	[[ $output == *'both say that they are it'* ]]
	device[B]=$b
}

@test "a disk in use is not touched" {
	disk_new A
	mkfs.ext4 -q "${device[A]}"
	storage new-plan n1 "$system"
	mkdir -p "$root"
	mount "${device[A]}" "$root"
	run storage partition
	umount "$root"
	[ "$status" -eq 9 ]
	[[ $output == *'disk A: cannot open'*'busy'* ]]
}

@test "a disk that is too small is refused" {
	disk_new A 700M
	storage new-plan n1 "$system"
	run storage check
	[ "$status" -eq 4 ]
	[[ $output == *'disk A: has 734'*'MB, pool system wants at least'* ]]
}

@test "finished pools are never made again" {
	disk_new A
	storage new-plan n1 "$system"
	storage all
	storage mount "$root"
	echo precious > "$root/file"
	storage unmount "$root"
	storage --finished all
	storage mount "$root"
	[ "$(cat "$root/file")" = precious ]
}

@test "a reinstall adopts the data pool and keeps what is in it" {
	disk_new A
	disk_new B
	disk_new C
	storage new-plan n1 "$system" "tank,raid1,raid1,B+C,photos:/srv/photos"
	storage all
	storage mount "$root"
	head -c 20M /dev/urandom > "$root/srv/photos/one"
	local uuid sum
	sum=$(sha256sum < "$root/srv/photos/one")
	uuid=$(fs_uuid "$root/srv/photos")
	storage unmount "$root"
	# a new plan: the system is made anew, the pool is adopted and gets one more subvolume
	storage new-plan n1 "system,single,dup,A,@:/+@var:/var" "tank,raid1,raid1,B+C,photos:/srv/photos+new:/srv/new,,$uuid"
	storage all
	storage mount "$root"
	[ "$sum" = "$(sha256sum < "$root/srv/photos/one")" ]
	[ "$uuid" = "$(fs_uuid "$root/srv/new")" ]
	[ ! -e "$root/home" ]
}

@test "an adopted pool with a member missing is refused" {
	disk_new A
	disk_new B
	disk_new C
	storage new-plan n1 "$system" "tank,raid1,raid1,B+C,photos:/srv/photos"
	storage all
	local uuid c=${device[C]}
	uuid=$(blkid -po value -s UUID "${device[B]}p1")
	storage new-plan n1 "$system" "tank,raid1,raid1,B,photos:/srv/photos,,$uuid"
	unset 'device[C]'
	run storage check
	device[C]=$c
	[ "$status" -eq 4 ]
	[[ $output == *"pool tank: 1 of its 2 disks are missing (btrfs $uuid)"* ]]
}

@test "a copy of a pool's member is refused" {
	disk_new A
	disk_new B
	disk_new C
	storage new-plan n1 "$system" "tank,single,dup,B,photos:/srv/photos"
	storage all
	local uuid
	uuid=$(blkid -po value -s UUID "${device[B]}p1")
	dd if="${device[B]}" of="${device[C]}" bs=1M conv=sparse,fsync status=none
	partx --update "${device[C]}"
	storage new-plan n1 "$system" "tank,single,dup,B,photos:/srv/photos,,$uuid"
	run storage check
	[ "$status" -eq 4 ]
	[[ $output == *'pool tank: '*' are the same member of it'* ]]
}

# new_owner SERIAL: another system, with the table of its own and ext4 in its third partition.
new_owner() {
	partitions_forget "$1"
	wipefs --quiet --all "${device[$1]}"
	sfdisk --quiet --label gpt "${device[$1]}" <<< $'size=100M\nsize=16M\nsize=400M'
	partx --update "${device[$1]}"
	mkfs.ext4 -q -L theirs "${device[$1]}p3"
}

@test "what somebody put on the disk while the installation rested is not touched" {
	local before
	disk_new A
	storage new-plan n1 "$system"
	storage partition
	new_owner A
	before=$(disk_checksum A)
	run storage pools
	[ "$status" -eq 4 ]
	[[ $output == *'disk A: was partitioned by this installation and somebody changed that since: holds '* ]]
	run storage --finished pools
	[ "$status" -eq 4 ]
	[ "$before" = "$(disk_checksum A)" ]
	run storage bootloader "$root"
	[ "$status" -ne 0 ]
	[ "$before" = "$(disk_checksum A)" ]
}

@test "a file system that somebody made in a partition of ours is not touched" {
	local before
	disk_new A
	storage new-plan n1 "$system"
	storage partition
	mkfs.ext4 -q "${device[A]}p3"
	before=$(disk_checksum A)
	run storage pools
	[ "$status" -eq 4 ]
	[[ $output == *"disk A: partition 3 of this installation is somebody else's by now"*'holds ext4'* ]]
	run storage --finished pools
	[ "$status" -eq 4 ]
	[ "$before" = "$(disk_checksum A)" ]
	mkfs.btrfs -q -f "${device[A]}p3"
	run storage --finished pools
	[ "$status" -eq 4 ]
}

@test "half an old btrfs under the UUID of the new one does no harm" {
	disk_new A
	disk_new B
	storage new-plan n1 "system,raid1,raid1,A+B,@:/"
	storage all
	# the event that the pools were finished never arrived: they are made again
	dd if=/dev/zero of="${device[A]}p3" bs=4096 seek=16 count=1 conv=fsync status=none
	storage all
	storage mount "$root"
	btrfs scrub start -B "$root"
}
