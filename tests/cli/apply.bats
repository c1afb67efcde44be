#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# node-agent apply --stage files, in a root of its own. Nothing beside the root changes, whatever the
# root or the config are like.
# shellcheck disable=SC2154,SC2164

load cli

setup() {
	cd "$BATS_TEST_TMPDIR"
	mkdir -p root/etc outside
	echo theirs >outside/file
	echo 'root:x:0:0:root:/root:/bin/sh' >root/etc/passwd
	echo 'root:x:0:' >root/etc/group
}

teardown() {
	cd "$BATS_TEST_TMPDIR"
	[ "$(find outside -type f)" = outside/file ]
	[ "$(cat outside/file)" = theirs ]
}

# apply OPTION...: the config comes from standard input.
apply() {
	"$cli_build/node-agent/node-agent" apply --root root --stage files "$@" -
}

# storage KEY LIST: a config with this list in its storage.
storage() {
	printf '{"ignition": {"version": "3.4.0"}, "storage": {"%s": %s}}' "$1" "$2"
}

# refuses CODE TEXT CONFIG: apply ends so, and the root is as it was.
refuses() {
	local before
	before=$(tree)
	fails "$1" "$2" apply <<<"$3"
	diff <(echo "$before") <(tree)
}

tree() {
	find root -printf '%p %y %m %U:%G %s %l\n' | sort
}

@test "files, directories, links and units are made with their modes" {
	apply <<-END
		{"ignition": {"version": "3.4.0"},
		 "storage": {
		  "directories": [{"path": "/srv/shared", "mode": 1533}],
		  "files": [
		   {"path": "/etc/motd", "contents": {"source": "data:,hello%0A"}},
		   {"path": "/srv/shared/deep/secret", "mode": 384, "contents": {"source": "data:;base64,eAo="},
		    "append": [{"source": "data:,y%0A"}]}],
		  "links": [{"path": "/etc/link", "target": "motd"},
		            {"path": "/a", "target": "/srv/shared/deep/secret", "hard": true}]},
		 "systemd": {"units": [
		  {"name": "a.service", "enabled": true, "contents": "[Unit]\n",
		   "dropins": [{"name": "x.conf", "contents": "[Service]\n"}]},
		  {"name": "b.service", "mask": true}]}}
	END
	[ "$(cat root/etc/motd)" = hello ]
	[ "$(stat -c %a root/etc/motd)" = 644 ]
	[ "$(cat root/srv/shared/deep/secret)" = $'x\ny' ]
	[ "$(stat -c '%a %h' root/srv/shared/deep/secret)" = "600 2" ]
	[ "$(stat -c %a root/srv/shared)" = 2775 ]
	[ "$(stat -c %a root/srv root/srv/shared/deep)" = $'755\n2755' ]
	[ "$(readlink root/etc/link)" = motd ]
	[ root/a -ef root/srv/shared/deep/secret ]
	[ "$(cat root/etc/systemd/system/a.service)" = "[Unit]" ]
	[ "$(cat root/etc/systemd/system/a.service.d/x.conf)" = "[Service]" ]
	[ "$(readlink root/etc/systemd/system/b.service)" = /dev/null ]
	[ "$(cat root/etc/systemd/system-preset/20-ignition.preset)" = "enable a.service" ]
}

@test "the umask is no part of it" {
	umask 077
	storage files '[{"path": "/a/b"}]' | apply
	[ "$(stat -c %a root/a root/a/b)" = $'755\n644' ]
}

@test "a root has to be named, and a stage, and one config" {
	local agent=$cli_build/node-agent/node-agent
	storage files '[{"path": "/a"}]' >config
	fails 2 "--root is missing" "$agent" apply --stage files config
	fails 2 "--stage is missing" "$agent" apply --root root config
	fails 2 "no stage is called mount" "$agent" apply --root root --stage mount config
	fails 2 "no config" "$agent" apply --root root --stage files
	fails 2 "more than one config" "$agent" apply --root root --stage files config config
	fails 2 "--roots" "$agent" apply --roots root --stage files config
	fails 2 "No such file" "$agent" apply --root nowhere --stage files config
	fails 10 "nothing" "$agent" apply --root root --stage files nothing
	"$agent" apply --root root --stage files config
	[ -e root/a ]
}

@test "what the config gets wrong is told by its JSON path, and nothing is made" {
	refuses 3 '$.storage.files[1].path' "$(storage files '[{"path": "/a"}, {"path": "b"}]')"
	refuses 3 '$.storage.files[1]' "$(storage files '[{"path": "/a"}, {"path": "/a"}]')"
	refuses 3 '$.storage.files[0].paht' "$(storage files '[{"paht": "/a"}]')"
	refuses 3 '$.storage.files[1].contents.source' \
		"$(storage files '[{"path": "/a"}, {"path": "/b", "contents": {"source": "s3://x/y"}}]')"
	refuses 3 '$.storage.files[0].path' "$(storage files '[{"path": "/a/../b"}]')"
	refuses 3 '$.storage.files[0].user.name' "$(storage files '[{"path": "/a", "user": {"name": 3}}]')"
	refuses 3 '' '{"ignition": {"version": "3.4.0"}'
}

@test "links of the root that lead out of it are its own" {
	ln -s ../outside root/up
	ln -s "$PWD/outside" root/abs
	ln -s /abs/../../../../../../../../up root/chain
	storage files '[
		{"path": "/up/file", "contents": {"source": "data:,1"}},
		{"path": "/abs/file", "contents": {"source": "data:,2"}}]' | apply
	[ "$(cat root/outside/file)" = 1 ]
	[ "$(cat "root$PWD/outside/file")" = 2 ]
	refuses 10 "target" "$(storage links '[{"path": "/h", "hard": true, "target": "/../outside/nothing"}]')"
	storage links '[{"path": "/up", "overwrite": true, "target": "elsewhere"}]' | apply
	[ "$(readlink root/up)" = elsewhere ]
}

@test "units and presets behind a link stay in the root" {
	mkdir root/etc/systemd
	ln -s "$PWD/outside" root/etc/systemd/system
	ln -s ../../../outside root/etc/systemd/system-preset
	apply <<<'{"ignition": {"version": "3.4.0"}, "systemd": {"units": [
		{"name": "a.service", "enabled": true, "contents": "[Unit]"}]}}'
	[ "$(cat "root$PWD/outside/a.service")" = "[Unit]" ]
	[ "$(cat root/outside/20-ignition.preset)" = "enable a.service" ]
}

@test "a link that goes round in circles" {
	ln -s b root/a
	ln -s a root/b
	refuses 3 "symbolic links" "$(storage files '[{"path": "/a/x"}]')"
}

@test "what is in the way stays unless it is to be overwritten" {
	echo old >root/etc/file
	mkdir root/etc/dir
	echo old >root/etc/dir/in
	mkfifo root/etc/fifo
	local source='"contents": {"source": "data:,new"}'
	refuses 4 '$.storage.files[0]: /etc/file: a file stands there' "$(storage files "[{\"path\": \"/etc/file\", $source}]")"
	refuses 4 "a directory stands there" "$(storage files '[{"path": "/etc/dir"}]')"
	refuses 4 "a special file stands there" \
		"$(storage files '[{"path": "/etc/fifo", "append": [{"source": "data:,x"}]}]')"
	refuses 4 "a file stands there" "$(storage directories '[{"path": "/etc/file"}]')"
	refuses 4 "a directory stands there" "$(storage links '[{"path": "/etc/dir", "target": "x"}]')"
	refuses 6 "/etc/file" "$(storage files '[{"path": "/etc/file/x"}]')"
	refuses 4 "the root itself" "$(storage directories '[{"path": "/", "overwrite": true}]')"
	storage files "[{\"path\": \"/etc/dir\", \"overwrite\": true, $source}]" | apply
	[ "$(cat root/etc/dir)" = new ]
	[ "$(find root -name '.*.????????????????')" = "" ]
}

@test "a digest that is wrong leaves what was there" {
	echo old >root/etc/file
	local zeros wrong
	zeros=$(printf '%064d' 0)
	wrong="\"source\": \"data:,new\", \"verification\": {\"hash\": \"sha256-$zeros\"}"
	refuses 5 '$.storage.files[0]' "$(storage files "[{\"path\": \"/etc/file\", \"overwrite\": true, \"contents\": {$wrong}}]")"
	refuses 5 'append[1]' \
		"$(storage files "[{\"path\": \"/etc/file\", \"append\": [{\"source\": \"data:,x\"}, {$wrong}]}]")"
}

@test "two entries that the root's links make one" {
	mkdir -p root/usr/lib
	ln -s usr/lib root/lib
	refuses 3 '$.storage.files[' "$(storage files '[{"path": "/lib/x"}, {"path": "/usr/lib/x"}, {"path": "/z"}]')"
}

@test "again: an installed root is gone on with" {
	local config
	echo old >root/etc/old
	config=$(storage files '[{"path": "/etc/new", "contents": {"source": "data:,new"}},
		{"path": "/etc/old", "append": [{"source": "data:,more"}]}]')
	apply --installed <<<"$config"
	apply --installed <<<"$config"
	[ "$(cat root/etc/new)" = new ]
	[ "$(cat root/etc/old)" = $'old\nmore' ]
	fails 4 "/etc/new" apply <<<"$config"
}
