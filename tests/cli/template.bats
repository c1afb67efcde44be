#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Templates as an operator meets them: which ones a node takes, what is wrong with them and where,
# and where each value of the result comes from.

load cli.bash

setup() {
	cli_setup
	cli_config
	templates=$PROVISION_CONFIG/templates
	mkdir "$templates" "$PROVISION_CONFIG/files"
	printf 'mac: 52:54:00:00:00:01\nlabels: {rack: b}\n' >"$nodes/web1.yaml"
}

# wrong NAME TEXT MESSAGE: a template of that name, and what check says of it.
wrong() {
	# shellcheck disable=SC2059 # the text is a format, for its \\n
	printf "$2" >"$templates/$1"
	fails 3 "templates/$1:$3" provision check
	rm "$templates/$1"
}

explain() {
	provision render web1 ignition --explain
}

@test "a name that no node takes is told with the nearest one" {
	wrong role-wroker.yaml '' '1:1: no node takes a template of this name; did you mean "role-worker.yaml"?'
	wrong node-wbe1.yaml '' '1:1: no node takes a template of this name; did you mean "node-web1.yaml"?'
	wrong arch-amd46.yaml '' '1:1: no node takes a template of this name; did you mean "arch-amd64.yaml"?'
	wrong network-flanel.yaml '' '1:1: no node takes a template of this name; did you mean "network-flannel.yaml"?'
	wrong role-control-plane.yaml '' '1:1: no node takes this template; remove it'
	touch "$templates/role-worker.yml"
	fails 3 'templates/role-worker.yml: is not read; the names of templates end in .yaml' provision check
}

@test "a match that no node fulfils is told at its value" {
	wrong 10-a.yaml 'match:\n  role: wroker\n' '2:9: match: there is no role "wroker"; did you mean "worker"?'
	wrong 10-a.yaml 'match:\n  labels: {rakc: b}\n' '2:12: match: no node has the label "rakc"; did you mean "rack"?'
	wrong 10-a.yaml 'match:\n  labels: {rack: c}\n' '2:18: match: no node has the label rack "c"'
	wrong 10-a.yaml 'match:\n  name: [web1, wbe2]\n' '2:16: match: no node has the name "wbe2"; did you mean "web1"?'
	wrong 10-a.yaml 'match: {rol: worker}\n' '1:9: unknown key "rol"; did you mean "role"?'
	wrong base.yaml 'match: {role: worker}\n' '1:1: match: this file is chosen by its name'
}

@test "keys, shapes and references are told with their place" {
	wrong base.yaml 'storage:\n  filez: []\n' '2:3: unknown key "filez"; did you mean "files"?'
	wrong base.yaml 'units: []\n' '1:1: unknown key "units"; it belongs under systemd'
	wrong base.yaml 'kernelArguments: {}\n' '1:1: unknown key "kernelArguments"; Butane'
	wrong base.yaml 'storage:\n  files: {}\n' '2:10: files: a list is wanted'
	wrong base.yaml 'storage:\n  disks: []\n' '2:3: storage.disks is not for templates: disks are claimed by storage:'
	wrong base.yaml 'storage:\n  files:\n    - path: "/{{ hostnam }}"\n' '3:13: unknown name "hostnam"; did you mean "hostname"?'
	wrong base.yaml 'storage:\n  files:\n    - path: "/{{ sshKeys }}"\n' '3:13: "sshKeys" is a list or a map'
	wrong base.yaml 'variant: openshift\n' '1:10: the variants of Butane that are taken here'
	wrong base.yaml 'variant: fcos\nversion: 1.5.7\n' '2:10: the versions of fcos that are taken here are 1.0.0 to 1.5.0'
	wrong base.yaml 'variant: fcos\nversion: 1.6.0\n' '2:10: the versions of fcos that are taken here are 1.0.0 to 1.5.0'
}

@test "what Ignition refuses is told at the leaf that says it" {
	wrong base.yaml 'storage:\n  files:\n    - path: etc/motd\n' '3:13: $.storage.files[0].path: '
	wrong base.yaml 'storage:\n  files:\n    - path: /a\n      mode: 99999\n' '4:13: $.storage.files[0].mode: '
	wrong base.yaml 'systemd:\n  units:\n    - name: x\n' '3:13: $.systemd.units[0].name: '
	wrong base.yaml 'storage:\n  files:\n    - path: /a\n      contents: {source: "http://x/y"}\n' \
		'4:26: $.storage.files[0].contents.source: comes over plain http without a digest'
	wrong base.yaml 'kernel_arguments:\n  should_exist: ["a b"]\n' '2:18: $.kernelArguments.shouldExist[0]: '
}

@test "local files are told with the template's place, and nothing outside is read" {
	local head='storage:\n  files:\n    - path: /a\n      contents: '

	echo 'hello {{ hostnam }}' >"$PROVISION_CONFIG/files/motd"
	ln -s /etc/passwd "$PROVISION_CONFIG/files/out"
	wrong base.yaml "$head{local: mtd}\n" '4:25: there is no files/mtd; did you mean "motd"?'
	wrong base.yaml "$head{local: ../cluster.yaml}\n" '4:25: "../cluster.yaml" is no path below files/'
	wrong base.yaml "$head{local: out}\n" '4:25: files/out: is a link that leads nowhere inside of files/'
	wrong base.yaml "$head{local: motd, inline: x}\n" '4:18: "local" stands beside "inline"'
	wrong base.yaml 'storage:\n  trees:\n    - local: nosuch\n' '3:14: trees: no file lies in a folder files/nosuch'
	printf "$head{local: motd, template: true}\n" >"$templates/base.yaml"
	fails 3 'files/motd:1:7: unknown name "hostnam"; did you mean "hostname"?' provision check
}

@test "every value tells the file and line that it came from" {
	printf 'match: {labels: {rack: b}}\nstorage:\n  files:\n    - path: /etc/motd\n      mode: 0600\n      contents: {local: motd}\n' \
		>"$templates/20-rack.yaml"
	printf 'storage:\n  files:\n    - path: /etc/motd\n      mode: 0640\n      user: {name: "{{ hostname }}"}\n' \
		>"$templates/node-web1.yaml"
	echo hello >"$PROVISION_CONFIG/files/motd"
	run explain
	[ "$status" -eq 0 ]
	grep -F 'templates/node-web1.yaml:3:13: $.storage.files[' <<<"$output" | grep -F '.path = "/etc/motd"'
	grep -F 'templates/node-web1.yaml:4:13: $.storage.files[' <<<"$output" | grep -F '.mode = 416'
	grep -F 'templates/20-rack.yaml:6:25: $.storage.files[' <<<"$output" | grep -F '.contents.source = "data:;base64,aGVsbG8K"  (files/motd)'
	grep -F '.user.name = "web1"  ({{ hostname }}: nodes/web1.yaml (default))' <<<"$output"
	grep -F '$.passwd.users[0].sshAuthorizedKeys[0] = "ssh-ed25519' <<<"$output" | grep -F '({{ sshKeys }}: cluster.yaml:3:10)'
	grep -F '$.ignition.version = "3.4.0"  (default)' <<<"$output"
	# what stands in the record, and in a file that is templated
	printf 'mac: 52:54:00:00:00:01\nlabels: {rack: b}\nmetadata:\n  colour: red\nkernelArguments:\n  - quiet\n  - nosmt\n' >"$nodes/web1.yaml"
	printf 'storage:\n  files:\n    - path: /etc/colour\n      contents: {local: colour, template: true}\n' >"$templates/30-colour.yaml"
	echo '{{ metadata.colour }} {{ node.uuid }}' >"$PROVISION_CONFIG/files/colour"
	run explain
	grep -F 'templates/30-colour.yaml:4:25: ' <<<"$output" |
		grep -F '(files/colour, {{ metadata.colour, node.uuid }}: nodes/web1.yaml:4:11; nodes/web1.yaml (default))'
	grep -F 'nodes/web1.yaml:6:5: $.kernelArguments.shouldExist[0] = "quiet"' <<<"$output"
	grep -F 'nodes/web1.yaml:7:5: $.kernelArguments.shouldExist[1] = "nosmt"' <<<"$output"
	provision --json render web1 ignition --explain |
		jq -e '.[] | select(.value == "web1" and .reference == "hostname") | .file == "templates/node-web1.yaml" and .line == 5'
	fails 2 '--explain goes with render NODE ignition' provision render web1 plan --explain
}

@test "the hash of a password is shown by no command" {
	printf 'passwd:\n  users:\n    - name: root\n      password_hash: $y$j9T$secret\n' >"$templates/node-web1.yaml"
	for command in 'render web1 ignition --explain' '--json render web1 ignition --explain'; do
		# shellcheck disable=SC2086
		run provision $command
		[ "$status" -eq 0 ]
		[[ $output == *redacted* ]]
		[[ $output != *secret* ]]
	done
}

@test "a file written for Butane is taken as it is" {
	printf 'variant: flatcar\nversion: 1.1.0\nstorage:\n  trees:\n    - local: site\n' >"$templates/30-mine.yaml"
	mkdir -p "$PROVISION_CONFIG/files/site/usr/local/bin"
	echo '#!/bin/sh' >"$PROVISION_CONFIG/files/site/usr/local/bin/x"
	chmod 755 "$PROVISION_CONFIG/files/site/usr/local/bin/x"
	run explain
	[ "$status" -eq 0 ]
	[[ $output == *'.path = "/usr/local/bin/x"  (files/site/usr/local/bin/x)'* ]]
	[[ $output == *'.mode = 493  (files/site/usr/local/bin/x)'* ]]
}
