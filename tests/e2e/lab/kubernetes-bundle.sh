#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kubernetes-bundle.sh OUTDIR: what `provision assets add kubernetes --version 1.20.2 --arch amd64 OUTDIR`
# registers: bin/{kubeadm,kubelet,kubectl,crictl} and images/*.tar, and nothing else.
#
# The files have the names of upstream's releases. bin/crictl is a stand-in over ctr, and says so.
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
# shellcheck source=tests/e2e/lab/kubernetes-common.sh
. "$here/kubernetes-common.sh"

main() {
	local binaries images out program
	[[ $# -eq 1 ]] || kube_die 'usage: kubernetes-bundle.sh OUTDIR'
	binaries=$("$here/kubernetes-build.sh" --print)
	images=$("$here/kubernetes-images.sh" --print)
	mkdir -p "$1"
	out=$(cd "$1" && pwd)
	rm -rf -- "${out:?}"/{bin,images}
	mkdir "$out/bin" "$out/images"
	for program in kubeadm kubelet kubectl; do
		cp --reflink=auto "$binaries/$program" "$out/bin/"
	done
	cp "$here/data/crictl" "$out/bin/"
	cp --reflink=auto "$images"/*.tar "$out/images/"
	chmod 0755 "$out"/bin/*
	chmod 0644 "$out"/images/*
}

main "$@"
