/* SPDX-License-Identifier: Apache-2.0 */
#include "api.h"

#include <string.h>

#include "clock.h"
#include "fetch.h"
#include "limits.h"
#include "parse.h"

struct api {
	char *url;
	struct fetch *fetch;
	const struct identity *id;
};

struct api *api_new(const char *url, const char *ca_pem, const struct identity *id)
{
	struct api *a = xcalloc(1, sizeof(*a));

	a->url = xstrdup(url);
	a->fetch = fetch_new(ca_pem);
	a->id = id;
	return a;
}

struct api *api_free(struct api *a)
{
	if (!a)
		return NULL;
	fetch_free(a->fetch);
	free(a->url);
	free(a);
	return NULL;
}

int api_refusal(long status, const char *body, size_t len, struct err *err)
{
	_cleanup_json_ json_t *j = NULL;
	_cleanup_(freep) char *shown = NULL;
	const char *kind = NULL, *message = NULL;
	struct err ignored = ERR_INIT;

	if (jsonx_parse(body, len, "answer", &j, &ignored) == 0)
		json_unpack(j, "{s:{s?s,s?s}}", "error", "kind", &kind, "message", &message);
	err_release(&ignored);
	if (status == 429 || status >= 500)
		return err_set(err, ERR_BUSY, "the provisioner answers %ld: %s", status,
			       message ? message : "no reason given");
	if (message && strlen(message) <= LIMIT_MESSAGE * 4)
		return err_set(err, kind ? err_kind_parse(kind) : ERR_PROTOCOL, "%s", message);
	shown = printable(body, len < 80 ? len : 80);
	return err_set(err, ERR_PROTOCOL, "the provisioner answers %ld: %s", status, shown);
}

int api_post(struct api *a, const char *path, const json_t *body, size_t max, long *ret_status,
	     json_t **ret_reply, struct err *err)
{
	_cleanup_(freep) char *text = jsonx_canonical(body), *url = NULL;
	_cleanup_(strv_release) struct strv headers = {0};
	_cleanup_(fetch_answer_release) struct fetch_answer answer = {0};
	const char *list[5] = {0};
	struct fetch_request req = {.body = text, .headers = list, .max = max};
	size_t len = strlen(text);

	url = xasprintf("%s%s", a->url, path);
	identity_sign(a->id, "POST", path, clock_now_ms(), text, len, &headers);
	for (size_t i = 0; i < headers.n && i < ARRAY_SIZE(list) - 1; i++)
		list[i] = headers.v[i];
	req.url = url;
	req.body_len = len;
	if (fetch_do(a->fetch, &req, &answer, err) < 0)
		return -1;
	if (answer.status < 200 || answer.status > 299)
		return api_refusal(answer.status, answer.body, answer.len, err);
	if (jsonx_parse(answer.body, answer.len, path, ret_reply, err) < 0)
		return -1;
	*ret_status = answer.status;
	return 0;
}
