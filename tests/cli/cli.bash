# SPDX-License-Identifier: Apache-2.0
# A configuration and state of its own for each test of the command; sourced by the .bats files.
# shellcheck shell=bash disable=SC2034

cli_source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cli_build=${PROVISION_TEST_BUILD:-${top_builddir:-$(pwd)}}

cli_setup() {
	export PROVISION_CONFIG=$BATS_TEST_TMPDIR/config PROVISION_STATE=$BATS_TEST_TMPDIR/state
	export PROVISION_RUN=$BATS_TEST_TMPDIR/run PROVISION_DATA=$cli_source
	key='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHdTmHzH0hhGqjdoFUW8wqL3dTAfpVQ0oMeDgFvqDJtC me'
	nodes=$PROVISION_CONFIG/nodes
}

provision() {
	"$cli_build/provision" "$@"
}

# cli_config [CLUSTER]: a cluster.yaml of a cluster that exists already, without `init`.
cli_config() {
	mkdir -p "$nodes"
	{
		echo "${1:-cluster: {name: home, controlPlaneEndpoint: 10.0.0.2:6443, kubeconfig: admin.conf, version: 1.34.2\}}"
		echo "provisioner: {interfaces: [lan0], address: 10.0.0.1}"
		echo "sshKeys: [\"$key\"]"
	} >"$PROVISION_CONFIG/cluster.yaml"
}

# fails CODE TEXT COMMAND...: it ends with this code and says the text.
fails() {
	local code=$1 text=$2
	shift 2
	run "$@"
	if [ "$status" -ne "$code" ] || [[ $output != *"$text"* ]]; then
		printf 'status %s, wanted %s; output:\n%s\n' "$status" "$code" "$output"
		return 1
	fi
}
