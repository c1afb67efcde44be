/* SPDX-License-Identifier: Apache-2.0 */
#include "kube_secrets.h"

#include <openssl/evp.h>
#include <string.h>

static const char *const kinds[SECRETS_MAX] = {
	[SECRETS_KUBEADM_JOIN] = "kubeadm-join",
	[SECRETS_KUBEADM_INIT] = "kubeadm-init",
	[SECRETS_K3S_SERVER] = "k3s-server",
	[SECRETS_K3S_AGENT] = "k3s-agent",
};

/* Only where kubeadm and a k3s server look for keys, and no way out of there. */
static bool path_is_fine(const char *path)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyz0123456789-_./";

	return (startswith(path, "/etc/kubernetes/pki/") ||
		startswith(path, "/var/lib/rancher/k3s/server/tls/")) &&
	       !strstr(path, "..") && !strstr(path, "//") && !endswith(path, "/") &&
	       strspn(path, fine) == strlen(path) && strlen(path) < 256;
}

static bool decode(const char *text, struct secret *ret)
{
	size_t len = strlen(text), pad = 0;
	uint8_t *raw;
	int n;

	if (len == 0 || len % 4 || len > LIMIT_SECRET_BYTES)
		return false;
	raw = xmalloc(len);
	n = EVP_DecodeBlock(raw, (const uint8_t *)text, (int)len);
	while (pad < 2 && text[len - 1 - pad] == '=')
		pad++;
	if (n >= 0)
		secret_set(ret, raw, (size_t)n - pad);
	explicit_bzero(raw, len);
	free(raw);
	return n >= 0;
}

static int file_from_json(const json_t *j, const char *path, struct kube_secret_file *f,
			  struct err *err)
{
	_cleanup_(freep) char *contents = NULL;
	struct jsonx_reader r;
	uint64_t mode = 0600;

	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "path", &f->path);
	jsonx_opt_u64(&r, "mode", 0777, &mode);
	jsonx_string(&r, "contents", &contents);
	if (f->path && !path_is_fine(f->path))
		jsonx_fail(&r, "path", "is not below /etc/kubernetes/pki or k3s/server/tls");
	if (contents && !decode(contents, &f->contents))
		jsonx_fail(&r, "contents", "is not base64");
	if (contents)
		explicit_bzero(contents, strlen(contents));
	f->mode = (uint16_t)mode;
	return jsonx_done(&r);
}

static bool is_join(const struct kube_secrets *s)
{
	return s->kind == SECRETS_KUBEADM_JOIN || s->kind == SECRETS_K3S_AGENT ||
	       (s->kind == SECRETS_K3S_SERVER && !s->init);
}

static int read_all(const json_t *j, struct kube_secrets *s, struct err *err)
{
	_cleanup_(freep) char *token = NULL;
	int kind = SECRETS_INVALID;
	const json_t *files, *item;
	struct jsonx_reader r;
	size_t i;

	jsonx_begin(&r, j, "$", err);
	jsonx_enum(&r, "kind", kinds, SECRETS_MAX, &kind);
	jsonx_string(&r, "token", &token);
	jsonx_opt_string(&r, "endpoint", &s->endpoint);
	jsonx_opt_strv(&r, "caCertHashes", 8, &s->ca_hashes);
	jsonx_opt_bool(&r, "init", &s->init);
	files = jsonx_opt_array(&r, "files", LIMIT_SECRET_FILES);
	s->kind = (enum kube_secrets_kind)kind;
	if (token) {
		secret_set(&s->token, token, strlen(token));
		explicit_bzero(token, strlen(token));
	}
	if (!r.failed && is_join(s) && !s->endpoint)
		jsonx_fail(&r, "endpoint", "is missing for a join");
	if (!r.failed && s->kind == SECRETS_KUBEADM_JOIN && s->ca_hashes.n == 0)
		jsonx_fail(&r, "caCertHashes", "is missing: the cluster would not be verified");
	if (jsonx_done(&r) < 0)
		return -1;
	json_array_foreach (files, i, item) {
		_cleanup_(freep) char *path = xasprintf("$.files[%zu]", i);

		if (file_from_json(item, path, ARRAY_APPEND(s->files, s->n_files), err) < 0)
			return -1;
	}
	return 0;
}

int kube_secrets_from_json(const json_t *j, struct kube_secrets *ret, struct err *err)
{
	struct kube_secrets s = {.kind = SECRETS_INVALID};

	if (read_all(j, &s, err) < 0) {
		kube_secrets_release(&s);
		return err_wrap(err, "the secrets of the join");
	}
	*ret = s;
	return 0;
}

void kube_secrets_release(struct kube_secrets *s)
{
	secret_release(&s->token);
	free(s->endpoint);
	strv_release(&s->ca_hashes);
	for (size_t i = 0; i < s->n_files; i++) {
		free(s->files[i].path);
		secret_release(&s->files[i].contents);
	}
	free(s->files);
	*s = (struct kube_secrets){.kind = SECRETS_INVALID};
}
