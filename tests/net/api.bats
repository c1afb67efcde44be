#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The agents' API of provisiond over TLS, asked by the agent's own signing code.

bats_require_minimum_version 1.5.0
load daemon.bash

MAC=52:54:00:00:00:01

setup() {
	daemon_create
	provision add-node "$MAC" --name cp1 --role control-plane --address 10.9.0.10/24 >/dev/null
	provision add-node 52:54:00:00:00:02 --name web1 --role worker >/dev/null
	daemon_start
}

teardown() {
	net_remove
}

claim() {
	ask "$1" /v1/claim "$(claim_body "${2:-$MAC}" "${3:-u-1}" "$(disk "${4:-WD-1}" ${5:+"$5"})")"
}

# report KEY NODE MAC SEQ PHASE STATE
report() {
	ask "$1" /v1/events "[$(event "$plan" "$3" "$2" "$4" "$5" "$6")]"
}

@test "a claim freezes the plan, and the same key gets the same plan again" {
	claim a
	[ "$status" = 200 ]
	[ "$(field state)" = claimed ]
	[ "$(field nextSeq)" = 1 ]
	plan=$(field planId)
	[ "$(field plan.provision.disks[0].id)" = WD-1 ] || jq .plan.provision <<<"$answer"
	sed -i 's/role: control-plane/&\nlabels: {a: b}/' "$PROVISION_CONFIG/nodes/cp1.yaml"
	net_until grep -q 'configuration loaded' "$BATS_TEST_TMPDIR/daemon.log"
	claim a
	[ "$(field planId)" = "$plan" ]
	# the edit shows as drift
	[ "$(provision status --json | jq '.nodes[0].drift')" = true ]
	[ "$(provision status --json | jq '.nodes[1].drift')" = false ]
}

@test "an installation of the same record on the same disks is another one" {
	claim a
	plan=$(field planId)
	report a cp1 "$MAC" 1 partition done
	provision reinstall cp1 >/dev/null
	claim a
	[ "$status" = 200 ]
	[ "$(field planId)" != "$plan" ]
	[ "$(field 'done | length')" = 0 ]
}

@test "the certificate is the CA's whose digest the kernel is told, and nobody else's" {
	run net_exec server curl -sS --cacert /etc/ssl/certs/ca-certificates.crt "$DAEMON_API/ca.crt"
	[ "$status" -ne 0 ]
	run net_exec server curl -sS --cacert "$PROVISION_STATE/public/ca.crt" "$DAEMON_API/ca.crt"
	[ "$output" = "$(cat "$PROVISION_STATE/public/ca.crt")" ]
	[ "$(get /ca.crt)" = "$output" ]
}

@test "a request without a good signature is refused by name" {
	body=$(claim_body "$MAC" u-1 "$(disk WD-1)")
	ask a /v1/claim "$body" -3600
	[ "$status" = 403 ]
	[[ $answer == *"clock is -360"[01]" s off"* ]]
	# signed for another path
	printf '%s' "$body" >"$BATS_TEST_TMPDIR/body"
	"$net_build/tests/net/agent_sign" "$BATS_TEST_TMPDIR/key-a" POST /v1/events \
		<"$BATS_TEST_TMPDIR/body" >"$BATS_TEST_TMPDIR/headers"
	send /v1/claim
	[ "$status" = 403 ]
	[[ $answer == *"Provision-Signature does not match"* ]]
	# another body
	ask a /v1/claim "$body"
	[ "$status" = 200 ]
	echo >>"$BATS_TEST_TMPDIR/body"
	send /v1/claim
	[ "$status" = 403 ]
	: >"$BATS_TEST_TMPDIR/headers"
	send /v1/claim
	[ "$status" = 403 ]
	[[ $answer == *"not signed"* ]]
}

@test "a disk that holds something waits for its serial to be named, for this installation" {
	claim a "$MAC" u-1 WD-1 ext4
	[ "$status" = 202 ]
	[[ $(field wait) == *"provision approve cp1 --erase WD-1"* ]]
	[ "$(node_state cp1)" = waiting ]
	claim a "$MAC" u-1 WD-1 ext4
	[ "$(provision events cp1 --json | grep -c waiting)" = 1 ]
	run provision approve cp1 --erase ZZZ
	[ "$status" = 4 ]
	[[ $output == *'--erase ZZZ names no disk that cp1 reported: WD-1'* ]]
	provision approve cp1 --erase WD-1
	claim a "$MAC" u-1 WD-1 ext4
	[ "$status" = 200 ]
	[ "$(node_state cp1)" = installing ]
}

@test "with --confirm the machine shows a code, and only that machine goes on" {
	provision reinstall cp1 --confirm >/dev/null
	claim a
	[ "$status" = 202 ]
	code=$(field code)
	[[ $code =~ ^[0-9]{4}-[0-9]{4}$ ]]
	run provision approve cp1 0000-0000
	[ "$status" = 4 ]
	[[ $output == *"another code"* ]]
	provision approve cp1 "$code"
	# who claims meanwhile takes nothing back
	claim b "$MAC" u-2
	[ "$status" = 202 ]
	other=$(field code)
	claim a
	[ "$status" = 200 ]
	# nor does the same hardware get by with another key
	claim c
	[ "$status" = 202 ]
	[ "$(node_state cp1)" = waiting ]
	claim b
	[ "$status" = 202 ]
	[ "$(field code)" = "$other" ]
	provision approve cp1 "$other"
	claim b
	[ "$status" = 200 ]
	claim a
	[ "$status" = 202 ]
}

@test "many claims that are held leave a few short notes" {
	# a shelf of disks whose serials are long and not fit to be shown
	for serial in 1 2; do
		jq -c --arg s "$serial" '[range(128) as $i | . + {serial: (($s + ($i | tostring)) + ("\u0001" * 200))}]' \
			<<<"$(disk x)" | sed 's/^\[//; s/\]$//' >"$BATS_TEST_TMPDIR/disks-$serial"
	done
	for i in {1..12}; do
		for serial in 1 2; do
			ask "$serial" /v1/claim "$(claim_body "$MAC" u-1 "$(cat "$BATS_TEST_TMPDIR/disks-$serial")")"
			[ "$status" = 202 ]
		done
	done
	run provision events cp1 --json
	[ "${#lines[@]}" -ge 2 ]
	[ "${#lines[@]}" -le 10 ]
	[ "$(jq -s 'map(.message | length) | max' <<<"$output")" -le 1024 ]
	[[ $output != *'\u0001'* ]]
	[ "$(node_state cp1)" = waiting ]
}

@test "nothing is handed out for one word of a machine that did nothing" {
	claim a
	plan=$(field planId)
	report a cp1 "$MAC" 1 reboot done
	[ "$status" = 403 ]
	[[ $answer == *'`reboot` is done'*'`partition`'* ]]
	report a cp1 "$MAC" 1 ready done
	[ "$status" = 403 ]
	ask a /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 403 ]
	[ -z "$(provision events cp1 --json)" ]
	[[ $(get "/ipxe?mac=$MAC") == *vmlinuz* ]]
}

@test "who asks for secrets with another key than the claim's leaves an alarm" {
	claim a
	plan=$(field planId)
	for i in {1..3}; do
		ask z /v1/secrets/join "{\"planId\":\"$plan\"}"
		[ "$status" = 403 ]
	done
	[ "$(provision events cp1 | grep -c 'join secrets were refused to 10.9.0.1,')" = 1 ]
	# with a plan of its own it is no better
	claim w 52:54:00:00:00:02 u-2 WD-2
	provision reinstall cp1 >/dev/null
	ask w /v1/secrets/join "{\"planId\":\"$plan\"}"
	[[ $answer == *"not the plan claimed with this key"* ]]
	ask z /v1/secrets/join "{\"planId\":\"${plan//[0-9]/0}\"}"
	[ "$status" = 403 ]
}

@test "another machine does not get the plan; the same one with a new key does, until a secret is out" {
	claim a
	plan=$(field planId)
	claim b "$MAC" u-1 WD-2
	[ "$status" = 403 ]
	[[ $answer == *"other hardware"*"provision reinstall cp1"* ]]
	provision events cp1 | grep -q 'was refused: .*other hardware'
	claim b
	[ "$status" = 200 ]
	[ "$(field planId)" = "$plan" ]
	provision events cp1 | grep -q 'claimed again with a new key'
	# the first key is nobody's now
	report a cp1 "$MAC" 1 claim started
	[ "$status" = 403 ]
	installed b "$plan" "$MAC" cp1
	[ "$status" = 200 ]
	ask b /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 200 ]
	claim c
	[ "$status" = 403 ]
	[[ $answer == *"join secret of cp1 was handed out already"* ]]
}

@test "events are acknowledged, once, and move netboots to the disk" {
	claim a
	plan=$(field planId)
	ask a /v1/events "[$(event "$plan" "$MAC" cp1 1 claim started),$(event "$plan" "$MAC" cp1 2 claim done)]"
	[ "$answer" = '{"acked":2}' ]
	report a cp1 "$MAC" 2 claim done
	[ "$answer" = '{"acked":2}' ]
	[ "$(provision events cp1 --json | grep -c '"phase":"claim"')" = 2 ]
	claim a
	[ "$(field nextSeq)" = 3 ]
	[ "$(field done[0])" = claim ]
	[[ $(get "/ipxe?mac=$MAC") == *vmlinuz* ]]
	installed a "$plan" "$MAC" cp1 3
	[ "$answer" = '{"acked":9}' ]
	[[ $(get "/ipxe?mac=$MAC") != *vmlinuz* ]]
	report a cp1 "$MAC" 10 firstboot done
	report a cp1 "$MAC" 11 join done
	report a cp1 "$MAC" 12 ready done
	[ "$(node_state cp1)" = ready ]
	[[ $(get "/ipxe?mac=$MAC") == *"it is installed"* ]]
	run provision watch cp1 --until-ready
	[ "$status" = 0 ]
	# what the record tells of is the past
	[[ $(provision status cp1) =~ cp1\ .*ready\ .*became\ Ready\ at\ [0-9-]{10}\ [0-9:]{8} ]]
}

@test "watch --json has a line for each change, and a node that waits ends it as little as work does" {
	claim a
	plan=$(field planId)
	net_start server "$BATS_TEST_TMPDIR/watch" "$net_build/provision" watch cp1 --json --until-ready
	watcher=$NET_PID
	watched claim null
	installed a "$plan" "$MAC" cp1
	report a cp1 "$MAC" 8 join started
	watched join null
	ask a /v1/events "[$(event "$plan" "$MAC" cp1 9 join waiting | sed 's/}$/,"message":"for cp9"}/')]"
	[ "$(node_state cp1)" = waiting ]
	watched join '"for cp9"'
	report a cp1 "$MAC" 10 join progress
	[ "$(node_state cp1)" = installing ]
	is_ready a "$plan" "$MAC" cp1 11
	wait "$watcher"
	jq -se '[.[].state] | unique == ["installing", "ready", "waiting"]' "$BATS_TEST_TMPDIR/watch"
	jq -se 'all(.[]; .name == "cp1") and .[-1].state == "ready"' "$BATS_TEST_TMPDIR/watch"
	[ "$(sort "$BATS_TEST_TMPDIR/watch" | uniq -d)" = '' ]
}

# watched PHASE MESSAGE: the last line of the watcher says so.
watched() {
	net_until sh -c "tail -n 1 '$BATS_TEST_TMPDIR/watch' | jq -e '.phase == \"$1\" and .message == $2'"
}

@test "watch --until-ready ends when a phase has failed" {
	claim a
	plan=$(field planId)
	report a cp1 "$MAC" 1 join started
	ask a /v1/events "[$(event "$plan" "$MAC" cp1 2 join failed | sed 's/}$/,"message":"no luck; held"}/')]"
	run provision watch cp1 --until-ready
	[ "$status" = 4 ]
	[[ $output == *"node cp1: failed: no luck; held"* ]]
}

@test "an event of another installation is refused whole" {
	claim a
	plan=$(field planId)
	ask a /v1/events "[$(event "$plan" "$MAC" cp1 1 claim started),$(event "$plan" "$MAC" web1 2 ready done)]"
	[ "$status" = 403 ]
	ask a /v1/events "[$(event "${plan//[0-9]/0}" "$MAC" cp1 2 ready done)]"
	[ "$status" = 403 ]
	[ -z "$(provision events cp1 --json)" ]
}

@test "too many events are slowed down" {
	claim a
	plan=$(field planId)
	list=$(event "$plan" "$MAC" cp1 1 claim started)
	for i in {2..250}; do list+=,$(event "$plan" "$MAC" cp1 "$i" unpack progress); done
	ask a /v1/events "[$list]"
	[ "$status" = 200 ]
	ask a /v1/events "[$list]"
	[ "$status" = 200 ]
	ask a /v1/events "[$list]"
	[ "$status" = 429 ]
}

@test "an installation has so many events and no more, and none long after Ready" {
	claim a
	plan=$(field planId)
	for seq in 9223372036854775807 9007199254740992 50001; do
		report a cp1 "$MAC" "$seq" unpack progress
		[ "$status" = 403 ]
		[[ $answer == *"at most 50000 events"*"provision reinstall cp1"* ]]
	done
	installed a "$plan" "$MAC" cp1
	report a cp1 "$MAC" 8 firstboot done
	report a cp1 "$MAC" 9 join done
	report a cp1 "$MAC" 10 ready done
	[ "$(node_state cp1)" = ready ]
	# what the network held up
	report a cp1 "$MAC" 11 ready progress
	[ "$answer" = '{"acked":11}' ]
	net_end "$DAEMON_PID"
	python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE intents SET done_ms = done_ms - 3600000")
db.commit()' "$PROVISION_STATE/store/state.db"
	daemon_start
	report a cp1 "$MAC" 12 ready progress
	[ "$status" = 403 ]
	[[ $answer == *"has been Ready for a while"* ]]
	report a cp1 "$MAC" 10 ready done
	[ "$answer" = '{"acked":10}' ]
	claim a
	[ "$(field nextSeq)" = 12 ]
}

@test "join secrets come late, to the key of the claim, and not after Ready" {
	claim a
	plan=$(field planId)
	ask a /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 403 ]
	[[ $answer == *"once its disks are written"* ]]
	installed a "$plan" "$MAC" cp1
	ask z /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 403 ]
	# a worker has nobody to join yet
	claim w 52:54:00:00:00:02 u-2 WD-2
	cp_plan=$plan plan=$(field planId)
	installed w "$plan" 52:54:00:00:00:02 web1
	ask w /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 503 ]
	[[ $answer == *"waits for cp1, which makes the cluster"* ]]
	plan=$cp_plan
	ask a /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 200 ]
	[ "$(field kind)" = kubeadm-init ]
	[[ $(field token) =~ ^[a-z0-9]{6}\.[a-z0-9]{16}$ ]]
	[ "$(field 'files | length')" = 8 ]
	field 'files[] | select(.path == "/etc/kubernetes/pki/ca.crt") | .contents' | base64 -d |
		openssl x509 -noout -subject | grep -q kubernetes
	token=$(field token)
	# nothing was minted before, so nothing was revoked
	[ "$(provision events | grep -c revoked)" = 0 ]
	[ "$(provision events cp1 | grep -c 'keys of the new cluster were handed out')" = 1 ]
	report a cp1 "$MAC" 8 firstboot done
	report a cp1 "$MAC" 9 join done
	report a cp1 "$MAC" 10 ready done
	ask a /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 403 ]
	[[ $answer == *"cp1 is Ready"* ]]
	# no secret is told to the log, the events or the store
	! grep -rq "$token" "$BATS_TEST_TMPDIR/daemon.log" "$PROVISION_STATE/store"
}

@test "the cluster's keys go to one machine, and to another only by root's word" {
	claim a
	plan=$(field planId)
	installed a "$plan" "$MAC" cp1
	ask a /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 200 ]
	ask a /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 200 ]
	provision reinstall cp1 --discard-cluster-state >/dev/null
	claim b "$MAC" u-9 WD-9
	plan=$(field planId)
	installed b "$plan" "$MAC" cp1
	ask b /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 200 ]
	is_ready b "$plan" "$MAC" cp1 8
	# that a record says so is not root's word: the daemon's user may reach no more than the daemon
	sed -i 's/role: worker/role: control-plane\naddress: 10.9.0.11\/24/' "$PROVISION_CONFIG/nodes/web1.yaml"
	net_until grep -q 'configuration loaded' "$BATS_TEST_TMPDIR/daemon.log"
	claim w 52:54:00:00:00:02 u-2 WD-2
	plan=$(field planId)
	installed w "$plan" 52:54:00:00:00:02 web1
	ask w /v1/secrets/join "{\"planId\":\"$plan\"}"
	[ "$status" = 403 ]
	[[ $answer == *'provision reinstall web1, as root'* ]]
}

@test "a cluster that does not answer holds up one join, and nobody else" {
	local i jobs=()

	# it takes connections, and never says a word
	net_host api 52:54:00:00:00:0a 10.9.0.10/24
	net_start api "$BATS_TEST_TMPDIR/api.log" busybox nc -ll -p 6443 -e sleep 60
	claim a
	plan=$(field planId)
	installed a "$plan" "$MAC" cp1
	is_ready a "$plan" "$MAC" cp1 8
	claim w 52:54:00:00:00:02 u-2 WD-2
	plan=$(field planId)
	installed w "$plan" 52:54:00:00:00:02 web1
	printf '{"planId":"%s"}' "$plan" >"$BATS_TEST_TMPDIR/join"
	"$net_build/tests/net/agent_sign" "$BATS_TEST_TMPDIR/key-w" POST /v1/secrets/join \
		<"$BATS_TEST_TMPDIR/join" >"$BATS_TEST_TMPDIR/join-headers"
	for i in {1..8}; do
		net_exec server curl -sS --cacert "$PROVISION_STATE/public/ca.crt" \
			-H "@$BATS_TEST_TMPDIR/join-headers" --data-binary "@$BATS_TEST_TMPDIR/join" \
			-o /dev/null -w '%{http_code} again in %header{retry-after}\n' \
			"$DAEMON_API/v1/secrets/join" >"$BATS_TEST_TMPDIR/joined-$i" 3>&- &
		jobs+=($!)
	done
	net_until joins_sent_away 7
	report w web1 52:54:00:00:00:02 8 ready started
	[ "$status" = 200 ]
	# that one join waits still
	[ "$(cat "$BATS_TEST_TMPDIR"/joined-* | wc -l)" = 7 ]
	wait "${jobs[@]}"
	grep -q '^502 ' "$BATS_TEST_TMPDIR"/joined-*
}

joins_sent_away() {
	[ "$(cat "$BATS_TEST_TMPDIR"/joined-* | grep -c '^503 again in 3$')" = "$1" ]
}

@test "kill -9 loses nothing that was acknowledged" {
	claim a
	plan=$(field planId)
	seq=0
	for round in 1 2 3; do
		for i in 1 2 3; do
			seq=$((seq + 1))
			report a cp1 "$MAC" "$seq" unpack progress
			[ "$answer" = "{\"acked\":$seq}" ]
		done
		net_end "$DAEMON_PID" -KILL
		daemon_start
		claim a
		[ "$(field planId)" = "$plan" ]
		[ "$(field nextSeq)" = $((seq + 1)) ]
	done
}

@test "a machine that no record names, and one that nobody asked for, are told the command" {
	claim a 52:54:00:00:00:77
	[ "$status" = 404 ]
	[[ $answer == *"provision add-node 52:54:00:00:00:77"* ]]
	nonce_of 52:54:00:00:00:02
	provision remove-node web1 >/dev/null
	printf 'mac: 52:54:00:00:00:02\nrole: worker\n' >"$PROVISION_CONFIG/nodes/web1.yaml"
	net_until daemon_knows web1
	claim a 52:54:00:00:00:02
	[ "$status" = 404 ]
	[[ $answer == *"provision reinstall web1"* ]]
	[ "$(node_state web1)" = cancelled ]
}

daemon_knows() {
	[[ $(get "/ipxe?mac=52:54:00:00:00:02") == *"$1"* ]]
}

@test "a nonce of another boot is refused, this boot's is not" {
	nonce=$(nonce_of "$MAC")
	ask a /v1/claim "$(claim_body "$MAC" u-1 "$(disk WD-1)" '"nonce":null')"
	[ "$status" = 403 ]
	[[ $answer == *'$.nonce is missing'* ]]
	# the one of another machine, and of none
	ask a /v1/claim "$(claim_body "$MAC" u-1 "$(disk WD-1)" "\"nonce\":\"$(nonce_of 52:54:00:00:00:02)\"")"
	[ "$status" = 403 ]
	ask a /v1/claim "$(claim_body "$MAC" u-1 "$(disk WD-1)" '"nonce":"00000000000000000000000000000000"')"
	[ "$status" = 403 ]
	ask a /v1/claim "$(claim_body "$MAC" u-1 "$(disk WD-1)" "\"nonce\":\"$nonce\"")"
	[ "$status" = 200 ]
}

@test "bodies that are too large or no JSON are refused" {
	ask a /v1/claim '{"macs":'
	[ "$status" = 400 ]
	ask a /v1/claim '{"macs":["52:54:00:00:00:01"],"arch":"amd64","disks":[],"colour":"red"}'
	[ "$status" = 400 ]
	[[ $answer == *colour* ]]
	head -c 600000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/body"
	send /v1/claim
	[ "$status" = 413 ]
	# what announces more than anybody would want to read is not read
	run -0 net_exec server curl -sS --cacert "$PROVISION_STATE/public/ca.crt" -X POST \
		-H 'Content-Length: 99999999999' -o /dev/null -w '%{http_code}' "$DAEMON_API/v1/claim"
	[ "$output" = 413 ]
}
