# SPDX-License-Identifier: Apache-2.0
# Disks of a machine that is off, looked at from outside.
#
#   disk_foreign MACHINE SERIAL      puts somebody's file system with files on the disk
#   disk_sum MACHINE SERIAL          checksum of every byte of it
#   disk_bootable MACHINE SERIAL     a boot sector that prints HELLO-FROM-DISK (BIOS)
#   disk_mounted MACHINE SERIAL PARTITION COMMAND...   runs it with $DISK_ROOT = the mounted partition
# shellcheck shell=bash

disk_foreign() {
	local file folder

	file=$(machine_disk "$1" "$2")
	folder=$(mktemp -d "$LAB_DIR/foreign.XXXXXX")
	head -c 3000000 /dev/urandom >"$folder/photos"
	echo 'do not touch' >"$folder/README"
	mke2fs -q -t ext4 -L FAMILY -d "$folder" "$file"
	rm -rf "$folder"
}

disk_sum() {
	sha256sum <"$(machine_disk "$1" "$2")"
}

# cli; cld; mov si,0x7c0d... prints the text at 0x7c16 with int 0x10, then halts.
disk_bootable() {
	local file

	file=$(machine_disk "$1" "$2")
	{
		printf '\xfa\xfc\x31\xc0\x8e\xd8\xbe\x18\x7c\xac\x84\xc0\x74\x06\xb4\x0e\xcd\x10\xeb\xf5\xf4\xeb\xfd\x90'
		printf 'HELLO-FROM-DISK, and here it ends\r\n\0'
	} | dd of="$file" conv=notrunc status=none
	printf '\x55\xaa' | dd of="$file" bs=1 seek=510 conv=notrunc status=none
}

# The partition is found by its place in the table: nothing waits for device nodes of partitions,
# which a host without udev does not have.
disk_mounted() (
	local file partition loop start size

	file=$(machine_disk "$1" "$2")
	partition=$3
	shift 3
	read -r start size < <(sfdisk --json "$file" | jq -r --argjson n "$partition" '.partitiontable |
		(.sectorsize // 512) as $unit | .partitions[$n - 1] | "\(.start * $unit) \(.size * $unit)"')
	loop=$(losetup --find --show --offset "$start" --sizelimit "$size" "$file")
	DISK_ROOT=$(mktemp -d "$LAB_DIR/mnt.XXXXXX")
	export DISK_ROOT
	trap 'umount "$DISK_ROOT" 2>/dev/null; losetup -d "$loop"; rmdir "$DISK_ROOT"' EXIT
	mount "$loop" "$DISK_ROOT"
	"$@"
)
