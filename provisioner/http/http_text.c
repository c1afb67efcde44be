/* SPDX-License-Identifier: Apache-2.0 */
/* Matchbox's plain texts: /metadata, what is known of a machine as lines KEY=value; /generic and
 * /cloud, texts of the operator's. */
#include <ctype.h>
#include <string.h>

#include "http/web.h"
#include "limits.h"
#include "parse.h"
#include "plan_values.h"

/* All of them together. */
#define TEXT_MAX ((size_t)4 * 1024 * 1024)

/* A name that shells and systemd take: upper case, anything else becomes '_'. */
static void add_key(struct buf *out, const char *prefix, const char *key)
{
	for (; *prefix; prefix++)
		buf_addc(out, *prefix);
	for (; *key; key++)
		buf_addc(out,
			 isalnum((unsigned char)*key) ? (char)toupper((unsigned char)*key) : '_');
}

/* A line end would make a line of its own. */
static void add_value(struct buf *out, const char *value)
{
	buf_addc(out, '=');
	for (; *value; value++)
		buf_addc(out, (unsigned char)*value < ' ' ? ' ' : *value);
	buf_addc(out, '\n');
}

static void add_line(struct buf *out, const char *prefix, const char *key, const char *value)
{
	if (!value || !*value)
		return;
	add_key(out, prefix, key);
	add_value(out, value);
}

static void add_labels(struct buf *out, const char *prefix, const struct label *labels, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_line(out, prefix, labels[i].key, labels[i].value);
}

/* Percent-encodes (RFC 3986 section 2.1) what has a meaning in a query. */
static void add_encoded(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~:/=", *s))
			buf_addc(out, *s);
		else
			buf_addf(out, "%%%02X", (unsigned char)*s);
	}
}

struct query {
	struct buf *out;
	struct buf raw;
};

static bool add_argument(const char *name, const char *value, void *arg)
{
	struct query *q = arg;
	_cleanup_(freep) char *said = printable(value, strlen(value));
	struct err ignored = ERR_INIT;
	char text[MAC_TEXT_SIZE];
	struct mac mac;

	if (streq(name, "mac") && mac_parse(value, &mac, &ignored) == 0)
		add_line(q->out, "REQUEST_QUERY_", name, mac_format(&mac, text));
	else
		add_line(q->out, "REQUEST_QUERY_", name, said);
	err_release(&ignored);
	if (q->raw.len)
		buf_addc(&q->raw, '&');
	add_encoded(&q->raw, name);
	buf_addc(&q->raw, '=');
	add_encoded(&q->raw, value);
	return true;
}

static void add_request(struct buf *out, const struct http_request *r)
{
	struct query q = {.out = out};

	buf_init(&q.raw, LIMIT_HTTP_HEADER * 3);
	http_query_each(r, add_argument, &q);
	add_line(out, "REQUEST_", "RAW_QUERY", q.raw.data);
	buf_release(&q.raw);
}

/* The operator's names come last: the last line of a name is the one that counts. UUID and serial
 * are not told: a machine in memory is known again by them. */
static void add_node(struct buf *out, const struct node *n, const struct cluster *c)
{
	char mac[MAC_TEXT_SIZE], ip[IPV4_TEXT_SIZE];

	add_line(out, "", "HOSTNAME", n->name);
	add_line(out, "", "MAC", mac_format(&n->macs[0], mac));
	add_line(out, "", "ROLE", role_name(n->role));
	add_line(out, "", "ARCH", arch_name(n->arch));
	add_line(out, "", "IMAGE", node_image(n, c));
	if (n->address.ip.a)
		add_line(out, "", "ADDRESS", ipv4_format(n->address.ip, ip));
	add_line(out, "", "CLUSTER", c->name);
	add_labels(out, "LABEL_", n->labels, n->n_labels);
	add_labels(out, "", n->metadata, n->n_metadata);
}

static struct http_reply text_reply(const char *type, struct buf *text)
{
	const size_t len = text->len;

	if (text->overflow) {
		struct err err = ERR_INIT;

		err_set(&err, ERR_CONFIG, "the text has more than %zu bytes", TEXT_MAX);
		buf_release(text);
		return http_reply_err(&err);
	}
	return http_reply_take(200, type, buf_take(text), len);
}

struct http_reply web_metadata(void *ctx, const struct http_request *r)
{
	struct web *web = ctx;
	_cleanup_site_ struct site *site = site_slot_get(web->sites);
	struct err err = ERR_INIT;
	const struct node *n;
	struct buf out;

	if (web_select(site, r, &n, &err) < 0)
		return http_reply_err(&err);
	buf_init(&out, TEXT_MAX);
	add_request(&out, r);
	add_node(&out, n, &site->inventory->cluster);
	return text_reply("text/plain", &out);
}

static struct http_reply node_text(struct web *web, const struct http_request *r,
				   enum node_text_kind kind, const char *type)
{
	_cleanup_site_ struct site *site = site_slot_get(web->sites);
	_cleanup_(web_urls_release) struct web_urls urls = {0};
	_cleanup_json_ json_t *values = NULL;
	struct plan_inputs in = {0};
	struct err err = ERR_INIT;
	const struct node *n;
	struct buf out;

	if (web_select(site, r, &n, &err) < 0)
		return http_reply_err(&err);
	web_urls_init(&urls, site, r);
	in.url = urls.url;
	in.assets_url = urls.assets;
	values = plan_values(n, &site->inventory->cluster, &in);
	buf_init(&out, TEXT_MAX);
	if (node_texts_render(site->texts, kind, n->name, values, &out, &err) < 0) {
		buf_release(&out);
		return http_reply_err(&err);
	}
	return text_reply(type, &out);
}

struct http_reply web_generic(void *ctx, const struct http_request *r)
{
	return node_text(ctx, r, NODE_TEXT_GENERIC, "text/plain");
}

struct http_reply web_cloud(void *ctx, const struct http_request *r)
{
	return node_text(ctx, r, NODE_TEXT_CLOUD, "text/cloud-config");
}
