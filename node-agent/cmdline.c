/* SPDX-License-Identifier: Apache-2.0 */
#include "cmdline.h"

#include <string.h>

#include "limits.h"
#include "parse.h"

static int take_url(const char *key, const char *value, const char *scheme, char **ret,
		    struct err *err)
{
	size_t len = strlen(value);

	if (!startswith(value, scheme) || len == strlen(scheme))
		return err_set(err, ERR_CONFIG, "%s does not start with %s and a host", key,
			       scheme);
	if (len > LIMIT_URL)
		return err_set(err, ERR_CONFIG, "%s is longer than %d bytes", key, LIMIT_URL);
	for (size_t i = 0; i < len; i++) {
		if (value[i] <= ' ' || value[i] > '~')
			return err_set(err, ERR_CONFIG, "%s holds a byte that no URL has", key);
	}
	while (len > 0 && value[len - 1] == '/')
		len--;
	*ret = xstrndup(value, len);
	return 0;
}

static int take_mac(const char *value, struct mac *ret_mac, bool *ret_has, struct err *err)
{
	if (mac_parse(value, ret_mac, err) < 0)
		return -1;
	*ret_has = true;
	return 0;
}

static int take_nonce(const char *value, char **ret, struct err *err)
{
	size_t len = strlen(value);

	if (len == 0 || len > 128 || strspn(value, "0123456789abcdef") != len)
		return err_set(err, ERR_CONFIG, "provision.nonce is not lower-case hex");
	*ret = xstrdup(value);
	return 0;
}

static int take_time(const char *value, int64_t *ret, struct err *err)
{
	uint64_t seconds;

	/* Up to the year 9999. */
	if (parse_u64(value, 253402300799, &seconds, err) < 0)
		return -1;
	*ret = (int64_t)seconds;
	return 0;
}

static int take(struct cmdline *c, const char *key, const char *value, struct err *err)
{
	if (streq(key, "provision.url"))
		return take_url(key, value, "https://", &c->url, err);
	if (streq(key, "provision.http"))
		return take_url(key, value, "http://", &c->http, err);
	if (streq(key, "provision.ca"))
		return sha256_parse(value, &c->ca, err);
	if (streq(key, "provision.time"))
		return take_time(value, &c->time, err);
	if (streq(key, "provision.nonce"))
		return take_nonce(value, &c->nonce, err);
	if (streq(key, "provision.mac"))
		return take_mac(value, &c->mac, &c->has_mac, err);
	/* "01-" is the hardware type, Ethernet (PXELINUX's convention). */
	return take_mac(startswith(value, "01-") ? value + 3 : value, &c->boot_mac,
			&c->has_boot_mac, err);
}

static const char *const our_words[] = {
	"provision.url",   "provision.http", "provision.ca", "provision.time",
	"provision.nonce", "provision.mac",  "BOOTIF",
};

static int take_word(struct cmdline *c, char *word, struct strv *seen, struct err *err)
{
	char *value = strchr(word, '=');
	bool ours = false;

	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(our_words); i++)
		ours = ours || streq(word, our_words[i]);
	if (!ours && startswith(word, "provision.")) {
		_cleanup_(freep) char *shown = printable(word, strlen(word));

		return err_set(err, ERR_CONFIG, "%s is not a word of this version", shown);
	}
	if (!ours)
		return 0;
	if (!value)
		return err_set(err, ERR_CONFIG, "%s has no value", word);
	if (strv_has(seen, word))
		return err_set(err, ERR_CONFIG, "%s is there twice", word);
	strv_add(seen, word);
	if (take(c, word, value, err) < 0)
		return err_wrap(err, "%s", word);
	return 0;
}

static int take_all(struct cmdline *c, const char *text, size_t len, struct err *err)
{
	_cleanup_(strv_release) struct strv seen = {0};
	size_t at = 0;

	while (at < len) {
		_cleanup_(freep) char *word = NULL;
		size_t start;

		while (at < len && (text[at] == ' ' || text[at] == '\t' || text[at] == '\n'))
			at++;
		start = at;
		while (at < len && text[at] != ' ' && text[at] != '\t' && text[at] != '\n')
			at++;
		if (at == start)
			break;
		word = xstrndup(text + start, at - start);
		if (take_word(c, word, &seen, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < 3; i++) {
		if (!strv_has(&seen, our_words[i]))
			return err_set(err, ERR_CONFIG,
				       "%s is missing; boot this machine from the network, where "
				       "the provisioner adds it",
				       our_words[i]);
	}
	return 0;
}

int cmdline_parse(const char *text, size_t len, struct cmdline *ret_cmdline, struct err *err)
{
	struct cmdline c = {0};

	if (len > LIMIT_CMDLINE)
		return err_set(err, ERR_CONFIG, "kernel command line: longer than %d bytes",
			       LIMIT_CMDLINE);
	if (take_all(&c, text, len, err) < 0) {
		cmdline_release(&c);
		err->kind = ERR_CONFIG;
		return err_wrap(err, "kernel command line");
	}
	if (!c.has_boot_mac && c.has_mac) {
		c.boot_mac = c.mac;
		c.has_boot_mac = true;
	}
	*ret_cmdline = c;
	return 0;
}

void cmdline_release(struct cmdline *c)
{
	free(c->url);
	free(c->http);
	free(c->nonce);
	*c = (struct cmdline){0};
}
