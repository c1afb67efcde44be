/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "assets_release.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void test_versions(void **ctx)
{
	struct err err = ERR_INIT;

	(void)ctx;
	assert_ok(release_version_check(FLAVOUR_KUBEADM, "1.20.2", &err), &err);
	assert_ok(release_version_check(FLAVOUR_K3S, "1.31.4+k3s1", &err), &err);
	assert_fails(release_version_check(FLAVOUR_KUBEADM, "1.31", &err), &err, ERR_USAGE,
		     "\"1.31\" is no version");
	assert_fails(release_version_check(FLAVOUR_KUBEADM, "1.31.4+k3s1", &err), &err, ERR_USAGE,
		     "Kubernetes");
	assert_fails(release_version_check(FLAVOUR_K3S, "1.31.4", &err), &err, ERR_USAGE, "k3s1");
	assert_fails(release_version_check(FLAVOUR_K3S, "1.31.4+k3s", &err), &err, ERR_USAGE,
		     "k3s1");
	assert_fails(release_version_check(FLAVOUR_KUBEADM, "../..", &err), &err, ERR_USAGE, "..");
	assert_fails(release_version_check(FLAVOUR_KUBEADM, "1.31.4/../x", &err), &err, ERR_USAGE,
		     "x");
	assert_fails(release_version_check(FLAVOUR_KUBEADM, "1. 31.4", &err), &err, ERR_USAGE,
		     "31");
}

static void test_kubernetes_files(void **ctx)
{
	_cleanup_(release_release) struct release r = {0};
	struct err err = ERR_INIT;

	(void)ctx;
	assert_ok(release_files(FLAVOUR_KUBEADM, "1.31.4", ARCH_ARM64, NULL, &r, &err), &err);
	assert_int_equal(r.n, 4);
	assert_string_equal(r.files[0].url,
			    "https://dl.k8s.io/release/v1.31.4/bin/linux/arm64/kubeadm");
	assert_string_equal(r.files[0].digest_url,
			    "https://dl.k8s.io/release/v1.31.4/bin/linux/arm64/kubeadm.sha256");
	assert_string_equal(r.files[0].path, "kube/kubeadm/1.31.4/arm64/bin/kubeadm");
	assert_null(r.files[0].member);
	assert_string_equal(
		r.files[3].url,
		"https://github.com/kubernetes-sigs/cri-tools/releases/download/v1.31.0/"
		"crictl-v1.31.0-linux-arm64.tar.gz");
	assert_string_equal(r.files[3].member, "crictl");
}

static void test_flannel(void **ctx)
{
	_cleanup_(release_release) struct release r = {0};
	struct err err = ERR_INIT;

	(void)ctx;
	assert_ok(release_flannel("0.27.4", NULL, &r, &err), &err);
	assert_int_equal(r.n, 1);
	assert_string_equal(r.files[0].url, "https://github.com/flannel-io/flannel/releases/"
					    "download/v0.27.4/kube-flannel.yml");
	assert_string_equal(r.files[0].path, "network/flannel.yaml");
	assert_null(r.files[0].digest_url);
	release_release(&r);
	assert_ok(release_flannel(NULL, "http://10.0.0.1", &r, &err), &err);
	assert_string_equal(r.files[0].url, "http://10.0.0.1/latest/download/kube-flannel.yml");
	assert_fails(release_flannel("0.27.4/../x", NULL, &r, &err), &err, ERR_USAGE,
		     "no version of flannel");
}

static void test_crictl_only_where_kubeadm_calls_it(void **ctx)
{
	_cleanup_(release_release) struct release r = {0};
	struct err err = ERR_INIT;

	(void)ctx;
	assert_ok(release_files(FLAVOUR_KUBEADM, "1.32.0", ARCH_AMD64, NULL, &r, &err), &err);
	assert_int_equal(r.n, 3);
}

static void test_k3s_files(void **ctx)
{
	_cleanup_(release_release) struct release r = {0}, arm = {0};
	struct err err = ERR_INIT;

	(void)ctx;
	assert_ok(release_files(FLAVOUR_K3S, "1.31.4+k3s1", ARCH_AMD64, "http://m", &r, &err),
		  &err);
	assert_int_equal(r.n, 2);
	assert_string_equal(r.files[0].url, "http://m/v1.31.4%2Bk3s1/k3s");
	assert_string_equal(r.files[0].digest_url, "http://m/v1.31.4%2Bk3s1/sha256sum-amd64.txt");
	assert_string_equal(r.files[0].path, "kube/k3s/1.31.4+k3s1/amd64/bin/k3s");
	assert_string_equal(r.files[1].path,
			    "kube/k3s/1.31.4+k3s1/amd64/images/k3s-airgap-images-amd64.tar.zst");
	assert_ok(release_files(FLAVOUR_K3S, "1.31.4+k3s1", ARCH_ARM64, "http://m", &arm, &err),
		  &err);
	assert_string_equal(arm.files[0].url, "http://m/v1.31.4%2Bk3s1/k3s-arm64");
}

static void test_digests(void **ctx)
{
	struct err err = ERR_INIT;
	char *d = NULL;

	(void)ctx;
	assert_ok(release_digest(A, "kubeadm", &d, &err), &err);
	assert_string_equal(d, "sha256-" A);
	free(d);
	assert_ok(release_digest(A "\n", "kubeadm", &d, &err), &err);
	free(d);
	assert_ok(release_digest(A "  k3s-arm64\n" B "  k3s\r\n", "k3s", &d, &err), &err);
	assert_string_equal(d, "sha256-" B);
	free(d);
	assert_ok(release_digest(A " *dist/artifacts/k3s\n", "k3s", &d, &err), &err);
	free(d);
	/* as Flatcar writes them: MD5 and SHA-1 before it */
	assert_ok(release_digest("# MD5 HASH\n0123456789abcdef0123456789abcdef  a.gz\n# SHA512 "
				 "HASH\n" A B "  a.gz\n",
				 "a.gz", &d, &err),
		  &err);
	assert_string_equal(d, "sha512-" A B);
	free(d);
	assert_fails(release_digest(A "  other\n", "k3s", &d, &err), &err, ERR_PROTOCOL,
		     "none for k3s");
	assert_fails(release_digest("<html>", "k3s", &d, &err), &err, ERR_PROTOCOL, "k3s");
	assert_fails(release_digest("", "k3s", &d, &err), &err, ERR_PROTOCOL, "k3s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_kubernetes_files),
		cmocka_unit_test(test_flannel),
		cmocka_unit_test(test_crictl_only_where_kubeadm_calls_it),
		cmocka_unit_test(test_k3s_files),
		cmocka_unit_test(test_digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
