#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The power is cut at every point: strace kills the driver, and the programs it started, at the Nth of the
# calls that change a disk; a second run has to end right. A disk that the plan keeps stays as it is.
# shellcheck disable=SC2030,SC2031,SC2154,SC2164

load helper

teardown() {
	disks_end
}

# cut_at N CALL COMMAND: runs it until right before its Nth CALL; fails when it ended before.
cut_at() {
	local status=0
	# a shell in between, or bash tells of every program that was killed
	bash -c '"$@"; exit $?' -- env ASAN_OPTIONS=detect_leaks=0 strace --follow-forks --output=/dev/null \
		--inject="$2:signal=KILL:when=$1" \
		"$STORAGE" --disk "A=${device[A]}" --disk "B=${device[B]}" --disk "K=${device[K]}" \
		--plan "$plan" "$3" > "$BATS_TEST_TMPDIR/cut.log" 2>&1 || status=$?
	[ "$status" -ne 0 ]
}

bystander() {
	disk_new K 64M
	head -c 4M /dev/urandom | dd of="${device[K]}" conv=fsync status=none
	kept=$(disk_checksum K)
}

is_right() {
	[ "$(held A)" = 'btrfs gpt vfat' ]
	storage mount "$root"
	[ "$(findmnt -no FSROOT "$root/home")" = /@home ]
	[ "$(btrfs filesystem show "$root" | grep -c devid)" = 2 ]
	storage unmount "$root"
	[ "$kept" = "$(disk_checksum K)" ]
}

# is_whole SERIAL: with both copies of the table, and a protective MBR.
is_whole() {
	sgdisk --verify "${device[$1]}" | grep -q 'No problems found' || { sgdisk --verify "${device[$1]}"; false; }
	[ "$(sfdisk --dump "${device[$1]}" | grep -c 'label: gpt')" = 1 ]
	[ "$(dd if="${device[$1]}" bs=1 skip=450 count=1 status=none | od -An -tx1)" = ' ee' ]
}

@test "power cut at every write and sync while partitioning" {
	local call n cuts=0
	bystander
	disk_new A
	disk_new B
	"$here/leftover" installed "${device[A]}"
	"$here/leftover" btrfs-spare "${device[B]}"
	disk_save A
	disk_save B
	for call in pwrite64 write fsync; do
		for ((n = 1; ; n++)); do
			disk_restore A
			disk_restore B
			storage new-plan n1 "system,raid1,raid1,A+B,@:/+@home:/home"
			if ! cut_at "$n" "$call" partition; then
				break
			fi
			cuts=$((cuts + 1))
			partitions_forget A
			partitions_forget B
			storage check || { echo "$call $n: refused"; false; }
			storage partition || { echo "$call $n"; false; }
			is_whole A
			is_whole B
			[ "$(held A) $(held B)" = 'gpt gpt' ] || { echo "$call $n: $(held A), $(held B)"; false; }
		done
	done
	[ "$kept" = "$(disk_checksum K)" ]
	echo "# $cuts cuts" >&3
	[ "$cuts" -gt 30 ]
}

@test "a disk that found another owner after the power cut is not erased" {
	local owner before
	for owner in table btrfs random; do
		disk_new A
		disk_new B
		disk_new K 64M
		storage new-plan n1 "system,single,dup,A,@:/"
		# right after the mark
		cut_at 2 fsync partition
		storage check
		case $owner in
		table) sfdisk --quiet --label dos "${device[A]}" <<< 'size=400M' ;;
		btrfs) mkfs.btrfs -q "${device[A]}" ;;
		random) head -c 1M /dev/urandom | dd of="${device[A]}" conv=fsync,notrunc status=none ;;
		esac
		before=$(disk_checksum A)
		run storage partition
		[ "$status" -eq 4 ] || { echo "$owner: $output"; false; }
		[ "$before" = "$(disk_checksum A)" ]
		disks_end
	done
}

@test "power cut while making pools and subvolumes" {
	local call n cuts=0
	bystander
	disk_new A
	disk_new B
	storage new-plan n1 "system,raid1,raid1,A+B,@:/+@home:/home"
	storage partition
	for call in pwrite64 write fsync ioctl; do
		# the first ones each, then ever fewer: mkfs writes much
		for ((n = 1; ; n += 1 + n / 4)); do
			if ! cut_at "$n" "$call" pools; then
				break
			fi
			cuts=$((cuts + 1))
			storage pools || { echo "$call $n"; false; }
			is_right || { echo "$call $n: not right"; false; }
		done
	done
	echo "# $cuts cuts" >&3
	[ "$cuts" -gt 20 ]
}

@test "the driver killed at any moment leaves no mount and no program behind" {
	bystander
	disk_new A
	disk_new B
	storage new-plan n1 "system,raid1,raid1,A+B,@:/+@home:/home"
	# at the start of mkfs, and between the subvolumes
	cut_at 1 execve pools
	cut_at 4 ioctl pools
	[[ $(findmnt --list --noheadings --output SOURCE) != *"${device[A]}"* ]]
	storage all
	is_right
}
