#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kubernetes-images.sh OUTDIR | --print: the container images of a kubeadm cluster, one docker archive each,
# to be imported by `ctr -n k8s.io images import`.
#
# The names are those that kubeadm asks for. What is inside comes from Debian: the binaries of
# kubernetes-build.sh, Debian's etcd under the tag that kubeadm wants, Debian's iptables beside
# kube-proxy, and a pause of ten lines. There is no coredns in Debian, so none here. lab/web:1 is a
# small HTTP server and client for the tests. One layer, no times: the same input is the same digest.
# --print names the verified cache entry instead of copying it.
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
# shellcheck source=tests/e2e/lab/kubernetes-common.sh
. "$here/kubernetes-common.sh"


flat_tar() {
	tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --format=gnu \
		--directory="$1" "${@:2}"
}

digest_of() {
	local sum
	sum=$(sha256sum "$1")
	printf '%s' "${sum%% *}"
}

# image NAME ENTRYPOINT ROOT: $kube_scratch/out/<last part of NAME>.tar from the tree ROOT.
image() {
	local name=$1 entrypoint=$2 root=$3 file=${1##*/} work=$kube_scratch/archive layer config
	kube_say "image $name"
	rm -rf -- "$work"
	mkdir -p "$work" "$kube_scratch/out"
	chmod -R u=rwX,go=rX "$root"
	flat_tar "$root" . >"$work/layer.tar"
	layer=$(digest_of "$work/layer.tar")
	printf '{"architecture":"%s","os":"linux","created":"1970-01-01T00:00:00Z","config":{"Env":["%s"],' \
		"$kube_arch" 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' >"$work/config"
	printf '"Entrypoint":["%s"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
		"$entrypoint" "$layer" >>"$work/config"
	config=$(digest_of "$work/config")
	mv "$work/config" "$work/$config.json"
	printf '[{"Config":"%s.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' \
		"$config" "$name" >"$work/manifest.json"
	flat_tar "$work" . >"$kube_scratch/out/${file/:/-}.tar"
	rm -rf -- "$work" "$root"
}

# new_root: an empty tree with what a static program may look for.
new_root() {
	mkdir -p "$kube_scratch/root"/{etc,tmp,usr/local/bin}
	printf 'root:x:0:0:root:/:/bin/false\n' >"$kube_scratch/root/etc/passwd"
	printf 'root:x:0:\n' >"$kube_scratch/root/etc/group"
	printf '%s' "$kube_scratch/root"
}

# add_debs ROOT PACKAGES...: exactly these, without documents and the like. Their maintainer scripts
# do not run, so what those need is not wanted.
add_debs() {
	local root=$1 deb
	rm -rf -- "$kube_scratch/debs"
	mkdir "$kube_scratch/debs"
	(cd "$kube_scratch/debs" && kube_apt "$kube_scratch/apt" download "${@:2}" >&2)
	for deb in "$kube_scratch/debs"/*.deb; do
		dpkg-deb -x "$deb" "$root"
	done
	rm -rf -- "$root"/usr/share/{doc,doc-base,man,lintian,locale,bash-completion,bug} "$root"/etc/init.d \
		"$root"/lib/systemd "$root"/etc/default "$root"/usr/lib/*/gconv "${root:?}/var"
}

# kube-proxy runs iptables; Debian's postinst would make these links, as its alternatives do.
proxy_image() {
	local name=$1 root link
	root=$(new_root)
	add_debs "$root" iptables conntrack libc6 libip4tc2 libip6tc2 libmnl0 libnetfilter-conntrack3 \
		libnfnetlink0 libnftnl11 libxtables12
	for link in ip{,6}tables-nft{,-save,-restore}; do
		[[ -e $root/usr/sbin/$link ]] || kube_die "$kube_suite's package iptables has no $link"
		ln -s "$link" "$root/usr/sbin/${link/-nft/}"
	done
	cp "$binaries/kube-proxy" "$root/usr/local/bin/"
	image "$name" /usr/local/bin/kube-proxy "$root"
}

etcd_image() {
	local name=$1 root
	root=$(new_root)
	add_debs "$root" etcd-server libc6
	rm -rf -- "${root:?}/sbin" "${root:?}/usr/share"
	image "$name" /usr/bin/etcd "$root"
}

binary_image() {
	local name=$1 root program
	program=${name##*/}
	program=${program%%:*}
	root=$(new_root)
	cp "$binaries/$program" "$root/usr/local/bin/"
	image "$name" "/usr/local/bin/$program" "$root"
}

compiled_image() {
	local name=$1 source=$2 root
	root=$(new_root)
	gcc -std=c17 -D_GNU_SOURCE -O2 -Wall -Wextra -static -s -Wl,--build-id=none \
		-o "$root/$source" "$here/data/$source.c"
	image "$name" "/$source" "$root"
}

all_images() {
	local name
	while IFS= read -r name; do
		case $name in
		*/kube-proxy:*) proxy_image "$name" ;;
		*/kube-*) binary_image "$name" ;;
		*/pause:*) compiled_image "$name" pause ;;
		*/etcd:*) etcd_image "$name" ;;
		*/coredns*) ;;
		*) kube_die "kubeadm asks for $name, and no recipe makes it: add one here" ;;
		esac
	done < <("$binaries/kubeadm" config images list --kubernetes-version v1.20.2)
	compiled_image "$kube_web_image" web
}

# The key: the binaries, the two programs compiled here and this script. A newer etcd or iptables of
# the stable suite is no reason to make them again.
image_key() {
	(
		cat "$binaries/SHA256SUMS" "$here/data/pause.c" "$here/data/web.c" "$here/kubernetes-images.sh"
		printf '%s\n' "$kube_arch" "$kube_web_image"
	) | sha256sum | cut -c 1-32
}

main() {
	local key binaries
	[[ $# -eq 1 ]] || kube_die 'usage: kubernetes-images.sh OUTDIR | --print'
	kube_lock images
	binaries=$("$here/kubernetes-build.sh" --print)
	key=images-$(image_key)
	if ! kube_verify "$kube_cache/$key"; then
		kube_work images
		kube_apt_init "$kube_scratch/apt"
		all_images
		kube_digests "$kube_scratch/out"
		rm -rf -- "${kube_cache:?}/$key"
		mv "$kube_scratch/out" "$kube_cache/$key"
	fi
	kube_deliver "$kube_cache/$key" "$1"
}

main "$@"
