# SPDX-License-Identifier: Apache-2.0
# A lab: one directory, one network, some machines, all of them gone when the script ends.
#
#   . tests/e2e/lab/lab.sh
#   lab_begin NAME          makes $LAB_DIR, loads the other nouns, arms the clean-up
#   lab_on_exit COMMAND...  runs at the end, last registered first
#   lab_fail TEXT           says what went wrong and ends the script with status 1
#   lab_note TEXT           one line with the time since lab_begin
#
# $LAB_DIR/keep holds what is worth reading after a failure (consoles, logs). When the script
# fails it is moved to $LAB_LOGS and its path is printed; when it passes it is removed.
# Sourced by bash scripts; not a program.
# shellcheck shell=bash

lab_source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034 # for the tests
lab_top=$(cd "$lab_source/../../.." && pwd)
: "${PROVISION_CACHE:=/var/cache/provision}"
: "${LAB_LOGS:=${TMPDIR:-/var/tmp}/provision-logs}"
export PROVISION_CACHE LAB_LOGS

# shellcheck source=tests/e2e/lab/network.sh
. "$lab_source/network.sh"
# shellcheck source=tests/e2e/lab/machine.sh
. "$lab_source/machine.sh"
# shellcheck source=tests/e2e/lab/disk.sh
. "$lab_source/disk.sh"
# shellcheck source=tests/e2e/lab/router.sh
. "$lab_source/router.sh"
# shellcheck source=tests/e2e/lab/cluster.sh
. "$lab_source/cluster.sh"
# shellcheck source=tests/e2e/lab/provisioner.sh
. "$lab_source/provisioner.sh"
# shellcheck source=tests/e2e/lab/power.sh
. "$lab_source/power.sh"

lab_actions=()

lab_begin() {
	LAB_NAME=$1-$$
	LAB_START=$SECONDS
	# Disks of machines grow to gigabytes, and /tmp may be memory.
	LAB_DIR=$(mktemp -d "${TMPDIR:-/var/tmp}/lab-$LAB_NAME.XXXXXX")
	# Daemons of the lab drop their privileges and still have to reach their files in here.
	chmod 755 "$LAB_DIR"
	mkdir -p "$LAB_DIR/keep"
	export LAB_NAME LAB_DIR
	trap lab_end EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
}

lab_on_exit() {
	lab_actions+=("$(printf '%q ' "$@")")
}

lab_note() {
	printf '%4ds  %s\n' $((SECONDS - LAB_START)) "$*"
}

lab_fail() {
	printf 'FAILED %4ds  %s\n' $((SECONDS - LAB_START)) "$*" >&2
	exit 1
}

lab_end() {
	local status=$? i kept

	trap - EXIT
	trap '' INT TERM HUP
	set +e
	for ((i = ${#lab_actions[@]} - 1; i >= 0; i--)); do
		eval "${lab_actions[i]}"
	done
	machine_remove_all
	network_remove
	if [ "$status" -ne 0 ] && [ -n "$(ls -A "$LAB_DIR/keep")" ]; then
		kept=$LAB_LOGS/$LAB_NAME
		mkdir -p "$LAB_LOGS"
		rm -rf "$kept"
		mv "$LAB_DIR/keep" "$kept"
		echo "consoles and logs: $kept" >&2
	fi
	rm -rf "$LAB_DIR"
	exit "$status"
}

# Waits until a command succeeds; gives up after LIMIT seconds. The command is an observation
# (a line in a file, an event in the store), never a pause that stands for one.
lab_until() {
	local limit=$1 end

	shift
	end=$((SECONDS + limit))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.3
	done
}
