/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_proxy.h"

#include "parse.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

/* An address of either family in network order; len 0 for what is none. */
struct address {
	uint8_t b[16];
	size_t len;
};

struct place {
	char *host; /* without the brackets of IPv6 */
	char *port;
	struct address address;
};

static struct address parse_address(const char *text)
{
	struct address a = {.len = 0};

	if (inet_pton(AF_INET, text, a.b) == 1)
		a.len = 4;
	else if (inet_pton(AF_INET6, text, a.b) == 1)
		a.len = 16;
	return a;
}

static void strip_brackets(char *host)
{
	size_t n = strlen(host);

	if (n < 2 || host[0] != '[' || host[n - 1] != ']')
		return;
	memmove(host, host + 1, n - 2);
	host[n - 2] = '\0';
}

static bool parse_place(const char *url, struct place *ret)
{
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL;

	*ret = (struct place){.host = NULL};
	if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK) {
		ret->host = xstrdup(host);
		ret->port = xstrdup(port);
		strip_brackets(ret->host);
		ret->address = parse_address(ret->host);
	}
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return ret->host;
}

static bool in_prefix(const struct address *a, const struct address *net, uint64_t bits)
{
	size_t whole = (size_t)bits / 8, rest = (size_t)bits % 8;

	if (a->len == 0 || a->len != net->len || bits > 8 * net->len)
		return false;
	if (memcmp(a->b, net->b, whole) != 0)
		return false;
	return rest == 0 || (a->b[whole] ^ net->b[whole]) >> (8 - rest) == 0;
}

static bool matches_domain(const char *host, const char *domain)
{
	size_t h = strlen(host), d = strlen(domain);

	if (domain[0] == '.')
		return h > d && strcasecmp(host + h - d, domain) == 0;
	if (h == d)
		return strcasecmp(host, domain) == 0;
	return h > d && host[h - d - 1] == '.' && strcasecmp(host + h - d, domain) == 0;
}

static bool matches(const char *item, const struct place *place)
{
	_cleanup_(freep) char *host = xstrdup(item);
	char *slash = strchr(host, '/');
	char *colon = strrchr(host, ':');
	struct address net;

	if (streq(item, "*"))
		return true;
	if (slash) {
		struct err bad = ERR_INIT;
		uint64_t bits;

		*slash = '\0';
		net = parse_address(host);
		if (parse_u64(slash + 1, 128, &bits, &bad) == 0)
			return in_prefix(&place->address, &net, bits);
		err_release(&bad);
		return false;
	}
	/* a colon before the last one, without brackets, is an IPv6 address */
	if (colon && (host[0] == '[' ? colon[-1] == ']' : colon == strchr(host, ':'))) {
		*colon = '\0';
		if (!streq(colon + 1, place->port))
			return false;
	}
	strip_brackets(host);
	net = parse_address(host);
	if (net.len > 0)
		return in_prefix(&place->address, &net, 8 * net.len);
	return host[0] && matches_domain(place->host, startswith(host, "*.") ? host + 1 : host);
}

const char *ign_proxy_for(const json_t *proxy, const char *url)
{
	const char *http = json_string_value(json_object_get(proxy, "httpProxy"));
	const char *https = json_string_value(json_object_get(proxy, "httpsProxy"));
	const char *chosen = startswith(url, "https:") && https ? https : http;
	struct place place;
	json_t *item;
	size_t i;

	if (!chosen || !parse_place(url, &place))
		return "";
	json_array_foreach (json_object_get(proxy, "noProxy"), i, item) {
		if (matches(json_string_value(item), &place)) {
			chosen = "";
			break;
		}
	}
	free(place.host);
	free(place.port);
	return chosen;
}
