# SPDX-License-Identifier: Apache-2.0
# Runs tests and counts every result. Sourced by ./check.
#
#   runner_begin LOGS            where the output of each test goes
#   runner_stage TITLE           a heading; waits for the tests of the stage before
#   runner_together N            so many tests of this stage run at a time
#   runner_test NAME COMMAND...  one result: the exit status; or, when its output is TAP
#                                ("ok ...", "not ok ..."), one result for each such line
#   runner_end                   the last line, "N passed, N failed"; status 0 only without a failure
#
# A skipped test is a failure: what was not run is not known to work.
# shellcheck shell=bash

runner_passed=0
runner_failed=0
runner_names=()
# How many tests of this stage run at a time; they may ask.
export RUNNER_TOGETHER=1
# By process: the name of a test that runs beside others, and when it began.
declare -A runner_running=() runner_started=()

runner_begin() {
	runner_logs=$1
	rm -rf "$runner_logs"
	mkdir -p "$runner_logs"
	runner_start=$EPOCHREALTIME
	runner_stolen_before=$(runner_stolen)
	# What runs in the background does not hear of Ctrl-C.
	trap 'runner_stop; exit 130' INT
	trap 'runner_stop; exit 143' TERM HUP
}

runner_stop() {
	local pid

	for pid in "${!runner_running[@]}"; do
		kill -TERM -- "-$pid" || true
	done
	wait
}

runner_stage() {
	runner_wait
	RUNNER_TOGETHER=1
	printf '\n# %s\n' "$*"
}

runner_together() {
	RUNNER_TOGETHER=$1
}

# Seconds with one digit since a value of EPOCHREALTIME.
runner_since() {
	local from=${1/[.,]/} now=${EPOCHREALTIME/[.,]/} tenth

	tenth=$(((now - from + 50000) / 100000))
	printf '%d.%d' $((tenth / 10)) $((tenth % 10))
}

# Seconds of processor time that the host of this machine gave to others (proc(5), steal).
runner_stolen() {
	local -a cpu

	read -ra cpu </proc/stat
	echo $((cpu[8] / $(getconf CLK_TCK)))
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

runner_log() {
	printf '%s/%s.log' "$runner_logs" "$(printf '%s' "$1" | tr -c 'A-Za-z0-9._=-' _)"
}

runner_test() {
	local name=$1 log start status=0

	shift
	log=$(runner_log "$name")
	start=$EPOCHREALTIME
	if [ "$RUNNER_TOGETHER" -eq 1 ]; then
		"$@" >"$log" 2>&1 </dev/null || status=$?
		runner_count "$name" "$status" "$start"
		return
	fi
	# In a process group of its own, so that runner_stop ends what the test has started, too.
	set -m
	"$@" >"$log" 2>&1 </dev/null &
	set +m
	runner_running[$!]=$name
	runner_started[$!]=$start
	[ ${#runner_running[@]} -lt "$RUNNER_TOGETHER" ] || runner_reap
}

# Counts the next test that ends.
runner_reap() {
	local pid='' status=0 name start

	wait -n -p pid "${!runner_running[@]}" || status=$?
	name=${runner_running[$pid]} start=${runner_started[$pid]}
	unset "runner_running[$pid]" "runner_started[$pid]"
	runner_count "$name" "$status" "$start"
}

runner_wait() {
	while [ ${#runner_running[@]} -gt 0 ]; do
		runner_reap
	done
}

# The results of a test that ended with STATUS, from its log.
runner_count() {
	local name=$1 status=$2 took log before=$runner_failed

	took=$(runner_since "$3")
	log=$(runner_log "$name")
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

	runner_wait
	if [ ${#runner_names[@]} -gt 0 ]; then
		printf '\n# failed:\n'
		for name in "${runner_names[@]}"; do
			printf '#   %s\n' "$name"
		done
		printf '# logs: %s\n' "$runner_logs"
	fi
	printf '# took %s s on %d processors; the host gave %d s of their time to others\n' "$(runner_since "$runner_start")" \
		"$(nproc)" $(($(runner_stolen) - runner_stolen_before))
	printf '%d passed, %d failed\n' "$runner_passed" "$runner_failed"
	[ "$runner_failed" -eq 0 ]
}
