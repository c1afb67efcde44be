/* SPDX-License-Identifier: Apache-2.0 */
#include "render/ignition_secret.h"

#include "data_url.h"

#include <string.h>
#include <strings.h>

static bool is_text(const json_t *j)
{
	return json_is_string(j) && json_string_length(j);
}

/* "https://user:password@host/": the authority ends at the first of "/?#". */
static bool has_userinfo(const char *url)
{
	const char *authority = strstr(url, "://");

	if (!authority || data_url_is(url))
		return false;
	authority += 3;
	return memchr(authority, '@', strcspn(authority, "/?#")) != NULL;
}

/* A private key in PEM (RFC 7468) or of OpenSSH. */
static bool is_private_key(const char *source)
{
	struct err ignored = ERR_INIT;
	char *data = NULL;
	size_t len = 0;
	bool found;

	if (!data_url_is(source))
		return false;
	if (data_url_decode(source, &data, &len, &ignored) < 0) {
		err_release(&ignored);
		return false;
	}
	found = memmem(data, len, "PRIVATE KEY-----", strlen("PRIVATE KEY-----")) != NULL;
	free(data);
	return found;
}

/* A header whose name says that its value lets somebody in. */
static bool is_secret_header(const char *name)
{
	static const char *const words[] = {"auth", "cookie", "token", "key", "secret", "password"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

/* A resource: source and httpHeaders. */
static char *in_resource(const json_t *j, const char *path)
{
	const char *source = json_string_value(json_object_get(j, "source"));
	const json_t *headers = json_object_get(j, "httpHeaders"), *h;
	size_t i;

	if (source && (has_userinfo(source) || is_private_key(source)))
		return xasprintf("%s.source", path);
	json_array_foreach ((json_t *)headers, i, h) {
		const char *name = json_string_value(json_object_get(h, "name"));

		if (name && is_secret_header(name) && is_text(json_object_get(h, "value")))
			return xasprintf("%s.httpHeaders[%zu].value", path, i);
	}
	return NULL;
}

static char *in_each(const json_t *list, const char *path,
		     char *(*in_one)(const json_t *j, const char *path))
{
	char *found = NULL;
	const json_t *j;
	size_t i;

	json_array_foreach ((json_t *)list, i, j) {
		_cleanup_(freep) char *at = xasprintf("%s[%zu]", path, i);

		found = in_one(j, at);
		if (found)
			break;
	}
	return found;
}

static char *in_resources(const json_t *list, const char *path)
{
	return in_each(list, path, in_resource);
}

/* A config that is included, and stands there itself; what cannot be read may hold anything. */
static char *in_include(const json_t *j, const char *path)
{
	const char *source = json_string_value(json_object_get(j, "source"));
	_cleanup_(json_decrefp) json_t *config = NULL;
	_cleanup_(freep) char *text = NULL, *inner = NULL;
	struct err ignored = ERR_INIT;
	char *found = in_resource(j, path);
	size_t len = 0;

	if (found || !source || !data_url_is(source))
		return found;
	if (data_url_decode(source, &text, &len, &ignored) < 0 ||
	    jsonx_parse(text, len, path, &config, &ignored) < 0) {
		err_release(&ignored);
		return xasprintf("%s.source", path);
	}
	inner = ignition_secret(config);
	return inner ? xasprintf("%s.source", path) : NULL;
}

static char *in_account(const json_t *j, const char *path)
{
	return is_text(json_object_get(j, "passwordHash")) ? xasprintf("%s.passwordHash", path)
							   : NULL;
}

static char *in_luks(const json_t *j, const char *path)
{
	const json_t *key = json_object_get(j, "keyFile");

	return is_text(json_object_get(key, "source")) ? xasprintf("%s.keyFile.source", path)
						       : NULL;
}

static bool is_inline(const json_t *resource)
{
	const char *source = json_string_value(json_object_get(resource, "source"));
	const char *comma = source && data_url_is(source) ? strchr(source, ',') : NULL;

	return comma && comma[1];
}

static char *in_file(const json_t *j, const char *path)
{
	const json_t *mode = json_object_get(j, "mode"), *append = json_object_get(j, "append");
	const json_t *contents = json_object_get(j, "contents");
	_cleanup_(freep) char *at = xasprintf("%s.contents", path);
	_cleanup_(freep) char *more = xasprintf("%s.append", path);
	const bool closed = mode && !(json_integer_value(mode) & 0004);
	char *found = in_resource(contents, at);
	const json_t *a;
	size_t i;

	if (!found)
		found = in_resources(append, more);
	if (found || !closed)
		return found;
	if (is_inline(contents))
		return xasprintf("%s.source", at);
	json_array_foreach ((json_t *)append, i, a)
		if (is_inline(a))
			return xasprintf("%s[%zu].source", more, i);
	return NULL;
}

static char *in_list(const json_t *config, const char *section, const char *key,
		     char *(*in_one)(const json_t *j, const char *path))
{
	_cleanup_(freep) char *path = xasprintf("$.%s.%s", section, key);

	return in_each(json_object_get(json_object_get(config, section), key), path, in_one);
}

/* The config's own settings: what it merges, whom it trusts, its proxies. */
static char *in_settings(const json_t *config)
{
	static const char *const proxies[] = {"httpProxy", "httpsProxy"};
	const json_t *ignition = json_object_get(config, "ignition");
	const json_t *more = json_object_get(ignition, "config");
	const json_t *tls = json_object_get(json_object_get(ignition, "security"), "tls");
	const json_t *proxy = json_object_get(ignition, "proxy");
	char *found =
		in_each(json_object_get(more, "merge"), "$.ignition.config.merge", in_include);

	if (!found)
		found = in_include(json_object_get(more, "replace"), "$.ignition.config.replace");
	if (!found)
		found = in_resources(json_object_get(tls, "certificateAuthorities"),
				     "$.ignition.security.tls.certificateAuthorities");
	for (size_t i = 0; !found && i < ARRAY_SIZE(proxies); i++) {
		const char *url = json_string_value(json_object_get(proxy, proxies[i]));

		if (url && has_userinfo(url))
			found = xasprintf("$.ignition.proxy.%s", proxies[i]);
	}
	return found;
}

char *ignition_secret(const json_t *config)
{
	char *found = in_list(config, "passwd", "users", in_account);

	if (!found)
		found = in_list(config, "passwd", "groups", in_account);
	if (!found)
		found = in_list(config, "storage", "luks", in_luks);
	if (!found)
		found = in_list(config, "storage", "files", in_file);
	return found ? found : in_settings(config);
}
