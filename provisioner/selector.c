/* SPDX-License-Identifier: Apache-2.0 */
#include "selector.h"

#include "parse.h"

#include <string.h>
#include <strings.h>

/* What is told back of a request is cut to this. */
#define TOLD_MAX 64

enum verdict { CONTRADICTS, SAYS_NOTHING, MATCHES };

static enum verdict match_if(bool same)
{
	return same ? MATCHES : CONTRADICTS;
}

static enum verdict match_mac(const struct site *site, const struct node *n, const char *value)
{
	struct err ignored = ERR_INIT;
	struct mac mac;

	(void)site;
	/* selector_find has read it already */
	if (mac_parse(value, &mac, &ignored) < 0) {
		err_release(&ignored);
		return CONTRADICTS;
	}
	for (size_t i = 0; i < n->n_macs; i++)
		if (memcmp(&n->macs[i], &mac, sizeof(mac)) == 0)
			return MATCHES;
	return CONTRADICTS;
}

/* The record's word counts; without one, what the machine told when it claimed. */
static enum verdict match_firmware(const char *recorded, const uint64_t *told, const char *value)
{
	const uint64_t mark = __atomic_load_n(told, __ATOMIC_RELAXED);

	if (recorded)
		return match_if(strcasecmp(recorded, value) == 0);
	return mark ? match_if(mark == site_mark(value)) : SAYS_NOTHING;
}

static enum verdict match_uuid(const struct site *site, const struct node *n, const char *value)
{
	return match_firmware(n->uuid, &site_node_of(site, n)->uuid_mark, value);
}

static enum verdict match_serial(const struct site *site, const struct node *n, const char *value)
{
	return match_firmware(n->serial, &site_node_of(site, n)->serial_mark, value);
}

/* With or without its domain. */
static enum verdict match_hostname(const struct site *site, const struct node *n, const char *value)
{
	const size_t len = strcspn(value, ".");

	(void)site;
	return match_if(strlen(n->name) == len && strncasecmp(n->name, value, len) == 0);
}

static const struct label *find_label(const struct node *n, const char *key, size_t len)
{
	for (size_t i = 0; i < n->n_labels; i++)
		if (strlen(n->labels[i].key) == len && memcmp(n->labels[i].key, key, len) == 0)
			return &n->labels[i];
	return NULL;
}

static enum verdict match_label(const struct site *site, const struct node *n, const char *value)
{
	const size_t len = strcspn(value, "=");
	const struct label *l = find_label(n, value, len);

	(void)site;
	return match_if(l && (!value[len] || streq(l->value, value + len + 1)));
}

static const struct {
	const char *name;
	enum verdict (*match)(const struct site *site, const struct node *n, const char *value);
} terms_known[] = {
	{"mac", match_mac},           {"uuid", match_uuid},   {"serial", match_serial},
	{"hostname", match_hostname}, {"label", match_label},
};

/* They tell something else of a machine than which one it is. */
static const char *const not_ours[] = {"nonce", "arch", "domain"};

static bool says_nothing(const struct selector_term *t)
{
	for (size_t i = 0; i < ARRAY_SIZE(not_ours); i++)
		if (streq(t->name, not_ours[i]))
			return true;
	return !*t->value;
}

static enum verdict match_term(const struct site *site, const struct node *n,
			       const struct selector_term *t)
{
	const struct label *l;

	if (says_nothing(t))
		return SAYS_NOTHING;
	for (size_t i = 0; i < ARRAY_SIZE(terms_known); i++)
		if (streq(terms_known[i].name, t->name))
			return terms_known[i].match(site, n, t->value);
	l = find_label(n, t->name, strlen(t->name));
	return l ? match_if(streq(l->value, t->value)) : SAYS_NOTHING;
}

static bool is_label_of_any(const struct site *site, const char *key)
{
	const struct inventory *inv = site->inventory;

	for (size_t i = 0; i < inv->n_nodes; i++)
		if (find_label(&inv->nodes[i], key, strlen(key)))
			return true;
	return false;
}

/* The terms that choose; those that nobody knows go. Gives their number. */
static size_t keep_known(const struct site *site, const struct selector_term *terms, size_t n,
			 struct selector_term *kept)
{
	size_t n_kept = 0;

	for (size_t i = 0; i < n; i++) {
		bool known = false;

		for (size_t k = 0; k < ARRAY_SIZE(terms_known); k++)
			known = known || streq(terms_known[k].name, terms[i].name);
		if (!says_nothing(&terms[i]) && (known || is_label_of_any(site, terms[i].name)))
			kept[n_kept++] = terms[i];
	}
	return n_kept;
}

static bool is_meant(const struct site *site, const struct node *n,
		     const struct selector_term *terms, size_t n_terms, bool strictly)
{
	bool matches = false;

	for (size_t i = 0; i < n_terms; i++) {
		const enum verdict v = match_term(site, n, &terms[i]);

		if (v == CONTRADICTS || (strictly && v != MATCHES))
			return false;
		matches = matches || v == MATCHES;
	}
	return matches;
}

static char *shorten(const char *text)
{
	const size_t len = strlen(text);

	return printable(text, len < TOLD_MAX ? len : TOLD_MAX);
}

static int nobody(const struct selector_term *terms, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		_cleanup_(freep) char *name = shorten(terms[i].name),
				      *value = shorten(terms[i].value);

		if (!says_nothing(&terms[i]))
			return err_set(err, ERR_NOT_FOUND,
				       "no node file has what is asked for: "
				       "%s=%s%s",
				       name, value, n > 1 ? " and the rest" : "");
	}
	return err_set(err, ERR_USAGE,
		       "say which machine: mac=, uuid=, serial=, hostname= or "
		       "label=KEY=VALUE");
}

/* The MAC that was said, and the only candidate then; *ret_any without one. */
static int by_mac(const struct site *site, const struct selector_term *terms, size_t n,
		  const struct node **ret, bool *ret_any, struct err *err)
{
	*ret_any = true;
	for (size_t i = 0; i < n; i++) {
		char text[MAC_TEXT_SIZE];
		struct mac mac;

		if (!streq(terms[i].name, "mac") || says_nothing(&terms[i]))
			continue;
		if (mac_parse(terms[i].value, &mac, err) < 0) {
			err->kind = ERR_USAGE;
			return -1;
		}
		*ret = inventory_by_mac(site->inventory, &mac);
		*ret_any = false;
		if (!*ret)
			return err_set(err, ERR_NOT_FOUND,
				       "no node file has the MAC %s: provision add-node %s",
				       mac_format(&mac, text), text);
		return 0;
	}
	return 0;
}

int selector_find(const struct site *site, const struct selector_term *terms, size_t n,
		  const struct node **ret, struct err *err)
{
	const struct inventory *inv = site->inventory;
	_cleanup_(freep) struct selector_term *kept = xcalloc(n + 1, sizeof(*kept));
	const struct node *found = NULL, *only = NULL;
	const size_t n_kept = keep_known(site, terms, n, kept);
	bool any;

	if (by_mac(site, terms, n, &only, &any, err) < 0)
		return -1;
	for (size_t i = 0; i < inv->n_nodes; i++) {
		const struct node *node = any ? &inv->nodes[i] : only;

		if (is_meant(site, node, kept, n_kept, any)) {
			if (found)
				return err_set(err, ERR_CONFIG,
					       "several nodes are meant, %s and %s among them: say "
					       "more, for instance mac=",
					       found->name, node->name);
			found = node;
		}
		if (!any)
			break;
	}
	if (!found)
		return nobody(terms, n, err);
	*ret = found;
	return 0;
}
