#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The disks stage of Ignition on loop devices. Wants root.
# shellcheck disable=SC2030,SC2031,SC2154,SC2164

load helper

teardown() {
	disks_end
}

# ignition STORAGE-SECTION: runs the stage; @A stands for the device of disk A.
ignition() {
	local section=$1 serial
	for serial in "${!device[@]}"; do
		section=${section//@$serial/${device[$serial]}}
	done
	printf '{"ignition": {"version": "3.4.0"}, "storage": %s}\n' "$section" > "$BATS_TEST_TMPDIR/config.ign"
	jq -e . "$BATS_TEST_TMPDIR/config.ign" > /dev/null
	"${STORAGE%/*/*/*}/node-agent/node-agent" apply --stage disks "$BATS_TEST_TMPDIR/config.ign"
}

# refused SECTION TEXT...: the stage refuses with these in its sentence, and no disk has changed.
refused() {
	local serial text
	local -A before=()
	for serial in "${!device[@]}"; do
		before[$serial]=$(disk_checksum "$serial")
	done
	run ignition "$1"
	[ "$status" -eq 4 ] || { echo "status $status: $output"; false; }
	for text in "${@:2}"; do
		[[ $output == *"$text"* ]] || { echo "$output"; false; }
	done
	for serial in "${!device[@]}"; do
		[ "${before[$serial]}" = "$(disk_checksum "$serial")" ] || { echo "$serial changed"; false; }
	done
}

# field DEVICE NAME: what blkid reads there.
field() {
	blkid -p -o value -s "$2" "$1"
}

# theirs SERIAL: a table of two partitions, the second with a file system.
theirs() {
	sfdisk --quiet --label gpt "${device[$1]}" --no-reread <<< $'start=2048, size=40960, name=one\nsize=102400, name=two'
	partx --update "${device[$1]}"
	mkfs.ext4 -q -L precious "${device[$1]}p2"
}

@test "partitions and every format, with label and UUID" {
	disk_new A 2G
	ignition '{"disks": [{"device": "@A", "partitions": [
			{"number": 1, "label": "esp", "sizeMiB": 64, "typeGuid": "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"},
			{"number": 2, "label": "ext", "sizeMiB": 64, "guid": "11111111-2222-3333-4444-555555555555"},
			{"label": "b t r", "sizeMiB": 256},
			{"label": "swap", "sizeMiB": 16},
			{"label": "xfs"}]}],
		"filesystems": [
			{"device": "@Ap1", "format": "vfat", "label": "ESP", "uuid": "1A2B-3C4D"},
			{"device": "/dev/disk/by-partuuid/11111111-2222-3333-4444-555555555555", "format": "ext4", "label": "data",
				"uuid": "21111111-2222-3333-4444-555555555555", "options": ["-m", "0"]},
			{"device": "/dev/disk/by-partlabel/b\\x20t\\x20r", "format": "btrfs", "label": "tank",
				"uuid": "31111111-2222-3333-4444-555555555555"},
			{"device": "/dev/disk/by-partlabel/swap", "format": "swap", "label": "s",
				"uuid": "41111111-2222-3333-4444-555555555555"},
			{"device": "@Ap5", "format": "xfs", "label": "x", "uuid": "51111111-2222-3333-4444-555555555555"}]}'
	run sfdisk --dump "${device[A]}"
	[[ $output == *'start=        2048, size=      131072, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B'*'name="esp"'* ]]
	[[ $output == *'start=      133120, size=      131072, type=0FC63DAF'*'uuid=11111111-2222-3333-4444-555555555555, name="ext"'* ]]
	[[ $output == *'start=      264192, size=      524288,'*'name="b t r"'* ]]
	[[ $output == *'start=      821248, size=     3373023,'*'name="xfs"'* ]]
	sgdisk --verify "${device[A]}" | grep -q 'No problems found'
	local row
	for row in 1,vfat,ESP,1A2B-3C4D 2,ext4,data,21111111-2222-3333-4444-555555555555 \
		3,btrfs,tank,31111111-2222-3333-4444-555555555555 4,swap,s,41111111-2222-3333-4444-555555555555 \
		5,xfs,x,51111111-2222-3333-4444-555555555555; do
		IFS=, read -r number type label uuid <<< "$row"
		[ "$(field "${device[A]}p$number" TYPE)" = "$type" ]
		[ "$(field "${device[A]}p$number" LABEL)" = "$label" ]
		[ "$(field "${device[A]}p$number" UUID)" = "$uuid" ]
	done
}

@test "what matches is reused: a second run changes nothing" {
	local section before
	disk_new A
	section='{"disks": [{"device": "@A", "partitions": [
			{"number": 1, "label": "one", "sizeMiB": 64},
			{"number": 2, "label": "two", "startMiB": 0, "sizeMiB": 0}]}],
		"filesystems": [
			{"device": "@Ap1", "format": "vfat", "label": "ONE", "uuid": "1A2B-3C4D"},
			{"device": "/dev/disk/by-partlabel/two", "format": "btrfs", "label": "two"}]}'
	ignition "$section"
	before=$(disk_checksum A)
	ignition "$section"
	[ "$before" = "$(disk_checksum A)" ]
	# nor while it is mounted
	mkdir -p "$root"
	mount "${device[A]}p2" "$root"
	ignition "$section"
	umount "$root"
}

@test "a whole disk without a table: blank, reused, wiped, refused" {
	disk_new A
	ignition '{"filesystems": [{"device": "@A", "format": "ext4", "label": "a"}]}'
	[ "$(field "${device[A]}" LABEL)" = a ]
	local uuid
	uuid=$(field "${device[A]}" UUID)
	ignition '{"filesystems": [{"device": "@A", "format": "ext4"}]}'
	[ "$(field "${device[A]}" UUID)" = "$uuid" ]
	refused '{"filesystems": [{"device": "@A", "format": "ext4", "label": "b"}]}' \
		'$.storage.filesystems[0]: ' ' holds ext4 "a", not ext4 with label b; set wipeFilesystem'
	refused '{"filesystems": [{"device": "@A", "format": "btrfs"}]}' 'holds ext4 "a", not btrfs'
	refused '{"filesystems": [{"device": "@A", "format": "none"}]}' 'holds ext4 "a", not none'
	refused '{"filesystems": [{"device": "@A", "format": "ext4", "uuid": "51111111-2222-3333-4444-555555555555"}]}' \
		'with uuid 5111'
	refused '{"disks": [{"device": "@A", "partitions": [{"number": 1}]}]}' \
		'$.storage.disks[0]: ' ' holds ext4 "a" and no GUID partition table; set wipeTable'
	ignition '{"filesystems": [{"device": "@A", "format": "btrfs", "wipeFilesystem": true}]}'
	[ "$(field "${device[A]}" TYPE)" = btrfs ]
	ignition '{"filesystems": [{"device": "@A", "format": "none", "wipeFilesystem": true}]}'
	run field "${device[A]}" TYPE
	[ -z "$output" ]
}

@test "wipeFilesystem makes the same one anew" {
	disk_new A
	local uuid
	ignition '{"filesystems": [{"device": "@A", "format": "ext4", "label": "a"}]}'
	uuid=$(field "${device[A]}" UUID)
	ignition '{"filesystems": [{"device": "@A", "format": "ext4", "label": "a", "wipeFilesystem": true}]}'
	[ "$(field "${device[A]}" UUID)" != "$uuid" ]
}

@test "a table that is there: what does not match is refused, and nothing is written" {
	disk_new A
	disk_new B
	theirs A
	refused '{"disks": [{"device": "@A", "partitions": [{"number": 1, "label": "other"}]}]}' \
		'$.storage.disks[0].partitions[0].label: does not match partition 1'
	refused '{"disks": [{"device": "@A", "partitions": [{"number": 2, "shouldExist": false}]}]}' \
		'set wipePartitionEntry if it may go'
	refused '{"disks": [{"device": "@A", "partitions": [{"number": 3, "sizeMiB": 5000}]}]}' 'no room'
	# a disk that could be partitioned stays blank when another refuses
	refused '{"disks": [{"device": "@B", "partitions": [{"number": 1}]},
			{"device": "@A", "partitions": [{"number": 1, "sizeMiB": 500}]}]}' '$.storage.disks[1].partitions[0]: no room'
	refused '{"disks": [{"device": "@B", "partitions": [{"number": 1}]}],
		"filesystems": [{"device": "@Bp1", "format": "ext4"}, {"device": "@Ap2", "format": "xfs"}]}' \
		'$.storage.filesystems[1]: ' 'p2 holds ext4 "precious", not xfs'
	# what lies where a partition is made counts too
	refused '{"disks": [{"device": "@A", "wipeTable": true, "partitions": [
			{"number": 1, "startMiB": 21, "sizeMiB": 60}]}],
		"filesystems": [{"device": "@Ap1", "format": "btrfs"}]}' 'p1 holds ext4 "precious", not btrfs'
}

@test "changes to a table leave the other partitions alone" {
	disk_new A
	theirs A
	ignition '{"disks": [{"device": "@A", "partitions": [
		{"number": 1, "shouldExist": false, "wipePartitionEntry": true},
		{"number": 3, "label": "three", "startMiB": 100, "sizeMiB": 100},
		{"number": 2, "label": "two", "sizeMiB": 60, "resize": true}]}]}'
	run sfdisk --dump "${device[A]}"
	[[ $output != *'name="one"'* ]]
	[[ $output == *'p2 : start=       43008, size=      122880,'*'name="two"'* ]]
	[[ $output == *'p3 : start=      204800, size=      204800,'*'name="three"'* ]]
	[ "$(blockdev --getsize64 "${device[A]}p2")" = 62914560 ]
	[ ! -e "${device[A]}p1" ]
	e2fsck -fn "${device[A]}p2"
	sgdisk --verify "${device[A]}" | grep -q 'No problems found'
}

@test "wipeTable: a new table, or none; a file system where it was is reused" {
	disk_new A
	theirs A
	ignition '{"disks": [{"device": "@A", "wipeTable": true, "partitions": [
			{"number": 1, "label": "new", "startMiB": 21, "sizeMiB": 50}]}],
		"filesystems": [{"device": "/dev/disk/by-partlabel/new", "format": "ext4", "label": "precious"}]}'
	e2fsck -fn "${device[A]}p1"
	ignition '{"disks": [{"device": "@A", "wipeTable": true}]}'
	[ -z "$(wipefs --noheadings "${device[A]}")" ]
	[ ! -e "${device[A]}p1" ]
	sfdisk --quiet --label dos --no-reread "${device[A]}" <<< 'size=10M'
	refused '{"disks": [{"device": "@A", "partitions": [{"number": 1}]}]}' 'holds dos and no GUID partition table'
	ignition '{"disks": [{"device": "@A", "wipeTable": true, "partitions": [{"number": 1}]}]}'
	[ "$(field "${device[A]}" PTTYPE)" = gpt ]
}

@test "what is in use is not touched" {
	disk_new A
	theirs A
	mkdir -p "$root"
	mount -o ro,noload "${device[A]}p2" "$root"
	refused '{"disks": [{"device": "@A", "wipeTable": true}]}' 'p2 is in use and would change'
	refused '{"disks": [{"device": "@A", "partitions": [{"number": 2, "shouldExist": false, "wipePartitionEntry": true}]}]}' \
		'p2 is in use and would change'
	refused '{"disks": [{"device": "@A", "partitions": [{"number": 2, "sizeMiB": 70, "resize": true}]}]}' \
		'p2 is in use and would change'
	refused '{"filesystems": [{"device": "@Ap2", "format": "ext4", "wipeFilesystem": true}]}' 'p2 is in use'
	# beside it there is room
	ignition '{"disks": [{"device": "@A", "partitions": [{"number": 3, "label": "n"}]}],
		"filesystems": [{"device": "/dev/disk/by-partlabel/n", "format": "ext4"}]}'
	[ "$(field "${device[A]}p3" TYPE)" = ext4 ]
	umount "$root"
}

# meanwhile COMMAND: runs in mkfs.ext4's place before it, which is first tried between the look at the disks
# and their writing.
meanwhile() {
	local real
	real=$(PATH=/usr/sbin:/sbin:/usr/bin command -v mkfs.ext4)
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	printf '#!/bin/bash\n%s\nexec %s "$@"\n' "$1" "$real" > "$BATS_TEST_TMPDIR/bin/mkfs.ext4"
	chmod +x "$BATS_TEST_TMPDIR/bin/mkfs.ext4"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

@test "what comes into use after it was looked at is not touched" {
	local b='"filesystems": [{"device": "@B", "format": "ext4"}]'
	local gone='"disks": [{"device": "@A", "partitions": [{"number": 2, "shouldExist": false, "wipePartitionEntry": true}]}]'
	disk_new A
	disk_new B
	theirs A
	mkdir -p "$root"
	meanwhile "mountpoint -q '$root' || mount -o ro,noload '${device[A]}p2' '$root'"
	refused "{$gone, $b}" 'p2 is in use and would change'
	umount "$root"
	refused "{\"disks\": [{\"device\": \"@A\", \"wipeTable\": true}], $b}" 'p2 is in use and would change'
	umount "$root"
	refused "{\"filesystems\": [{\"device\": \"@B\", \"format\": \"ext4\"},
		{\"device\": \"@Ap2\", \"format\": \"xfs\", \"wipeFilesystem\": true}]}" '$.storage.filesystems[1]: ' 'p2 is in use'
	umount "$root"
}

@test "a partition that somebody has open does not go, nor its neighbours" {
	disk_new A
	theirs A
	exec 7< "${device[A]}p2"
	refused '{"disks": [{"device": "@A", "wipeTable": true}]}' 'partition 2 of' 'cannot go'
	[ -b "${device[A]}p1" ]
	[ -b "${device[A]}p2" ]
	exec 7<&-
	ignition '{"disks": [{"device": "@A", "wipeTable": true}]}'
	[ ! -e "${device[A]}p1" ]
}

@test "a partition that somebody looks into for a moment goes after it" {
	disk_new A
	theirs A
	{ sleep 1; } 7< "${device[A]}p2" &
	ignition '{"disks": [{"device": "@A", "wipeTable": true}]}'
	wait
	[ ! -e "${device[A]}p2" ]
}

@test "a table that another program has changed meanwhile is left to it" {
	disk_new A
	theirs A
	meanwhile "sgdisk --change-name=1:other '${device[A]}' > /dev/null"
	run ignition '{"disks": [{"device": "@A", "partitions": [{"number": 3, "label": "three"}]}],
		"filesystems": [{"device": "/dev/disk/by-partlabel/three", "format": "ext4"}]}'
	[ "$status" -eq 4 ]
	[[ $output == *'$.storage.disks[0]: '*' has changed since it was looked at'* ]]
	run sfdisk --dump "${device[A]}"
	[[ $output == *'name="other"'* && $output != *three* ]]
}

@test "the disks are locked from the first look until their tables are written" {
	local disk
	disk_new A
	disk_new B
	disk_new C
	theirs B
	for disk in A B C; do
		meanwhile "flock --nonblock '${device[$disk]}' echo free >> '$BATS_TEST_TMPDIR/said'
			echo tried >> '$BATS_TEST_TMPDIR/said'"
		: > "$BATS_TEST_TMPDIR/said"
		ignition '{"disks": [{"device": "@A", "wipeTable": true, "partitions": [{"number": 1}]}],
			"filesystems": [{"device": "@Ap1", "format": "ext4", "wipeFilesystem": true},
				{"device": "@Bp1", "format": "ext4", "wipeFilesystem": true},
				{"device": "@Bp2", "format": "ext4"}]}'
		# two rehearsals; then the programs, which may lock the disk themselves. C is not in the config
		if [ "$disk" = C ]; then
			[ "$(paste -s -d ' ' "$BATS_TEST_TMPDIR/said")" = 'free tried free tried free tried free tried' ]
		else
			[ "$(paste -s -d ' ' "$BATS_TEST_TMPDIR/said")" = 'tried tried free tried free tried' ]
		fi
		flock --nonblock "${device[$disk]}" true
	done
}

@test "an option names no other device" {
	disk_new A
	disk_new B
	theirs A
	refused '{"filesystems": [{"device": "@B", "format": "btrfs", "options": ["-d", "single", "@Ap2"]}]}' \
		'$.storage.filesystems[0].options[2]: names a device'
	ln -s "${device[A]}p2" "$BATS_TEST_TMPDIR/disk"
	refused "{\"filesystems\": [{\"device\": \"@B\", \"format\": \"xfs\", \"options\": [\"-llogdev=$BATS_TEST_TMPDIR/disk\"]}]}" \
		'$.storage.filesystems[0].options[0]: names a device'
}

@test "what is not there, no disk, or named twice is refused" {
	disk_new A
	disk_new B
	theirs A
	refused '{"disks": [{"device": "/dev/nowhere", "partitions": [{"number": 1}]}]}' \
		'$.storage.disks[0].device: /dev/nowhere is not in this machine'
	refused '{"disks": [{"device": "/dev/null"}]}' '/dev/null is no block device'
	refused '{"disks": [{"device": "@Ap1"}]}' 'is no whole disk'
	refused '{"disks": [{"device": "@B", "partitions": [{"number": 1}]}],
		"filesystems": [{"device": "@Bp2", "format": "ext4"}]}' 'p2 will not be there'
	refused '{"filesystems": [{"device": "/dev/disk/by-partlabel/none-such", "format": "ext4"}]}' \
		'nothing of this config makes it'
	refused '{"disks": [{"device": "@B", "partitions": [{"number": 1}]}],
		"filesystems": [{"device": "@B", "format": "ext4"}]}' 'is the whole disk that $.storage.disks[0] partitions'
	refused '{"disks": [{"device": "@B", "partitions": [{"number": 1, "label": "l"}]}],
		"filesystems": [{"device": "@Bp1", "format": "ext4"}, {"device": "/dev/disk/by-partlabel/l", "format": "xfs"}]}' \
		'is taken by $.storage.filesystems[0].device'
	ln -sf "${device[B]}" "$BATS_TEST_TMPDIR/link"
	refused "{\"disks\": [{\"device\": \"@B\"}, {\"device\": \"$BATS_TEST_TMPDIR/link\"}]}" \
		'$.storage.disks[1].device: is the same disk as $.storage.disks[0]'
	refused '{"raid": [{"name": "data", "level": "raid1", "devices": ["@Ap2", "@B"]}]}' \
		'$.storage.raid[0].devices[0]: ' ' holds ext4 "precious"'
	refused '{"raid": [{"name": "data", "level": "raid5", "devices": ["@B"]}]}' \
		'$.storage.raid[0].devices: level raid5 takes 2 at least'
}

@test "what mkfs does not take is known before anything is written" {
	disk_new A
	before=$(compgen -G '/run/provision-mkfs-*') || true
	refused '{"disks": [{"device": "@A", "partitions": [{"number": 1, "sizeMiB": 16}]}],
		"filesystems": [{"device": "@Ap1", "format": "xfs"}]}' '$.storage.filesystems[0]: tried with a file of 16777216 bytes: mkfs.xfs'
	refused '{"disks": [{"device": "@A", "partitions": [{"number": 1, "sizeMiB": 16}]}],
		"filesystems": [{"device": "@Ap1", "format": "btrfs"}]}' 'mkfs.btrfs'
	refused '{"filesystems": [{"device": "@A", "format": "ext4", "options": ["--no-such"]}]}' 'mkfs.ext4'
	refused '{"filesystems": [{"device": "@A", "format": "ext4", "uuid": "no-uuid"}]}' 'mkfs.ext4'
	# the UUID that a btrfs has already is no obstacle to the one that takes its place
	ignition '{"filesystems": [{"device": "@A", "format": "btrfs", "uuid": "31111111-2222-3333-4444-555555555555"}]}'
	ignition '{"filesystems": [{"device": "@A", "format": "btrfs", "wipeFilesystem": true,
		"uuid": "31111111-2222-3333-4444-555555555555"}]}'
	[ "$(field "${device[A]}" UUID)" = 31111111-2222-3333-4444-555555555555 ]
	after=$(compgen -G '/run/provision-mkfs-*') || true
	[ "$after" = "$before" ]
}

@test "a LUKS volume that does not match is refused, and stays" {
	disk_new A
	disk_new B
	printf secret > "$BATS_TEST_TMPDIR/key"
	cryptsetup luksFormat --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --label l \
		--key-file "$BATS_TEST_TMPDIR/key" "${device[A]}"
	refused '{"luks": [{"name": "data", "device": "@A", "keyFile": {"source": "data:,wrong"}}]}' \
		'$.storage.luks[0].keyFile: does not open the volume that is there'
	refused '{"luks": [{"name": "data", "device": "@A", "label": "m", "keyFile": {"source": "data:,secret"}}]}' \
		'holds crypto_LUKS "l", whose label is another; set wipeVolume'
	refused '{"luks": [{"name": "data", "device": "@A", "discard": true, "keyFile": {"source": "data:,secret"}}]}' \
		'$.storage.luks[0].discard: the volume that is there has it not set'
	refused '{"luks": [{"name": "data", "device": "@A"}]}' 'and no keyFile is given'
	refused '{"filesystems": [{"device": "@A", "format": "ext4"}]}' 'holds crypto_LUKS "l", not ext4'
	mkfs.ext4 -q "${device[B]}"
	refused '{"luks": [{"name": "data", "device": "@B", "keyFile": {"source": "data:,secret"}}]}' \
		'holds ext4, which is no LUKS volume; set wipeVolume'
	# the files stage finds it, and the key again
	mkdir -p "$BATS_TEST_TMPDIR/system/etc"
	ignition_files() {
		"${STORAGE%/*/*/*}/node-agent/node-agent" apply --stage files --root "$BATS_TEST_TMPDIR/system" "$@"
	}
	ignition '{"disks": []}'
	printf '{"ignition": {"version": "3.4.0"}, "storage": {"luks": [{"name": "data", "device": "%s",
		"keyFile": {"source": "data:,secret"}}]}}' "${device[A]}" > "$BATS_TEST_TMPDIR/config.ign"
	ignition_files "$BATS_TEST_TMPDIR/config.ign"
	[ "$(cat "$BATS_TEST_TMPDIR/system/etc/crypttab")" = "data UUID=$(field "${device[A]}" UUID) /etc/luks/data luks" ]
	[ "$(cat "$BATS_TEST_TMPDIR/system/etc/luks/data")" = secret ]
}

@test "4096-byte sectors" {
	disk_new A 1200M 4096
	ignition '{"disks": [{"device": "@A", "partitions": [{"number": 1, "sizeMiB": 100}, {"number": 2}]}],
		"filesystems": [{"device": "@Ap2", "format": "ext4"}]}'
	run sfdisk --dump "${device[A]}"
	[[ $output == *'p1 : start=         256, size=       25600'* ]]
	[[ $output == *'p2 : start=       25856, size=      281339'* ]]
	[ "$(field "${device[A]}p2" TYPE)" = ext4 ]
}
