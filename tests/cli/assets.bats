#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Kubernetes registered from files and from a mirror of upstream, and what `verify` finds.

load cli

bats_require_minimum_version 1.5.0

# RSA keys take their time: made once.
setup_file() {
	cli_setup
	provision init --keys --state "$BATS_FILE_TMPDIR/keys"
}

setup() {
	cli_setup
	cp -a "$BATS_FILE_TMPDIR/keys" "$PROVISION_STATE"
}

teardown() {
	if [ -n "${mirror_pid:-}" ]; then
		kill "$mirror_pid"
	fi
}

# Stands for upstream's hosts, on a port of the kernel's choice.
mirror_start() {
	local port

	mkdir -p "$BATS_TEST_TMPDIR/mirror"
	for port in $(shuf -i 20000-29999 -n 20); do
		busybox httpd -f -p "127.0.0.1:$port" -h "$BATS_TEST_TMPDIR/mirror" 3>&- &
		mirror_pid=$!
		until curl -s -o "$BATS_TEST_TMPDIR/answer" "http://127.0.0.1:$port/"; do
			kill -0 "$mirror_pid" 2>"$BATS_TEST_TMPDIR/ended" || continue 2
		done
		mirror=http://127.0.0.1:$port
		return
	done
	return 1
}

# mirror_file PATH TEXT
mirror_file() {
	mkdir -p "$BATS_TEST_TMPDIR/mirror/${1%/*}"
	printf '%s' "$2" > "$BATS_TEST_TMPDIR/mirror/$1"
}

mirror_digest() {
	sha256sum < "$BATS_TEST_TMPDIR/mirror/$1" | cut -d' ' -f1
}

mirror_k3s() {
	local folder=v1.31.4+k3s1

	mirror_file "$folder/k3s" 'a program'
	mirror_file "$folder/k3s-airgap-images-amd64.tar.zst" 'some images'
	mirror_file "$folder/sha256sum-amd64.txt" "$(mirror_digest "$folder/k3s")  k3s
$(mirror_digest "$folder/k3s-airgap-images-amd64.tar.zst")  k3s-airgap-images-amd64.tar.zst
"
}

@test "a folder with bin and images is registered, listed and verified" {
	mkdir -p "$BATS_TEST_TMPDIR/bundle/"{bin,images}
	echo elf > "$BATS_TEST_TMPDIR/bundle/bin/kubelet"
	echo tar > "$BATS_TEST_TMPDIR/bundle/images/pause.tar"
	run -0 provision assets add kubernetes --version v1.20.2 "$BATS_TEST_TMPDIR/bundle"
	[[ $output == *kube/kubeadm/1.20.2/amd64/bin/kubelet* ]]
	run -0 provision assets list
	[[ ${lines[0]} =~ ^SHA256\ +SIZE\ +PATH$ ]]
	[[ ${lines[1]} =~ ^[0-9a-f]{12}\ +4\ B\ +kube/kubeadm ]]
	[[ $output == *kube/kubeadm/1.20.2/amd64/images/pause.tar* ]]
	run -0 provision assets verify
	[ -z "$output" ]
}

@test "k3s is one program, whatever its file is called" {
	echo elf > "$BATS_TEST_TMPDIR/k3s-arm64"
	run -0 provision assets add k3s --version 1.31.4+k3s1 --arch arm64 "$BATS_TEST_TMPDIR/k3s-arm64"
	[[ $output == kube/k3s/1.31.4+k3s1/arm64/bin/k3s ]]
}

@test "verify names a file that was changed, and fails" {
	echo elf > "$BATS_TEST_TMPDIR/kubelet"
	provision assets add kubernetes --version 1.20.2 "$BATS_TEST_TMPDIR/kubelet"
	echo fle > "$PROVISION_STATE/assets/kube/kubeadm/1.20.2/amd64/bin/kubelet"
	fails 5 'kube/kubeadm/1.20.2/amd64/bin/kubelet differs from the manifest' provision assets verify
}

@test "upstream's files are taken with upstream's digests, once" {
	mirror_start
	mirror_k3s
	run -0 provision assets add k3s --version 1.31.4+k3s1 --mirror "$mirror"
	[[ $output != *'was there'* ]]
	[ "$(cat "$PROVISION_STATE/assets/kube/k3s/1.31.4+k3s1/amd64/bin/k3s")" = 'a program' ]
	run -0 provision assets add k3s --version 1.31.4+k3s1 --mirror "$mirror"
	[[ $output == *'bin/k3s (was there)'* ]]
	run -0 provision assets verify
}

@test "kubeadm's files come one by one, crictl out of its archive" {
	local program path

	mirror_start
	for program in kubeadm kubelet kubectl; do
		path=release/v1.31.4/bin/linux/amd64/$program
		mirror_file "$path" "$program"
		mirror_file "$path.sha256" "$(mirror_digest "$path")"
	done
	echo crictl > "$BATS_TEST_TMPDIR/crictl"
	path=v1.31.0/crictl-v1.31.0-linux-amd64.tar.gz
	mirror_file "$path" ''
	tar -czf "$BATS_TEST_TMPDIR/mirror/$path" -C "$BATS_TEST_TMPDIR" crictl
	mirror_file "$path.sha256" "$(mirror_digest "$path")"
	run -0 provision assets add kubernetes --version 1.31.4 --mirror "$mirror"
	[ "$(cat "$PROVISION_STATE/assets/kube/kubeadm/1.31.4/amd64/bin/crictl")" = crictl ]
	[ "$(find "$PROVISION_STATE/assets" -type f -path '*/bin/*' | wc -l)" -eq 4 ]
	run -0 provision assets verify
}

@test "flannel's manifest comes from a file or from its release" {
	mirror_start
	echo 'kind: DaemonSet' > "$BATS_TEST_TMPDIR/flannel.yml"
	run -0 provision assets add flannel "$BATS_TEST_TMPDIR/flannel.yml"
	[ "$output" = network/flannel.yaml ]
	[ "$(cat "$PROVISION_STATE/assets/network/flannel.yaml")" = 'kind: DaemonSet' ]
	mirror_file download/v0.27.4/kube-flannel.yml 'kind: Namespace'
	run -0 provision assets add flannel --version v0.27.4 --mirror "$mirror"
	[[ $output == *'no digest to compare it with'* ]]
	[ "$(cat "$PROVISION_STATE/assets/network/flannel.yaml")" = 'kind: Namespace' ]
	run -0 provision assets verify
	fails 10 'is the version one that was released?' \
		provision assets add flannel --version 0.27.5 --mirror "$mirror"
	mirror_file latest/download/kube-flannel.yml 'kind: ConfigMap'
	run -0 provision assets add flannel --mirror "$mirror"
	[ "$(cat "$PROVISION_STATE/assets/network/flannel.yaml")" = 'kind: ConfigMap' ]
	fails 2 'as a FILE, or a --version' provision assets add flannel --version 0.27.4 "$BATS_TEST_TMPDIR/flannel.yml"
}

@test "without a version it is cluster.yaml's" {
	mirror_start
	mirror_k3s
	mkdir -p "$PROVISION_CONFIG/nodes"
	printf 'cluster: {flavour: k3s, version: 1.31.4+k3s1}\n' > "$PROVISION_CONFIG/cluster.yaml"
	run -0 provision assets add k3s --mirror "$mirror"
	[ -e "$PROVISION_STATE/assets/kube/k3s/1.31.4+k3s1/amd64/bin/k3s" ]
	fails 2 'cluster.yaml is for another flavour' provision assets add kubernetes --mirror "$mirror"
}

@test "a file that is not what upstream's digest says is not registered" {
	mirror_start
	mirror_k3s
	mirror_file v1.31.4+k3s1/k3s 'another program'
	fails 5 'is not what' provision assets add k3s --version 1.31.4+k3s1 --mirror "$mirror"
	[ -z "$(find "$PROVISION_STATE/assets" -type f -path '*/bin/*')" ]
}

@test "a version that was never released, and wrong words, are told" {
	mirror_start
	fails 10 'is the version one that was released?' \
		provision assets add k3s --version 1.31.9+k3s1 --mirror "$mirror"
	fails 2 'write it as 1.31.4+k3s1' provision assets add k3s --version 1.31.4
	fails 3 'without --version, cluster.yaml says which' provision assets add kubernetes
	fails 2 'takes build, add, list or verify' provision assets frob
	fails 2 '--suite takes 13 or 12' provision assets build --suite 11
}

@test "list before anything was made says how to make it" {
	fails 10 'provision assets build' provision assets list
}

@test "without keys nothing is registered, and none are made" {
	rm -r "$PROVISION_STATE/secrets"
	echo elf > "$BATS_TEST_TMPDIR/kubelet"
	fails 10 'restore the backup' provision assets add kubernetes --version 1.20.2 "$BATS_TEST_TMPDIR/kubelet"
	[[ $output == *'provision init --keys'* ]]
	[ ! -e "$PROVISION_STATE/secrets" ]
	[ ! -e "$PROVISION_STATE/assets" ]
}

@test "the shipped source holds nothing that an older installation left" {
	mkdir -p "$BATS_TEST_TMPDIR/tree" "$BATS_TEST_TMPDIR/source/node-agent"
	touch "$BATS_TEST_TMPDIR/source/node-agent/moved.h"
	cd "$BATS_TEST_TMPDIR/tree"
	mkdir build-aux m4 common node-agent
	touch configure configure.ac aclocal.m4 Makefile.am Makefile.in config.h.in common/plan.h
	"$cli_source/provisioner/image/source.sh" . "$BATS_TEST_TMPDIR/source"
	[ -e "$BATS_TEST_TMPDIR/source/common/plan.h" ]
	[ ! -e "$BATS_TEST_TMPDIR/source/node-agent/moved.h" ]
}

# mirror_flatcar VERSION: with MD5 and SHA-1 before what counts, as upstream's lists have them.
mirror_flatcar() {
	local folder=amd64-usr/$1 file

	mirror_file amd64-usr/current/version.txt "FLATCAR_BUILD=1
FLATCAR_VERSION=$1
"
	for file in flatcar_production_pxe.vmlinuz flatcar_production_pxe_image.cpio.gz; do
		mirror_file "$folder/$file" "$file of $1"
		mirror_file "$folder/$file.DIGESTS" "# MD5 HASH
$(md5sum <"$BATS_TEST_TMPDIR/mirror/$folder/$file" | cut -d' ' -f1)  $file
# SHA512 HASH
$(sha512sum <"$BATS_TEST_TMPDIR/mirror/$folder/$file" | cut -d' ' -f1)  $file
"
	done
}

@test "Flatcar's current release is found, held against its digests, and registered as an image" {
	mirror_start
	mirror_flatcar 4081.2.1
	run -0 provision assets add flatcar --mirror "$mirror"
	[[ $output == *boot/flatcar-4081.2.1-amd64/vmlinuz* ]]
	[[ $output == *boot/flatcar-4081.2.1-amd64/initrd* ]]
	[ "$(cat "$PROVISION_STATE/assets/boot/flatcar-4081.2.1-amd64/initrd")" = \
		'flatcar_production_pxe_image.cpio.gz of 4081.2.1' ]
	provision assets verify
	run -0 provision assets add flatcar --mirror "$mirror" --version 4081.2.1
	[[ $output == *'initrd (was there)'* ]]
	fails 10 'is the version one that was released?' provision assets add flatcar --mirror "$mirror" --version 1.2.3
	fails 2 'is no version of flatcar' provision assets add flatcar --mirror "$mirror" --version ../x
	mirror_flatcar 4081.2.2
	mirror_file amd64-usr/4081.2.2/flatcar_production_pxe_image.cpio.gz changed
	fails 5 'flatcar_production_pxe_image.cpio.gz is not what' provision assets add flatcar --mirror "$mirror"
	[ ! -e "$PROVISION_STATE/assets/boot/flatcar-4081.2.2-amd64/initrd" ]
	mirror_file amd64-usr/current/version.txt 'FLATCAR_VERSION=../../x
'
	fails 2 'is no version of flatcar' provision assets add flatcar --mirror "$mirror"
}

@test "with a keyring, what upstream's key has not signed is refused" {
	local gnupg=$BATS_TEST_TMPDIR/gnupg folder=$BATS_TEST_TMPDIR/mirror/amd64-usr/4081.2.1 file

	mirror_start
	mirror_flatcar 4081.2.1
	mkdir -m 700 "$gnupg"
	gpg --homedir "$gnupg" --batch --quiet --passphrase '' --quick-generate-key stand-in ed25519 sign never
	gpg --homedir "$gnupg" --batch --quiet --export stand-in >"$BATS_TEST_TMPDIR/upstream.gpg"
	for file in flatcar_production_pxe.vmlinuz flatcar_production_pxe_image.cpio.gz; do
		gpg --homedir "$gnupg" --batch --quiet --detach-sign --output "$folder/$file.sig" "$folder/$file"
	done
	gpgconf --homedir "$gnupg" --kill all
	run -0 provision assets add flatcar --mirror "$mirror" --keyring "$BATS_TEST_TMPDIR/upstream.gpg"
	[ -e "$PROVISION_STATE/assets/boot/flatcar-4081.2.1-amd64/initrd" ]
	[ -z "$(find "$PROVISION_STATE/assets" -name '.new*')" ]
	# the mirror changes file and digest, and cannot sign
	mirror_file amd64-usr/4081.2.1/flatcar_production_pxe.vmlinuz evil
	mirror_file amd64-usr/4081.2.1/flatcar_production_pxe.vmlinuz.DIGESTS \
		"$(sha512sum <"$folder/flatcar_production_pxe.vmlinuz" | cut -d' ' -f1)  flatcar_production_pxe.vmlinuz"
	fails 5 'the signature is none of a key in' provision assets add flatcar --mirror "$mirror" \
		--keyring "$BATS_TEST_TMPDIR/upstream.gpg"
	[ "$(cat "$PROVISION_STATE/assets/boot/flatcar-4081.2.1-amd64/vmlinuz")" = \
		'flatcar_production_pxe.vmlinuz of 4081.2.1' ]
	fails 10 'cannot find the keyring' provision assets add flatcar --mirror "$mirror" --keyring /nonexistent
}

# fcos_file NAME PATH: its object in the metadata, with upstream's own host in it.
fcos_file() {
	mirror_file "$2" "$1 of fcos"
	printf '"%s":{"location":"https://builds.coreos.fedoraproject.org/%s","sha256":"%s"}' "$1" "$2" \
		"$(mirror_digest "$2")"
}

fcos_files() {
	local base=prod/streams/stable/builds/$1/x86_64/fedora-coreos-$1-live

	printf '{%s,%s,%s}' "$(fcos_file kernel "$base-kernel-x86_64")" \
		"$(fcos_file initramfs "$base-initramfs.x86_64.img")" "$(fcos_file rootfs "$base-rootfs.x86_64.img")"
}

@test "Fedora CoreOS is found by the metadata of its stream, or of a release" {
	mirror_start
	mirror_file streams/stable.json "{\"stream\":\"stable\",\"architectures\":{\"x86_64\":{\"artifacts\":{\"metal\":{\"release\":\"41.1.3.0\",\"formats\":{\"pxe\":$(fcos_files 41.1.3.0)}}}}}}"
	mirror_file prod/streams/stable/builds/40.1.3.0/release.json "{\"release\":\"40.1.3.0\",\"architectures\":{\"x86_64\":{\"media\":{\"metal\":{\"artifacts\":{\"pxe\":$(fcos_files 40.1.3.0)}}}}}}"
	run -0 provision assets add fcos --mirror "$mirror"
	[ "$(cat "$PROVISION_STATE/assets/boot/fcos-41.1.3.0-amd64/rootfs.img")" = 'rootfs of fcos' ]
	run -0 provision assets add fcos --mirror "$mirror" --version 40.1.3.0
	[ "$(cat "$PROVISION_STATE/assets/boot/fcos-40.1.3.0-amd64/vmlinuz")" = 'kernel of fcos' ]
	provision assets verify
	fails 8 'no PXE files of this release for aarch64' provision assets add fcos --mirror "$mirror" --arch arm64
	mirror_file prod/streams/stable/builds/40.1.3.0/x86_64/fedora-coreos-40.1.3.0-live-kernel-x86_64 changed
	rm "$PROVISION_STATE/assets/boot/fcos-40.1.3.0-amd64/vmlinuz"
	fails 5 "is not what upstream's metadata says" provision assets add fcos --mirror "$mirror" --version 40.1.3.0
	[ ! -e "$PROVISION_STATE/assets/boot/fcos-40.1.3.0-amd64/vmlinuz" ]
	mirror_file streams/stable.json '[]'
	fails 8 'no PXE files of this release' provision assets add fcos --mirror "$mirror"
	mirror_file streams/stable.json '{"architectures":{"x86_64":{"artifacts":{"metal":{"release":"../x","formats":{"pxe":{"kernel":{"location":"http://h/k","sha256":"0"}}}}}}}}'
	fails 2 'is no version of fcos' provision assets add fcos --mirror "$mirror"
}

@test "any image with Ignition in its initramfs is registered from files" {
	local file

	for file in vmlinuz initrd rootfs; do
		echo "$file" >"$BATS_TEST_TMPDIR/$file"
	done
	cd "$BATS_TEST_TMPDIR"
	run -0 provision assets add ignition --version vanilla vmlinuz initrd rootfs
	[ "$(cat "$PROVISION_STATE/assets/boot/ignition-vanilla-amd64/rootfs.img")" = rootfs ]
	provision assets add flatcar --version 4081.2.1 --arch arm64 vmlinuz initrd
	[ "$(cat "$PROVISION_STATE/assets/boot/flatcar-4081.2.1-arm64/initrd")" = initrd ]
	fails 2 'VMLINUZ INITRD ROOTFS: 3 files' provision assets add ignition --version lab vmlinuz initrd
	fails 2 'assets add ignition takes --version' provision assets add ignition vmlinuz initrd rootfs
	fails 2 'is no version of ignition' provision assets add ignition --version a/b vmlinuz initrd rootfs
	fails 10 'cannot open' provision assets add ignition --version lab vmlinuz initrd nothing
}
