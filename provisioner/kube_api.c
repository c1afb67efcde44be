/* SPDX-License-Identifier: Apache-2.0 */
#include "kube_api.h"

#include <string.h>

#include "fetch.h"

#define ANSWER_MAX (1024 * 1024)
/* An API server that says nothing for this long is asked again later. */
#define STALL_S 10

struct kube_api {
	struct fetch *fetch;
	char *server;
	struct secret authorization; /* a whole header, or empty */
};

struct kube_api *kube_api_new(const struct kubeconfig *k)
{
	struct kube_api *a = xcalloc(1, sizeof(*a));

	a->fetch = fetch_new(k->ca_pem);
	a->server = xstrdup(k->server);
	if (k->cert_pem) {
		fetch_set_client(a->fetch, k->cert_pem, &k->key);
	} else if (secret_length(&k->token)) {
		char *header = xasprintf("Authorization: Bearer %s", secret_reveal(&k->token));

		secret_set(&a->authorization, header, strlen(header));
		explicit_bzero(header, strlen(header));
		free(header);
	}
	return a;
}

struct kube_api *kube_api_free(struct kube_api *a)
{
	if (!a)
		return NULL;
	fetch_free(a->fetch);
	free(a->server);
	secret_release(&a->authorization);
	free(a);
	return NULL;
}

/* The sentence of a Status object (its "message"). */
static char *reason_of(const struct fetch_answer *answer)
{
	_cleanup_(err_release) struct err ignored = ERR_INIT;
	_cleanup_json_ json_t *j = NULL;
	const char *message = NULL;

	if (jsonx_parse(answer->body ? answer->body : "", answer->len, "status", &j, &ignored) == 0)
		message = json_string_value(json_object_get(j, "message"));
	return xstrdup(message ? message : "no reason given");
}

static int call(struct kube_api *a, const char *method, const char *path, const json_t *body,
		bool absent_is_fine, struct err *err)
{
	_cleanup_(fetch_answer_release) struct fetch_answer answer = {0};
	_cleanup_(freep) char *url = xasprintf("%s%s", a->server, path),
			      *text = body ? jsonx_canonical(body) : NULL, *why = NULL;
	const char *const headers[] = {
		secret_length(&a->authorization) ? secret_reveal(&a->authorization) : NULL, NULL};
	const struct fetch_request req = {
		.url = url,
		.method = method,
		.body = text,
		.body_len = text ? strlen(text) : 0,
		.headers = headers,
		.max = ANSWER_MAX,
		.stall_s = STALL_S,
	};
	int r = fetch_do(a->fetch, &req, &answer, err);

	if (text)
		explicit_bzero(text, strlen(text));
	if (r < 0)
		return err_wrap(err, "the cluster's API server");
	if (answer.status < 300 || (absent_is_fine && answer.status == 404))
		return 0;
	why = reason_of(&answer);
	return err_set(err, answer.status >= 500 || answer.status == 429 ? ERR_BUSY : ERR_REFUSED,
		       "the cluster's API server answers %ld to %s %s: %s", answer.status, method,
		       url, why);
}

int kube_api_add_token(struct kube_api *a, const struct token *t, int64_t expires_s,
		       const char *groups, const char *description, struct err *err)
{
	_cleanup_json_ json_t *body = token_to_secret(t, expires_s, groups, description);

	return call(a, "POST", "/api/v1/namespaces/kube-system/secrets", body, false, err);
}

int kube_api_revoke_token(struct kube_api *a, const char *id, struct err *err)
{
	_cleanup_(freep) char *path = NULL;

	if (!token_id_is_valid(id))
		return err_set(err, ERR_INTERNAL, "no token id");
	path = xasprintf("/api/v1/namespaces/kube-system/secrets/bootstrap-token-%s", id);
	return call(a, "DELETE", path, NULL, true, err);
}

int kube_api_delete_node(struct kube_api *a, const char *name, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("/api/v1/nodes/%s", name);

	return call(a, "DELETE", path, NULL, true, err);
}
