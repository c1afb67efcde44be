#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A root file system from a server, also from one that breaks off, lies or is away for a while.
# shellcheck disable=SC2030,SC2031,SC2154,SC2164

load helper

setup_file() {
	cd "$BATS_FILE_TMPDIR"
	"$BATS_TEST_DIRNAME/tree" make tree
	"$BATS_TEST_DIRNAME/tree" list tree > tree.list
	mkdir assets
	tar --create --acls --xattrs --xattrs-include='*' --format=pax --directory tree . |
		zstd --quiet -o assets/root.tar.zst
	cd assets
	"$STORAGE" asset root.tar.zst > ../root.json
}

setup() {
	mkdir "$root"
	cd "$BATS_FILE_TMPDIR"
}

teardown() {
	[ -z "${server:-}" ] || kill "$server"
	disks_end
}

# serve OPTION...: starts the server and waits until it listens.
serve() {
	mkfifo "$BATS_TEST_TMPDIR/port"
	"$here/serve" "$BATS_FILE_TMPDIR/assets" "$BATS_TEST_TMPDIR/port" "$BATS_TEST_TMPDIR/log" "$@" \
		> /dev/null 2>&1 3>&- &
	server=$!
	url=http://127.0.0.1:$(timeout 60 cat "$BATS_TEST_TMPDIR/port")
}

is_whole() {
	diff <("$here/tree" list "$root") tree.list
}

@test "everything in an archive arrives: owners, modes, times, links, devices, attributes, ACLs" {
	storage unpack assets root.json "$root"
	is_whole
}

@test "what is to be kept is neither replaced nor given another owner or mode" {
	mkdir -p "$root/etc" "$root/usr"
	echo theirs > "$root/etc/hostname"
	chmod 700 "$root/etc"
	storage --keep /etc unpack assets root.json "$root"
	[ "$(find "$root/etc" -type f)" = "$root/etc/hostname" ]
	[ "$(cat "$root/etc/hostname")" = theirs ]
	[ "$(stat -c %a "$root/etc")" = 700 ]
	[ -e "$root/usr/bin/ping" ]
}

@test "also where no locale knows the names" {
	LC_ALL=C storage unpack assets root.json "$root"
	is_whole
}

@test "over HTTP, and once more over what is there" {
	serve
	storage unpack "$url" root.json "$root"
	is_whole
	[ "$(wc -l < "$BATS_TEST_TMPDIR/log")" = 1 ]
	rm "$root/etc/soft"
	truncate -s 5 "$root/usr/bin/large1"
	ln -s /etc/passwd "$root/etc/new"
	storage unpack "$url" root.json "$root"
	[ -L "$root/etc/soft" ]
	cmp tree/usr/bin/large1 "$root/usr/bin/large1"
}

@test "a server that breaks off every 5 MB is asked for the rest" {
	serve break=5000000
	storage unpack "$url" root.json "$root"
	is_whole
	# each time from the last chunk that was verified
	grep -q 'bytes=4194304-' "$BATS_TEST_TMPDIR/log"
	grep -q 'bytes=8388608-' "$BATS_TEST_TMPDIR/log"
}

@test "a server that is away for a while" {
	serve refuse=3
	storage unpack "$url" root.json "$root"
	is_whole
}

@test "a busy server is asked again" {
	serve status=503:2
	storage unpack "$url" root.json "$root"
	is_whole
}

@test "a server that never delivers a chunk is given up" {
	serve break=1000000
	run storage unpack "$url" root.json "$root"
	[ "$status" -eq 7 ]
	[ "$(wc -l < "$BATS_TEST_TMPDIR/log")" = 10 ]
}

@test "a server that ignores Range is told apart" {
	serve break=5000000 norange
	run storage unpack "$url" root.json "$root"
	[ "$status" -eq 7 ]
	[[ $output == *'from 4194304 on'* ]]
}

@test "a wrong byte is an error, and none of its chunk is unpacked" {
	serve corrupt=100
	run storage unpack "$url" root.json "$root"
	[ "$status" -eq 5 ]
	[[ $output == *'root.tar.zst: bytes 0 to 4194303 are not what the plan says; on the provisioner: provision assets verify'* ]]
	[ -z "$(ls "$root")" ]
}

@test "an asset that is not there is an error at once" {
	serve
	jq '.path = "none.tar.zst"' root.json > "$BATS_TEST_TMPDIR/none.json"
	run storage unpack "$url" "$BATS_TEST_TMPDIR/none.json" "$root"
	[ "$status" -eq 10 ]
	[[ $output == *'none.tar.zst: not there; on the provisioner: provision assets verify'* ]]
	[ "$(wc -l < "$BATS_TEST_TMPDIR/log")" = 1 ]
}

@test "a full disk is an error that says so" {
	mount -t tmpfs -o size=8M tmpfs "$root"
	run storage unpack assets root.json "$root"
	[ "$status" -eq 6 ]
	[[ $output == *"the target's file system is full"* ]]
}

@test "no name in an archive leads out of the target" {
	cd "$BATS_TEST_TMPDIR"
	mkdir outside
	python3 - <<-'PYTHON'
		import io, tarfile
		def write(name, *members):
		    with tarfile.open(name, "w", format=tarfile.PAX_FORMAT) as t:
		        for path, kind, link in members:
		            m = tarfile.TarInfo(path)
		            m.type, m.linkname, m.size = kind, link, 0 if link else 4
		            t.addfile(m, None if link else io.BytesIO(b"evil"))
		F, S, H = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
		write("up.tar", ("../outside/x", F, ""))
		write("middle.tar", ("a/../../outside/x", F, ""))
		write("root.tar", ("/outside/x", F, ""))
		write("link.tar", ("l", S, "../outside"), ("l/x", F, ""))
		write("hard.tar", ("h", H, "../outside/secret"))
	PYTHON
	echo secret > outside/secret
	local name
	for name in up middle root link hard; do
		"$STORAGE" asset "$name.tar" > "$name.json"
		run storage unpack . "$name.json" "$root"
		[ "$(ls outside)" = secret ] || { echo "$name"; false; }
	done
	[ "$(stat -c %h outside/secret)" = 1 ]
}

@test "rubbish is an error" {
	head -c 100000 /dev/urandom > assets/rubbish
	(cd assets && "$STORAGE" asset rubbish) > "$BATS_TEST_TMPDIR/rubbish.json"
	run storage unpack assets "$BATS_TEST_TMPDIR/rubbish.json" "$root"
	[ "$status" -eq 6 ]
	head -c 5000000 assets/root.tar.zst > assets/short
	(cd assets && "$STORAGE" asset short) > "$BATS_TEST_TMPDIR/short.json"
	run storage unpack assets "$BATS_TEST_TMPDIR/short.json" "$root"
	[ "$status" -eq 6 ]
}
