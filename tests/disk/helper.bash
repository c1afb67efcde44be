# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Disks of a test: sparse files behind loop devices, each under a serial of its own. Everything a test
# makes is taken away by disks_end, also when it fails.

# shellcheck disable=SC2034 # of the tests
here=${BASH_SOURCE[0]%/*}
# The driver: of the build tree, given in STORAGE.
: "${STORAGE:?the path of the storage driver, tests/disk/storage of the build tree}"

declare -gA device=()
plan=$BATS_TEST_TMPDIR/plan.json
root=$BATS_TEST_TMPDIR/root

# disk_new SERIAL [SIZE [SECTOR]]
disk_new() {
	truncate -s "${2:-1200M}" "$BATS_TEST_TMPDIR/$1.img"
	device[$1]=$(losetup --find --show --sector-size "${3:-512}" "$BATS_TEST_TMPDIR/$1.img")
}

# disk_checksum SERIAL: prints a digest of all its bytes; holes are skipped, not read.
disk_checksum() {
	sync "${device[$1]}"
	python3 - "$BATS_TEST_TMPDIR/$1.img" <<-'PYTHON'
		import hashlib, os, sys
		fd, at, digest = os.open(sys.argv[1], os.O_RDONLY), 0, hashlib.sha256()
		end = os.fstat(fd).st_size
		while at < end:
		    block = os.pread(fd, 1 << 20, at)
		    if block.count(0) != len(block):
		        digest.update(b"%d:" % at + block)
		    at += len(block)
		    try:
		        at = max(at, os.lseek(fd, at, os.SEEK_DATA) >> 20 << 20)
		    except OSError:
		        break
		print(digest.hexdigest())
	PYTHON
}

# storage ARGUMENT...: the driver, with every disk of the test and its plan.
storage() {
	local serial named=()
	for serial in "${!device[@]}"; do
		named+=(--disk "$serial=${device[$serial]}")
	done
	"$STORAGE" "${named[@]}" --plan "$plan" "$@"
}

# partitions_forget SERIAL: as after a reboot, before the kernel has read the table.
partitions_forget() {
	partx --delete "${device[$1]}" 2> /dev/null || true
}

# disk_save SERIAL, disk_restore SERIAL: keeps what is on the disk, and brings it back.
disk_save() {
	sync "${device[$1]}"
	cp --sparse=always "$BATS_TEST_TMPDIR/$1.img" "$BATS_TEST_TMPDIR/$1.saved"
}

disk_restore() {
	partitions_forget "$1"
	losetup --detach "${device[$1]}"
	cp --sparse=always "$BATS_TEST_TMPDIR/$1.saved" "$BATS_TEST_TMPDIR/$1.img"
	device[$1]=$(losetup --find --show "$BATS_TEST_TMPDIR/$1.img")
}

# disk_forget SERIAL: the disk leaves the machine, and is gone.
disk_forget() {
	partitions_forget "$1"
	losetup --detach "${device[$1]}"
	rm "$BATS_TEST_TMPDIR/$1.img"
	unset "device[$1]"
}

disks_end() {
	local serial
	"$STORAGE" unmount "$root" || true
	for serial in "${!device[@]}"; do
		disk_forget "$serial"
	done
}

# held SERIAL: prints the types of all signatures on the disk and in its partitions.
held() {
	storage list | jq -r --arg s "$1" '.[] | select(.serial == $s) |
		([.signatures[], .partitions[].signatures[]] | map(.type) | unique | join(" "))'
}

# fs_uuid PATH: of the file system mounted there.
fs_uuid() {
	findmnt --noheadings --output UUID --target "$1"
}
