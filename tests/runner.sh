# SPDX-License-Identifier: Apache-2.0
# Runs tests and counts every result. Sourced by ./check.
#
#   runner_begin LOGS            where the output of each test goes
#   runner_stage TITLE           a heading
#   runner_test NAME COMMAND...  one result: the exit status; or, when its output is TAP
#                                ("ok ...", "not ok ..."), one result for each such line
#   runner_end                   the last line, "N passed, N failed"; status 0 only without a failure
#
# A skipped test is a failure: what was not run is not known to work.
# shellcheck shell=bash

runner_passed=0
runner_failed=0
runner_names=()

runner_begin() {
	runner_logs=$1
	rm -rf "$runner_logs"
	mkdir -p "$runner_logs"
	runner_start=$EPOCHREALTIME
}

runner_stage() {
	printf '\n# %s\n' "$*"
}

# Seconds with one digit since a value of EPOCHREALTIME.
runner_since() {
	local from=${1/[.,]/} now=${EPOCHREALTIME/[.,]/} tenth

	tenth=$(((now - from + 50000) / 100000))
	printf '%d.%d' $((tenth / 10)) $((tenth % 10))
}

runner_result() {
	local good=$1 name=$2 took=$3

	if [ "$good" = yes ]; then
		runner_passed=$((runner_passed + 1))
		printf 'ok - %s (%s s)\n' "$name" "$took"
	else
		runner_failed=$((runner_failed + 1))
		runner_names+=("$name")
		printf 'not ok - %s (%s s)\n' "$name" "$took"
	fi
}

# Counts the TAP lines of a log; every one that failed or was skipped is named.
runner_tap() {
	local name=$1 log=$2 took=$3 line good bad

	good=$(grep -acE '^ok\b' "$log" || true)
	bad=$(grep -acE '^not ok\b|^ok\b.*# *(SKIP|skip|TODO|todo)\b' "$log" || true)
	good=$((good - $(grep -acE '^ok\b.*# *(SKIP|skip|TODO|todo)\b' "$log" || true)))
	runner_passed=$((runner_passed + good))
	runner_failed=$((runner_failed + bad))
	if [ "$bad" -eq 0 ]; then
		printf 'ok - %s: %d results (%s s)\n' "$name" "$good" "$took"
		return
	fi
	printf 'not ok - %s: %d of %d results (%s s)\n' "$name" "$bad" $((good + bad)) "$took"
	while read -r line; do
		runner_names+=("$name: $line")
		printf '#   %s\n' "$line"
	done < <(grep -aE '^not ok\b|^ok\b.*# *(SKIP|skip|TODO|todo)\b' "$log")
}

runner_test() {
	local name=$1 log start status=0 took before

	shift
	log=$runner_logs/$(printf '%s' "$name" | tr -c 'A-Za-z0-9._=-' _).log
	start=$EPOCHREALTIME
	"$@" >"$log" 2>&1 </dev/null || status=$?
	took=$(runner_since "$start")
	before=$runner_failed
	if grep -qaE '^(not )?ok\b' "$log"; then
		runner_tap "$name" "$log" "$took"
		# A plan that was not carried out, or a crash after the last result.
		if [ "$status" -ne 0 ] && [ "$before" -eq "$runner_failed" ]; then
			runner_result no "$name: exit status $status" "$took"
		fi
	elif [ "$status" -eq 0 ]; then
		runner_result yes "$name" "$took"
	else
		runner_result no "$name" "$took"
	fi
	if [ "$before" -ne "$runner_failed" ]; then
		tail -n 25 "$log" | sed 's/^/#   | /'
		echo "#   all of it: $log"
	fi
}

runner_end() {
	local name

	if [ ${#runner_names[@]} -gt 0 ]; then
		printf '\n# failed:\n'
		for name in "${runner_names[@]}"; do
			printf '#   %s\n' "$name"
		done
		printf '# logs: %s\n' "$runner_logs"
	fi
	printf '# took %s s\n' "$(runner_since "$runner_start")"
	printf '%d passed, %d failed\n' "$runner_passed" "$runner_failed"
	[ "$runner_failed" -eq 0 ]
}
