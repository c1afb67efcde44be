#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# node-agent apply in a whole Debian root: this host's, under a layer that takes the writes.
# shellcheck disable=SC2030,SC2031,SC2154,SC2164

setup() {
	agent=${STORAGE%/tests/disk/storage}/node-agent/node-agent
	cd "$BATS_TEST_TMPDIR"
	mkdir layer root
	mount -t tmpfs layer layer
	mkdir layer/upper layer/work
	mount -t overlay -o lowerdir=/,upperdir=layer/upper,workdir=layer/work root root
}

teardown() {
	cd "$BATS_TEST_TMPDIR"
	[ ! -d root/mounted ] || umount root/mounted/deep || true
	umount root
	umount layer
}

# apply OPTION...: the config comes from standard input.
apply() {
	"$agent" apply --root root --stage files "$@" -
}

config='{"ignition": {"version": "3.4.0"},
	"passwd": {
		"groups": [{"name": "applied", "gid": 54321}],
		"users": [
			{"name": "root", "sshAuthorizedKeys": ["root-key"]},
			{"name": "operator", "sshAuthorizedKeys": ["operator-key"]},
			{"name": "ada", "passwordHash": "$6$salt$a.hash", "groups": ["applied", "sudo"],
			 "sshAuthorizedKeys": ["ada-key"]}]},
	"storage": {
		"files": [
			{"path": "/home/ada/notes", "user": {"name": "ada"}, "group": {"name": "applied"},
			 "contents": {"source": "data:,x"}},
			{"path": "/etc/issue", "contents": {"source": "data:,new"}},
			{"path": "/etc/hosts", "append": [{"source": "data:,10.0.0.1%20provisioner%0A"}]}]},
	"systemd": {"units": [
		{"name": "applied.service", "enabled": true,
		 "contents": "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"},
		{"name": "applied@.service",
		 "contents": "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"},
		{"name": "applied@one.service", "enabled": true},
		{"name": "cron.service", "enabled": false},
		{"name": "getty@.service", "mask": true}]}}'

@test "an installed root: accounts, keys, units; twice, as after a cut" {
	for _ in 1 2; do
		apply --installed <<<"$config"
		touch root/etc/passwd.lock
	done
	grep -q '^applied:x:54321:ada$' root/etc/group
	grep -q '^sudo:.*[:,]ada' root/etc/group
	grep -q '^ada:x:.*:/home/ada:/bin/bash$' root/etc/passwd
	grep -qF 'ada:$6$salt$a.hash:' root/etc/shadow
	[ "$(stat -c %a root/home/ada/.ssh/authorized_keys)" = 600 ]
	[ "$(cat root/home/ada/.ssh/authorized_keys)" = ada-key ]
	[ "$(cat root/root/.ssh/authorized_keys)" = root-key ]
	[ "$(chroot root stat -c %U:%G /home/ada/notes /home/ada/.ssh)" = $'ada:applied\nada:ada' ]
	# Debian's group of that name has no user
	[ "$(chroot root id -gn operator)" = operator ]
	[ "$(cat root/etc/issue)" = new ]
	[ "$(grep -c provisioner root/etc/hosts)" = 1 ]
	[ -L root/etc/systemd/system/multi-user.target.wants/applied.service ]
	[ -L root/etc/systemd/system/multi-user.target.wants/applied@one.service ]
	[ ! -e root/etc/systemd/system/multi-user.target.wants/cron.service ]
	[ "$(readlink root/etc/systemd/system/getty@.service)" = /dev/null ]
	[ "$(cat root/etc/systemd/system-preset/20-ignition.preset)" = \
		$'enable applied.service\nenable applied@.service one\ndisable cron.service' ]
	[ ! -e root/etc/passwd.lock ] || [ ! -s root/etc/passwd.lock ]
	run grep '^ada:' /etc/passwd
	[ "$status" = 1 ]
}

@test "a home folder of an installation before: its user gets the number again" {
	mkdir -p root/home/ada/.ssh root/home/bob root/home/eve root/home/syd
	echo precious >root/home/ada/letter
	chown -R 4321 root/home/ada
	chown 4322 root/home/bob
	chown 33 root/home/eve
	chown 4324 root/home/syd
	# whoever comes without one does not get the next number before its owner does
	sed -i '$a\last:x:4320:4320::/home/last:/bin/sh' root/etc/passwd
	apply --installed <<-'END'
		{"ignition": {"version": "3.4.0"}, "passwd": {"groups": [{"name": "team", "gid": 54321}], "users": [
		 {"name": "carol"},
		 {"name": "ada", "groups": ["team"], "sshAuthorizedKeys": ["ada-key"]},
		 {"name": "bob", "uid": 4322, "primaryGroup": "ada"}]}}
	END
	[ "$(chroot root stat -c %U /home/ada /home/ada/letter /home/ada/.ssh/authorized_keys /home/bob | sort | uniq -c | xargs)" = \
		'3 ada 1 bob' ]
	[ "$(stat -c %u root/home/ada)" = 4321 ]
	[ "$(chroot root id -u carol)" -gt 4322 ]
	[ "$(cat root/home/ada/letter)" = precious ]
	run apply --installed <<<'{"ignition": {"version": "3.4.0"}, "passwd": {"users": [{"name": "syd", "uid": 4400}]}}'
	[ "$status" = 4 ]
	[[ $output == *'$.passwd.users[0]: syd: /home/syd is there already and belongs to uid 4324'*'write uid: 4324'* ]]
	run apply --installed <<<'{"ignition": {"version": "3.4.0"}, "passwd": {"users": [{"name": "eve"}]}}'
	[ "$status" = 4 ]
	[[ $output == *'belongs to uid 33, which is www-data on the new system; write uid: 33'* ]]
	run grep '^eve:\|^syd:' root/etc/passwd
	[ "$status" = 1 ]
}

@test "as upstream: units are preset only, and what is in the way stays" {
	run apply <<<"$config"
	[ "$status" = 6 ]
	[[ $output == *'$.passwd.users[1]: operator: useradd ended'* ]]
	apply <<-END
		{"ignition": {"version": "3.4.0"},
		 "passwd": {"users": [{"name": "bob", "sshAuthorizedKeys": ["bob-key"]}]},
		 "systemd": {"units": [{"name": "applied.service", "enabled": true,
		  "contents": "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"}]}}
	END
	[ "$(cat root/home/bob/.ssh/authorized_keys.d/ignition)" = bob-key ]
	[ ! -e root/etc/systemd/system/multi-user.target.wants/applied.service ]
	grep -q '^bob:\*:' root/etc/shadow
}

@test "a password's hash is no argument of any program" {
	for program in useradd usermod groupadd chpasswd chgpasswd; do
		mv "root/usr/sbin/$program" "root/usr/sbin/$program.real"
		printf '#!/bin/sh\necho "$0 $*" >>/arguments\nexec "$0.real" "$@"\n' >"root/usr/sbin/$program"
		chmod 755 "root/usr/sbin/$program"
	done
	apply --installed <<-'END'
		{"ignition": {"version": "3.4.0"}, "passwd": {
		 "groups": [{"name": "team", "passwordHash": "$6$of.group"}],
		 "users": [{"name": "ada", "passwordHash": "$6$of.user"}, {"name": "root", "passwordHash": "$6$of.root"}]}}
	END
	grep -qF 'team:$6$of.group:' root/etc/gshadow
	grep -qF 'ada:$6$of.user:' root/etc/shadow
	grep -qF 'root:$6$of.root:' root/etc/shadow
	grep -q useradd root/arguments
	run grep -F '$6$' root/arguments
	[ "$status" = 1 ]
}

@test "a folder that a file system is mounted in is not overwritten" {
	mkdir -p root/mounted/deep
	mount -t tmpfs deep root/mounted/deep
	echo precious >root/mounted/deep/file
	run apply <<<'{"ignition": {"version": "3.4.0"}, "storage": {"directories": [
		{"path": "/mounted", "overwrite": true}]}}'
	[ "$status" = 4 ]
	[[ $output == *"a file system is mounted on deep"* ]]
	[ "$(cat root/mounted/deep/file)" = precious ]
	run apply <<<'{"ignition": {"version": "3.4.0"}, "storage": {"directories": [
		{"path": "/mounted/deep", "overwrite": true}]}}'
	[ "$status" = 4 ]
	[ "$(cat root/mounted/deep/file)" = precious ]
	apply <<<'{"ignition": {"version": "3.4.0"}, "storage": {"files": [{"path": "/mounted/deep/other"}]}}'
	[ -e root/mounted/deep/other ]
}

@test "a device in the root is neither opened nor written" {
	mknod root/disk b 7 77
	run apply <<<'{"ignition": {"version": "3.4.0"}, "storage": {"files": [
		{"path": "/disk", "append": [{"source": "data:,x"}]}]}}'
	[ "$status" = 4 ]
	[ -b root/disk ]
	apply <<<'{"ignition": {"version": "3.4.0"}, "storage": {"files": [
		{"path": "/disk", "overwrite": true, "contents": {"source": "data:,x"}}]}}'
	[ "$(cat root/disk)" = x ]
}
