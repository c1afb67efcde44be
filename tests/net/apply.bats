#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# `node-agent apply` against servers that misbehave: what is refused leaves nothing behind.

setup_file() {
	export agent=${PROVISION_TEST_BUILD:-${top_builddir:-$(pwd)}}/node-agent/node-agent
	export web=$BATS_FILE_TMPDIR/web tls=$BATS_FILE_TMPDIR/tls ca=$BATS_FILE_TMPDIR/ca.pem
	mkdir -p "$web/www" "$tls/www"
	printf 'hello\n' | tee "$web/www/hello" >"$tls/www/hello"
	certificate
	serve "$web"
	serve "$tls" "$BATS_FILE_TMPDIR/server.pem" "$BATS_FILE_TMPDIR/server.key"
	http=http://127.0.0.1:$(cat "$web/port")
	https=https://127.0.0.1:$(cat "$tls/port")
	export http https
}

teardown_file() {
	local pid

	while read -r pid; do
		kill "$pid" 2>/dev/null || true
	done <"$BATS_FILE_TMPDIR/pids"
}

# A CA, and a certificate of it for 127.0.0.1.
certificate() {
	local d=$BATS_FILE_TMPDIR

	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=ca \
		-keyout "$d/ca.key" -out "$ca" 2>"$d/openssl.log"
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=server \
		-keyout "$d/server.key" -out "$d/server.csr" 2>>"$d/openssl.log"
	openssl x509 -req -in "$d/server.csr" -CA "$ca" -CAkey "$d/ca.key" -days 2 -set_serial 2 \
		-extfile <(echo subjectAltName=IP:127.0.0.1,DNS:web.test) -out "$d/server.pem" 2>>"$d/openssl.log"
}

# serve FOLDER [CERTIFICATE KEY]: bad_server in the background, until it listens.
serve() {
	local pid

	mkfifo "$1/ready"
	"$BATS_TEST_DIRNAME/bad_server" "$@" 3>&- 2>"$1/log" &
	pid=$!
	echo "$pid" >>"$BATS_FILE_TMPDIR/pids"
	# the server opens it when it listens
	read -r -t 60 _ <>"$1/ready" || { cat "$1/log"; return 1; }
}

setup() {
	root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc"
	find "$root" >"$BATS_TEST_TMPDIR/before"
	: >"$web/requests"
	: >"$tls/requests"
}

# apply CONTENTS [IGNITION [FILE]]: a config with the file /etc/f of these contents, and more members of
# "ignition" and of the file.
apply() {
	run "$agent" apply --root "$root" --stage files - <<-END
		{"ignition": {"version": "3.4.0"${2:+, $2}},
		 "storage": {"files": [{"path": "/etc/before"}, {"path": "/etc/f", "contents": $1${3:+, $3}}]}}
	END
}

# merge SOURCE [IGNITION]: a config that merges this one.
merge() {
	run "$agent" apply --root "$root" --stage files - <<-END
		{"ignition": {"version": "3.4.0", "config": {"merge": [{"source": "$1"}]}${2:+, $2}},
		 "storage": {"files": [{"path": "/etc/before"}]}}
	END
}

# refused CODE TEXT: the last command ended with this code and said the text.
refused() {
	if [ "$status" -ne "$1" ] || [[ $output != *"$2"* ]]; then
		printf 'status %s, wanted %s; output:\n%s\n' "$status" "$1" "$output"
		return 1
	fi
}

# Nothing of /etc/f, whole or in part, and no file that has another name for a while.
nothing_half() {
	[ ! -e "$root/etc/f" ]
	[ -z "$(find "$root" -type f ! -name before)" ]
}

untouched() {
	find "$root" | diff "$BATS_TEST_TMPDIR/before" -
}

holds() {
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	[ "$(cat "$root/etc/f")" = "$1" ]
}

authority() {
	echo "\"security\": {\"tls\": {\"certificateAuthorities\": [{\"source\": \"$1\"}]}}"
}

@test "a file comes by http, and over redirects" {
	apply "{\"source\": \"$http/hello\"}"
	holds hello
	apply "{\"source\": \"$http/redirect/10\"}" '' '"overwrite": true'
	holds hello
}

@test "a redirect loop ends" {
	apply "{\"source\": \"$http/round\"}"
	refused 8 "\$.storage.files[1].contents: $http/round: redirects more than 10 times"
	[ "$(grep -c 'GET /round' "$web/requests")" -eq 11 ]
	nothing_half
}

@test "a redirect to another protocol is not followed" {
	apply "{\"source\": \"$http/away/file:%2F%2F%2Fetc%2Fpasswd\"}"
	refused 8 "\$.storage.files[1].contents: "
	nothing_half
	apply "{\"source\": \"$https/away/${http//\//%2F}%2Fhello\"}" "$(authority "data:;base64,$(base64 -w0 "$ca")")"
	refused 8 "which is not https"
	nothing_half
}

@test "a wrong digest" {
	apply "{\"source\": \"$http/hello\", \"verification\": {\"hash\": \"sha256-$(printf %064d 0)\"}}"
	refused 5 "\$.storage.files[1].contents: the content is sha256-"
	nothing_half
	apply "{\"source\": \"$http/hello\", \"verification\": {\"hash\": \"sha512-$(sha512sum "$web/www/hello" | cut -d' ' -f1)\"}}"
	holds hello
}

@test "a wrong digest of what is appended" {
	apply '{"source": "data:,a"}' '' \
		"\"append\": [{\"source\": \"$http/hello\", \"verification\": {\"hash\": \"sha256-$(printf %064d 0)\"}}]"
	refused 5 "\$.storage.files[1].append[0]: the content is sha256-"
	nothing_half
}

@test "a server that does not answer" {
	apply "{\"source\": \"$http/mute\"}" '"timeouts": {"httpResponseHeaders": 1, "httpTotal": 2}'
	refused 7 "\$.storage.files[1].contents: $http/mute: "
	nothing_half
}

@test "a server that stalls in the middle" {
	apply "{\"source\": \"$http/stall\"}" '"timeouts": {"httpTotal": 1}'
	refused 7 "\$.storage.files[1].contents: $http/stall: "
	nothing_half
	[ "$(grep -c 'GET /stall' "$web/requests")" -eq 1 ]
}

@test "a server that hangs up in the middle" {
	apply "{\"source\": \"$http/cut\"}"
	refused 7 "\$.storage.files[1].contents: $http/cut: "
	nothing_half
}

@test "an answer over the limit is refused at once, and once" {
	apply "{\"source\": \"$http/large/9000000000\"}"
	refused 8 "\$.storage.files[1].contents: $http/large/9000000000: the answer is larger than"
	nothing_half
	[ "$(grep -c 'GET /large' "$web/requests")" -eq 1 ]
	merge "$http/large/200000000"
	refused 8 "\$.ignition.config.merge[0]: $http/large/200000000: the answer is larger than"
	nothing_half
}

@test "an answer without an end" {
	apply '{}' "$(authority "$http/endless")"
	refused 8 "\$.ignition.security.tls.certificateAuthorities[0]: $http/endless: the answer is larger than 1048576 bytes"
	untouched
}

@test "404 is final, 503 is tried again" {
	apply "{\"source\": \"$http/status/404\"}"
	refused 10 "\$.storage.files[1].contents: $http/status/404: the server answered 404"
	nothing_half
	apply "{\"source\": \"$http/status/403\"}"
	refused 8 "the server answered 403"
	[ "$(grep -c 'GET /status' "$web/requests")" -eq 2 ]
	apply "{\"source\": \"$http/flaky/2\"}"
	holds "at last"
	[ "$(grep -c 'GET /flaky' "$web/requests")" -eq 3 ]
	rm "$root/etc/f"
	apply "{\"source\": \"$http/status/500\"}" '"timeouts": {"httpTotal": 1}'
	refused 7 "the server answered 500"
	nothing_half
}

@test "nobody listens" {
	apply '{"source": "http://127.0.0.1:1/"}' '"timeouts": {"httpTotal": 1}'
	refused 7 "\$.storage.files[1].contents: http://127.0.0.1:1/: "
	nothing_half
}

@test "a gzip bomb, and gzip that is none" {
	apply "{\"source\": \"$http/bomb\", \"compression\": \"gzip\"}"
	refused 8 "\$.storage.files[1].contents: "
	[[ $output == *"unpack to more than 200 times as much"* ]]
	nothing_half
	apply "{\"source\": \"$http/hello\", \"compression\": \"gzip\"}"
	refused 8 "no gzip"
	nothing_half
	gzip -c "$web/www/hello" >"$web/www/hello.gz"
	apply "{\"source\": \"$http/hello.gz\", \"compression\": \"gzip\", \"verification\": {\"hash\": \"sha256-$(sha256sum "$web/www/hello" | cut -d' ' -f1)\"}}"
	holds hello
}

@test "configs that lead to themselves, or never end" {
	merge "$http/self"
	refused 3 "the config leads to itself"
	merge "$http/ping"
	refused 3 "\$.ignition.config.merge[0]: $http/ping: \$.ignition.config.merge[0]: $http/pong: "
	[[ $output == *"the config leads to itself"* ]]
	merge "$http/deeper/1"
	refused 3 "more than 16 configs lead to one another"
	merge "$http/wider/"
	refused 3 "more than 64 configs in all"
	untouched
}

@test "a merged config that is broken touches nothing" {
	echo '{"ignition": {"version": "3.4.0"}, "storage": {"files": [{"path": "x"}]}}' >"$web/www/broken"
	merge "$http/broken"
	refused 3 "\$.ignition.config.merge[0]: $http/broken: \$.storage.files[0].path: \"x\" is not absolute"
	untouched
	merge "$http/hello"
	refused 3 "\$.ignition.config.merge[0]: $http/hello: \$ is no valid JSON"
	merge "$http/status/404"
	refused 10 "\$.ignition.config.merge[0]: $http/status/404: the server answered 404"
	untouched
}

@test "a config's digest is checked" {
	echo '{"ignition": {"version": "3.4.0"}}' >"$web/www/good"
	merge "$http/good\", \"verification\": {\"hash\": \"sha256-$(printf %064d 0)\"}, \"compression\": \""
	refused 5 "\$.ignition.config.merge[0]: the content is sha256-"
	untouched
	gzip -c "$web/www/good" >"$web/www/good.gz"
	merge "$http/good.gz\", \"verification\": {\"hash\": \"sha256-$(sha256sum "$web/www/good" | cut -d' ' -f1)\"}, \"compression\": \"gzip"
	[ "$status" -eq 0 ]
}

@test "headers go to the first server only" {
	apply "{\"source\": \"$http/redirect/1\", \"httpHeaders\": [{\"name\": \"X-Key\", \"value\": \"k\"}, {\"name\": \"X-None\", \"value\": null}]}"
	holds hello
	grep -qx 'GET /redirect/1 X-Key=k' "$web/requests"
	grep -qx 'GET /hello ' "$web/requests"
}

@test "a certificate of an authority that only the config names" {
	apply "{\"source\": \"$https/hello\"}"
	refused 5 "\$.storage.files[1].contents: $https/hello: "
	nothing_half
	apply "{\"source\": \"$https/hello\"}" "$(authority "data:;base64,$(base64 -w0 "$ca")")"
	holds hello
}

@test "an authority that is none, or comes with a wrong digest" {
	apply "{\"source\": \"$https/hello\"}" "$(authority "data:,x")"
	refused 3 "\$.ignition.security.tls.certificateAuthorities[0]: certificate 1 of the bundle is no certificate"
	cp "$ca" "$web/www/ca.pem"
	apply "{\"source\": \"$https/hello\"}" \
		"$(authority "$http/ca.pem\", \"verification\": {\"hash\": \"sha256-$(printf %064d 0)\"}, \"compression\": \"")"
	refused 5 "\$.ignition.security.tls.certificateAuthorities[0]: the content is sha256-"
	untouched
	apply "{\"source\": \"$https/hello\"}" "$(authority "$http/ca.pem")"
	holds hello
}

@test "an authority of a config holds for what it merges" {
	printf '{"ignition": {"version": "3.4.0"}, "storage": {"files": [{"path": "/etc/f", "contents": {"source": "%s/hello"}}]}}' \
		"$https" >"$tls/www/config"
	merge "$https/config"
	refused 5 "\$.ignition.config.merge[0]: $https/config: "
	untouched
	merge "$https/config" "$(authority "data:;base64,$(base64 -w0 "$ca")")"
	holds hello
}

@test "a proxy is used, except for the hosts that are left out" {
	apply '{"source": "http://nowhere.test/x"}' "\"proxy\": {\"httpProxy\": \"$http\"}"
	holds "by the proxy"
	grep -q 'GET http://nowhere.test/x' "$web/requests"
	apply "{\"source\": \"$http/hello\"}" \
		"\"proxy\": {\"httpProxy\": \"http://127.0.0.1:1\", \"noProxy\": [\"127.0.0.0/8\"]}" '"overwrite": true'
	holds hello
	apply "{\"source\": \"https://web.test:$(cat "$tls/port")/hello\"}" \
		"\"proxy\": {\"httpsProxy\": \"$http\"}, $(authority "data:;base64,$(base64 -w0 "$ca")")" '"overwrite": true'
	holds hello
	grep -q "CONNECT web.test:$(cat "$tls/port")" "$web/requests"
}

@test "the environment's proxy is not used" {
	export http_proxy=http://127.0.0.1:1 HTTPS_PROXY=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1
	apply "{\"source\": \"$http/hello\"}"
	holds hello
}

# refused_big BYTES TEXT: a file whose data URL is so long.
refused_big() {
	run "$agent" apply --print - < <(
		printf '{"ignition":{"version":"3.4.0"},"storage":{"files":[{"path":"/a","contents":{"source":"data:,'
		head -c "$1" /dev/zero | tr '\0' a
		printf '"}}]}}'
	)
	[ "$status" -eq 3 ]
	[[ $output == *"$2"* ]]
}

@test "a data URL of 100 MB and a document of 130 MB are refused by their place" {
	refused_big 100000000 '$.storage.files[0].contents.source: the data URL is longer than 16777216 bytes'
	refused_big 140000000 'standard input: more than 134217728 bytes'
}
