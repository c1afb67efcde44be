#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kubernetes-build.sh [--refresh] OUTDIR | --print: real Kubernetes 1.20.2 binaries, from Debian's source package.
#
# Debian 12's is the last source package that holds the whole tree. It is built with that suite's own
# Go, unpacked beside it, so that a Debian 13 host makes the same bytes. The result is cached, keyed
# by source, compiler and recipe, and verified by digest on every use. --refresh asks the mirror for
# a newer source instead of taking the one that was built last; --print names the verified cache entry instead of copying it.
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
# shellcheck source=tests/e2e/lab/kubernetes-common.sh
. "$here/kubernetes-common.sh"

recipe=1 # raise it when the flags below change
programs=(kubeadm kubelet kubectl kube-apiserver kube-controller-manager kube-scheduler kube-proxy)
kubernetes=v1.20.2

# The environment and flags of every build; the compiler lies in $kube_scratch/root.
go_environment() {
	export GOROOT=$kube_scratch/root/usr/lib/go-1.19 GOPATH=$kube_scratch/gopath
	export GOCACHE=$kube_scratch/cache GO111MODULE=off GOPROXY=off GOFLAGS='' CGO_ENABLED=0
	export PATH=$GOROOT/bin:$PATH
	tree=$GOPATH/src/k8s.io/kubernetes
}

# kubeadm refuses to work with a version of v0.0.0, so the real one is stamped where the build of
# upstream stamps it; the date is fixed so that two builds are the same.
link_flags() {
	local package stamp=() minor
	minor=${kubernetes#v1.}
	for package in k8s.io/kubernetes/vendor/k8s.io/{client-go/pkg,component-base}/version \
		k8s.io/{client-go/pkg,component-base}/version; do
		stamp+=(-X "$package.gitVersion=$kubernetes" -X "$package.gitMajor=1"
			-X "$package.gitMinor=${minor%%.*}" -X "$package.gitTreeState=archive"
			-X "$package.buildDate=1970-01-01T00:00:00Z")
	done
	printf '%s' "-s -w ${stamp[*]}"
}

# The vendored reflect2 1.0.1 crashes with Go 1.18 and later: Debian's 1.0.2 is laid over it.
write_overlay() {
	local old=$tree/vendor/github.com/modern-go/reflect2 file separator=''
	local new=$kube_scratch/root/usr/share/gocode/src/github.com/modern-go/reflect2
	{
		printf '{"Replace":{'
		for file in "$old"/*.{go,s}; do
			[[ -e $new/${file##*/} ]] && continue
			printf '%s"%s":""' "$separator" "$file"
			separator=,
		done
		for file in "$new"/*.{go,s}; do
			printf '%s"%s":"%s"' "$separator" "$old/${file##*/}" "$file"
			separator=,
		done
		printf '}}\n'
	} >"$kube_scratch/overlay.json"
}

go_build() {
	nice -n 10 go build -tags 'providerless dockerless' -trimpath -overlay "$kube_scratch/overlay.json" \
		-ldflags "$(link_flags)" -o "$1" "${@:2}"
}

# kube-apiserver wants one generated file, the OpenAPI definitions of everything that asks for them.
generate_openapi() {
	local packages
	go_build "$kube_scratch/tools/" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
	packages=$(
		find -L cmd pkg plugin vendor/k8s.io -name '*.go' -not -path '*/testdata/*' \
			-not -path 'vendor/k8s.io/code-generator/*' -not -path 'vendor/k8s.io/sample-apiserver/*' \
			-exec grep -l '^// +k8s:openapi-gen=' {} + | sed 's|/[^/]*$||; s|^|k8s.io/kubernetes/|' |
			LC_ALL=C sort -u | paste -s -d ,
	)
	nice -n 10 "$kube_scratch/tools/openapi-gen" -i "$packages" -O zz_generated.openapi \
		-p k8s.io/kubernetes/pkg/generated/openapi -r "$kube_scratch/openapi.report" \
		-h vendor/k8s.io/code-generator/hack/boilerplate.go.txt
}

unpack() {
	local deb
	(
		cd "$kube_scratch"
		kube_apt "$kube_scratch/apt" --download-only --only-source source kubernetes >&2
		kube_apt "$kube_scratch/apt" download golang-1.19-go golang-1.19-src \
			golang-github-modern-go-reflect2-dev >&2
		for deb in *.deb; do
			dpkg-deb -x "$deb" root
		done
		mkdir -p gopath/src/k8s.io
		# apt has checked the .dsc against the signed index; its maker's key is not needed
		dpkg-source --no-check -x kubernetes_*.dsc gopath/src/k8s.io/kubernetes >/dev/null
	)
}

build() {
	local pointer=$1 source compiler key
	kube_work build
	kube_apt_init "$kube_scratch/apt"
	source=$(kube_apt "$kube_scratch/apt" --print-uris --only-source source kubernetes |
		sed -n "s/^[^ ]* kubernetes_\([^ ]*\)\.dsc .*/\1/p")
	compiler=$(kube_version "$kube_scratch/apt" golang-1.19-go)
	[[ -n $source && -n $compiler ]] ||
		kube_die "$kube_suite has no source package kubernetes or no golang-1.19-go: look at the mirror"
	key=$source-go$compiler-$kube_arch-r$recipe
	if ! kube_verify "$kube_cache/$key"; then
		kube_say "building Kubernetes $kubernetes from $source with Go $compiler: 3 to 9 minutes"
		unpack
		go_environment
		cd "$tree"
		write_overlay
		mkdir -p "$kube_scratch/tools" "$kube_scratch/out"
		generate_openapi
		go_build "$kube_scratch/out/" "${programs[@]/#/./cmd/}"
		cd /
		kube_digests "$kube_scratch/out"
		rm -rf -- "${kube_cache:?}/$key"
		mv "$kube_scratch/out" "$kube_cache/$key"
	fi
	printf '%s\n' "$key" >"$pointer.new"
	mv "$pointer.new" "$pointer"
}

main() {
	local refresh='' pointer=$kube_cache/build-$kube_arch-r$recipe
	if [[ ${1-} == --refresh ]]; then
		refresh=yes
		shift
	fi
	[[ $# -eq 1 ]] || kube_die 'usage: kubernetes-build.sh [--refresh] OUTDIR | --print'
	kube_lock build
	if [[ -n $refresh || ! -s $pointer ]] || ! kube_verify "$kube_cache/$(<"$pointer")"; then
		build "$pointer"
	fi
	kube_deliver "$kube_cache/$(<"$pointer")" "$1"
}

main "$@"
