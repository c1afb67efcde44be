#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Matchbox's data directory as records and templates. With GOLDEN_WRITE=1 the expected files are written
# anew, to be reviewed as a diff.

bats_require_minimum_version 1.5.0
load cli

setup() {
	cli_setup
	cli_config
	data=$cli_source/tests/data/matchbox
}

# golden NAME: standard input is the expected file.
golden() {
	[ -z "${GOLDEN_WRITE-}" ] || cat >"$data/expected/$1"
	[ -n "${GOLDEN_WRITE-}" ] || diff -u "$data/expected/$1" -
}

# matchbox: a data directory of the test's own, with one group and one profile.
matchbox() {
	matchbox=$BATS_TEST_TMPDIR/matchbox
	mkdir -p "$matchbox"/{groups,profiles,ignition}
	echo '{"id": "a", "profile": "p", "selector": {"mac": "52:54:00:00:00:01"}}' >"$matchbox/groups/a.json"
	echo '{"id": "p", "ignition_id": "p.ign", "boot": {"kernel": "/assets/flatcar/1.2.3/vmlinuz"}}' >"$matchbox/profiles/p.json"
	echo '{"ignition": {"version": "3.3.0"}, "storage": {"files": [{"path": "/etc/a", "contents": {"source": "data:,x"}}]}}' >"$matchbox/ignition/p.ign"
}

nothing_written() {
	[ -z "$(ls "$nodes")" ]
	[ ! -e "$PROVISION_CONFIG/templates" ]
	[ -z "$(find "$PROVISION_CONFIG" -name '.import*')" ]
}

@test "a data directory becomes records and templates" {
	provision import matchbox "$data/in" | golden report
	for file in nodes/node1 nodes/node2 nodes/edge-box templates/50-matchbox-flatcar-etcd templates/50-matchbox-fedora-coreos; do
		grep -v '^#' "$PROVISION_CONFIG/$file.yaml" | golden "${file//\//-}.yaml"
	done
	[ "$(ls "$nodes" | wc -l)" = 3 ]
	[ "$(ls "$PROVISION_CONFIG/templates" | wc -l)" = 2 ]
	[ "$(cat "$PROVISION_CONFIG/generic/node2.txt")" = 'name: {{ metadata.etcd_name }}' ]
	grep -qx 'echo {{ node.mac }}' "$PROVISION_CONFIG/cloud/edge-box.yaml"
	[ -z "$(find "$PROVISION_CONFIG" -name '.*' -mindepth 1)" ]
	provision check
}

@test "no group becomes an installation, and the default group not even a record" {
	provision import matchbox "$data/in" >/dev/null
	provision status --json | jq -e '[.[]? , .nodes[]?] | map(select(.state? == "open")) == []'
	matchbox
	echo '{"id": "default", "profile": "p"}' >"$matchbox/groups/default.json"
	echo '{"id": "empty", "profile": "p", "selector": {}}' >"$matchbox/groups/empty.json"
	echo '{"id": "null", "profile": "p", "selector": null}' >"$matchbox/groups/null.json"
	echo '{"id": "wrong", "profile": "p", "selector": {"mac": 1}}' >"$matchbox/groups/wrong.json"
	echo '{"id": "list", "profile": "p", "selector": {"mac": ["52:54:00:00:00:02"]}}' >"$matchbox/groups/list.json"
	rm "$matchbox/groups/a.json"
	run provision import matchbox "$matchbox"
	[ "$status" = 0 ]
	[[ $output == *'0 nodes, 0 templates'* ]]
	for group in default empty null; do
		[[ $output == *"groups/$group.json: \$.selector: is absent: this is the default group"* ]]
	done
	[[ $output == *'groups/wrong.json: $.selector.mac: is no text'* ]]
}

@test "--dry-run prints what it would write" {
	provision import matchbox "$data/in" --dry-run >"$BATS_TEST_TMPDIR/out"
	grep -q '^nodes/node1.yaml:$' "$BATS_TEST_TMPDIR/out"
	grep -q '^  name: \[node1, node2\]$' "$BATS_TEST_TMPDIR/out"
	nothing_written
	provision import matchbox "$data/in" --dry-run --json | jq -e '.written == false and (.files | length == 8) and (.left | length > 10)'
	nothing_written
}

@test "nothing that exists is overwritten, and nothing is written beside it" {
	matchbox
	mkdir "$PROVISION_CONFIG/templates"
	echo '# mine' >"$PROVISION_CONFIG/templates/50-matchbox-p.yaml"
	fails 4 'templates/50-matchbox-p.yaml is there already' provision import matchbox "$matchbox"
	[ -z "$(ls "$nodes")" ]
	[ "$(cat "$PROVISION_CONFIG/templates/50-matchbox-p.yaml")" = '# mine' ]
	rm -r "$PROVISION_CONFIG/templates"
	# the same machine under another name
	echo 'mac: 52:54:00:00:00:01' >"$nodes/mine.yaml"
	fails 3 'nothing was written' provision import matchbox "$matchbox"
	[ "$(ls "$nodes")" = mine.yaml ]
	# the same name for another machine gets another
	echo 'mac: 52:54:00:00:00:09' >"$nodes/mine.yaml"
	mv "$nodes/mine.yaml" "$nodes/a.yaml"
	provision import matchbox "$matchbox"
	grep -q 52:54:00:00:00:01 "$nodes/a-2.yaml"
	provision check
}

@test "what differs from node to node is a template for each" {
	matchbox
	echo '{"id": "p", "ignition_id": "p.yaml"}' >"$matchbox/profiles/p.json"
	echo '{"id": "a", "profile": "p", "selector": {"mac": "52:54:00:00:00:01"}, "metadata": {"motd": ["one two"]}}' >"$matchbox/groups/a.json"
	echo '{"id": "b", "profile": "p", "selector": {"mac": "52:54:00:00:00:02"}, "metadata": {"motd": ["three {{ four"]}}' >"$matchbox/groups/b.json"
	printf 'storage:\n  files:\n    - path: /etc/motd\n      contents:\n        inline: "{{range .motd}}{{.}}{{end}}"\n' >"$matchbox/ignition/p.yaml"
	provision import matchbox "$matchbox"
	grep -q 'inline: "one two"' "$PROVISION_CONFIG/templates/50-matchbox-p-a.yaml"
	grep -qF 'inline: "three {{{{ four"' "$PROVISION_CONFIG/templates/50-matchbox-p-b.yaml"
	provision check
}

@test "a template that is not plain is told by its line, and the record is made without it" {
	matchbox
	echo '{"id": "p", "ignition_id": "p.yaml"}' >"$matchbox/profiles/p.json"
	printf 'storage:\n  files:\n    - path: {{ printf "%%s" .x }}\n' >"$matchbox/ignition/p.yaml"
	run provision import matchbox "$matchbox"
	echo "$output"
	[[ $output == *'ignition/p.yaml:3:13: the action {{printf "%s" .x}} is no plain reference to metadata'* ]]
	[ "$(ls "$nodes")" = a.yaml ]
	[ -z "$(ls "$PROVISION_CONFIG/templates")" ]
}

@test "a stranger's files are told and passed over" {
	matchbox
	echo '{"id": 1, "profile": "p"' >"$matchbox/groups/b.json"
	echo '[]' >"$matchbox/groups/c.json"
	echo 'x' >"$matchbox/groups/d.txt"
	mkdir "$matchbox/groups/more"
	echo '{"id": "e", "profile": "../../p", "selector": {"mac": "52:54:00:00:00:05"}, "x": 1}' >"$matchbox/groups/e.json"
	echo '{"id": "f", "profile": "q", "selector": {"mac": "52:54:00:00:00:06"}}' >"$matchbox/groups/f.json"
	echo '{"id": "q", "ignition_id": "../groups/a.json", "boot": {"args": [1, "a b"]}}' >"$matchbox/profiles/q.json"
	run provision import matchbox "$matchbox"
	[ "$status" = 0 ]
	for text in 'groups/b.json: ' 'groups/c.json: is no JSON object' 'groups/d.txt: Matchbox reads only' \
		'groups/more: is no file' 'groups/e.json: $.x: Matchbox has no such key' 'groups/e.json: $.profile: there is no profile' \
		'profiles/q.json: $.ignition_id: is no name of a file' 'profiles/q.json: $.boot.args[0]: is no text' \
		'profiles/q.json: $.boot.args[0]: is no single kernel argument' 'profiles/q.json: $.boot.kernel: is absent'; do
		[[ $output == *"$text"* ]] || { echo "no line has: $text"; echo "$output"; return 1; }
	done
	provision check
}

@test "a secret goes into no file at all, and each is told by its place" {
	matchbox
	echo '{"id": "a", "profile": "p", "selector": {"mac": "52:54:00:00:00:01", "token": "s3cr3t"}, "metadata": {"join_token": "s3cr3t", "name": "x", "ssh_key": "ssh-ed25519 AAAA x", "etc": {"password": "s3cr3t-inside"}}}' >"$matchbox/groups/a.json"
	echo '{"id": "p", "ignition_id": "p.yaml", "generic_id": "g", "cloud_id": "c"}' >"$matchbox/profiles/p.json"
	mkdir "$matchbox"/{generic,cloud}
	echo '{{.join_token}}' >"$matchbox/generic/g"
	echo '{{.name}} {{"{{"}}' >"$matchbox/cloud/c"
	cat >"$matchbox/ignition/p.yaml" <<-'END'
		passwd:
		  users:
		    - {name: core, password_hash: $y$s3cr3t, ssh_authorized_keys: ["{{.ssh_key}}"]}
		storage:
		  files:
		    - {path: /etc/token, contents: {inline: "{{.join_token}}"}}
		    - {path: /etc/inside, contents: {inline: "a {{.etc.password}}"}}
		    - {path: /etc/key, contents: {inline: "-----BEGIN PRIVATE KEY-----\ns3cr3t\n-----END PRIVATE KEY-----\n"}}
		    - {path: /etc/closed, mode: 0600, contents: {inline: s3cr3t}}
		    - {path: /etc/open, mode: 0644, contents: {inline: "{{.name}}"}}
		systemd:
		  units:
		    - {name: join.service, contents: "ExecStart=kubeadm join --token {{.token}}\n"}
	END
	run provision import matchbox "$matchbox"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'generic/g: names metadata that sounds like a secret'* ]]
	[[ $output == *'cloud/c:1:11: the action {{"{{'* ]]
	for place in passwd.users[0].password_hash 'storage.files[0] (/etc/token)' 'storage.files[1] (/etc/inside)' 'storage.files[2] (/etc/key)' \
		'storage.files[3] (/etc/closed)' 'systemd.units[0] (join.service)'; do
		[[ $output == *"ignition/p.yaml: \$.$place"*'is a secret, and templates are kept in git'* ]]
	done
	run ! grep -r s3cr3t "$PROVISION_CONFIG"
	grep -q /etc/open "$PROVISION_CONFIG/templates/50-matchbox-p.yaml"
	grep -qF '{{ metadata.ssh_key }}' "$PROVISION_CONFIG/templates/50-matchbox-p.yaml"
	# the way that the manual names
	printf 'match: {name: a}\npasswd:\n  users:\n    - {name: core, password_hash: $y$s3cr3t}\n' >"$PROVISION_CONFIG/templates/60-secret.yaml"
	provision render a ignition --explain | grep '^templates/60-secret.yaml:4:.*passwordHash = "(redacted)"'
}

@test "what a plan would refuse is left out with its reason, and the rest is imported" {
	matchbox
	cat >"$matchbox/ignition/p.ign" <<-'END'
		{"ignition": {"version": "3.3.0", "timeouts": {"httpTotal": 30}, "config": {"merge": [{"source": "http://x/base.ign"}]}},
		 "storage": {"files": [{"path": "/etc/a", "mode": 2541, "contents": {"source": "data:,x"}},
		  {"path": "/etc/b", "contents": {"source": "http://matchbox/assets/b"}}, {"path": "/etc/c", "contents": {"source": "tftp://x/c"}}]}}
	END
	run provision import matchbox "$matchbox"
	echo "$output"
	[ "$status" = 0 ]
	[[ $output == *'ignition/p.ign: $.storage.files[1] (/etc/b): comes over plain http without a digest'* ]]
	[[ $output == *'ignition/p.ign: $.storage.files[2] (/etc/c): '* ]]
	[[ $output == *'ignition/p.ign: $.ignition.config'* ]]
	[ "$(sed '1,/^  name/d' "$PROVISION_CONFIG/templates/50-matchbox-p.yaml" | tr -s ' \n' ' ')" = \
		'ignition: timeouts: http_total: 30 storage: files: - path: /etc/a mode: 04755 contents: inline: x ' ]
	provision check
}

@test "metadata that a record cannot have is told for what it is" {
	matchbox
	echo '{"id": "a", "profile": "p", "selector": {"mac": "52:54:00:00:00:01"}, "metadata": {"big": 1000000, "half": 0.5, "list": [1], "a-b": "x", "none": null}}' >"$matchbox/groups/a.json"
	run provision import matchbox "$matchbox"
	for text in 'big: is a number that Matchbox writes with an exponent (1e+06)' 'list: is a list or a map' 'a-b: has a name of other characters' 'none: is null'; do
		[[ $output == *"\$.metadata.$text"* ]] || { echo "no line has: $text"; echo "$output"; return 1; }
	done
	grep -q '"half": "0.5"' "$nodes/a.yaml"
}

@test "wrong words are refused" {
	matchbox
	fails 2 'takes 2 arguments' provision import matchbox
	fails 2 'import takes matchbox' provision import ansible "$matchbox"
	fails 2 'No such file' provision import matchbox "$BATS_TEST_TMPDIR/nothing"
	fails 3 'groups/ is missing' provision import matchbox "$BATS_TEST_TMPDIR"
}
