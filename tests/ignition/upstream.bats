#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Checking and merging beside upstream's programs, case by case.

load ../cli/cli

setup() {
	agent=$cli_build/node-agent/node-agent
	data=$cli_source/tests/data/ignition
}

@test "the cases of the check say what ignition-validate says" {
	"$cli_source/tests/ignition/validate_cases" "$data/check.json" "$BATS_TEST_TMPDIR"
}

@test "configs are merged as upstream merges them" {
	"$cli_source/tests/ignition/merge_cases" "$agent" "$data/merge.json" "$BATS_TEST_TMPDIR"
}
