/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts for iPXE and configurations for GRUB: the first one, which asks with what the loader
 * knows of the machine, and the answer. */
#include <stdio.h>
#include <string.h>

#include "http/web.h"
#include "limits.h"
#include "nonce.h"
#include "parse.h"

/* What an unknown machine says of itself is cut to this. */
#define NAME_MAX_LEN 64

static struct http_reply script_reply(struct buf *script)
{
	const size_t len = script->len;

	if (script->overflow) {
		struct err err = ERR_INIT;

		err_set(&err, ERR_CONFIG, "the script is larger than %d bytes", LIMIT_SCRIPT);
		buf_release(script);
		return http_reply_err(&err);
	}
	return http_reply_take(200, "text/plain", buf_take(script), len);
}

/* What asks for more. */
static struct http_reply first_script(const struct site *site, const struct http_request *r,
				      bool grub)
{
	_cleanup_(web_urls_release) struct web_urls urls;
	struct ipxe_values values = {0};
	struct buf script;

	web_urls_init(&urls, site, r);
	values.http = urls.http;
	values.host = urls.host;
	values.url = urls.url;
	buf_init(&script, LIMIT_SCRIPT);
	render_ipxe(site->scripts, grub ? GRUB_BOOT : IPXE_BOOT, &values, &script);
	return script_reply(&script);
}

struct http_reply web_boot_script(void *ctx, const struct http_request *r)
{
	struct web *web = ctx;
	_cleanup_site_ struct site *site = site_slot_get(web->sites);

	return first_script(site, r, false);
}

static char *short_query(const struct http_request *r, const char *name)
{
	const char *text = http_query(r, name);
	size_t len = text ? strlen(text) : 0;

	return len ? printable(text, len < NAME_MAX_LEN ? len : NAME_MAX_LEN) : NULL;
}

static struct http_reply answer_unknown(struct web *web, const struct site *site,
					const struct http_request *r, const struct mac *mac,
					bool grub, struct ipxe_values *values, int64_t now_ms)
{
	_cleanup_(freep) char *arch = short_query(r, "arch"), *uuid = short_query(r, "uuid"),
			      *serial = short_query(r, "serial");
	_cleanup_(web_urls_release) struct web_urls urls = {0};
	struct buf script;

	web_urls_init(&urls, site, r);
	unknown_seen(web->unknown, mac, arch, uuid, serial, r->peer, now_ms);
	if (site->inventory->cluster.unknown == UNKNOWN_IGNORE) {
		struct err err = ERR_INIT;

		err_set(&err, ERR_NOT_FOUND, "no node file has the MAC %s: provision add-node %s",
			values->mac, values->mac);
		return http_reply_err(&err);
	}
	values->arch = arch;
	values->http = urls.http;
	values->host = urls.host;
	buf_init(&script, LIMIT_SCRIPT);
	render_ipxe(site->scripts, grub ? GRUB_UNKNOWN : IPXE_UNKNOWN, values, &script);
	return script_reply(&script);
}

static struct http_reply answer_node(struct web *web, const struct site *site,
				     const struct http_request *r, const struct node *n,
				     const struct mac *mac, bool grub,
				     const struct ipxe_values *known, int64_t now_ms)
{
	const struct site_node *sn = site_node_of(site, n);
	const enum boot_answer answer = site_answer(sn);
	_cleanup_(web_urls_release) struct web_urls urls = {0};
	char nonce[NONCE_TEXT_SIZE], seconds[24];
	struct ipxe_values values = *known;
	struct buf script;

	values.node = n->name;
	values.arch = arch_name(n->arch);
	buf_init(&script, LIMIT_SCRIPT);
	if (!boot_answer_starts(answer) || sn->boot_missing) {
		values.reason = boot_answer_reason(answer);
		render_ipxe(site->scripts, grub ? GRUB_DISK : IPXE_DISK, &values, &script);
		return script_reply(&script);
	}
	web_urls_init(&urls, site, r);
	snprintf(seconds, sizeof(seconds), "%lld", (long long)(now_ms / 1000));
	values.http = urls.http;
	values.host = urls.host;
	values.url = urls.url;
	values.image = node_image(n, &site->inventory->cluster);
	values.boot = sn->boot_path;
	values.ca = site->ca_digest;
	values.time = seconds;
	values.arguments = sn->arguments;
	values.nonce = nonce_make(web->nonce_key, mac, now_ms / 1000, nonce);
	render_ipxe(site->scripts, ipxe_script_of(sn->live, grub), &values, &script);
	return script_reply(&script);
}

/* A MAC that is said decides alone: what else a loader tells may come from another DHCP server. */
static int find_machine(const struct site *site, const struct http_request *r, struct mac *ret_mac,
			const struct node **ret_node, struct err *err)
{
	const char *said = http_query(r, "mac");

	if (!said || !*said) {
		if (web_select(site, r, ret_node, err) < 0)
			return -1;
		*ret_mac = (*ret_node)->macs[0];
		return 0;
	}
	if (mac_parse(said, ret_mac, err) < 0) {
		err->kind = ERR_USAGE;
		return -1;
	}
	*ret_node = inventory_by_mac(site->inventory, ret_mac);
	return 0;
}

static struct http_reply answer_machine(struct web *web, const struct site *site,
					const struct http_request *r, bool grub)
{
	char colons[MAC_TEXT_SIZE], dashes[MAC_TEXT_SIZE];
	struct ipxe_values values = {.mac = colons, .mac_dash = dashes};
	struct err err = ERR_INIT;
	const struct node *n;
	struct mac mac;

	if (find_machine(site, r, &mac, &n, &err) < 0)
		return http_reply_err(&err);
	mac_format(&mac, colons);
	memcpy(dashes, colons, sizeof(dashes));
	for (char *p = dashes; *p; p++)
		if (*p == ':')
			*p = '-';
	return n ? answer_node(web, site, r, n, &mac, grub, &values, web_now_ms())
		 : answer_unknown(web, site, r, &mac, grub, &values, web_now_ms());
}

struct http_reply web_ipxe(void *ctx, const struct http_request *r)
{
	struct web *web = ctx;
	_cleanup_site_ struct site *site = site_slot_get(web->sites);

	return answer_machine(web, site, r, false);
}

static bool on_any(const char *name, const char *value, void *arg)
{
	(void)name;
	(void)value;
	*(bool *)arg = true;
	return false;
}

static bool has_query(const struct http_request *r)
{
	bool any = false;

	http_query_each(r, on_any, &any);
	return any;
}

struct http_reply web_grub(void *ctx, const struct http_request *r)
{
	struct web *web = ctx;
	_cleanup_site_ struct site *site = site_slot_get(web->sites);

	/* a GRUB that was started by hand, or by an entry that names no machine */
	return has_query(r) ? answer_machine(web, site, r, true) : first_script(site, r, true);
}
