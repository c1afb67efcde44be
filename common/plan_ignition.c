/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_ignition.h"

#include "data_url.h"
#include "ignition_schema.h"
#include "limits.h"

#include <string.h>

static const char *const sections[] = {"ignition", "storage", "systemd", "passwd",
				       "kernelArguments"};

/* $.a.b of an object; NULL when something of it is absent. Borrowed. */
static const json_t *below(const json_t *j, const char *first, const char *second)
{
	return json_object_get(json_object_get(j, first), second);
}

static int check_version(const json_t *config, struct err *err)
{
	const char *version = json_string_value(below(config, "ignition", "version"));

	if (!version || !streq(version, IGN_VERSION))
		return err_set(err, ERR_CONFIG, "$.ignition.version: is not " IGN_VERSION);
	return 0;
}

static int check_disks(const json_t *config, struct err *err)
{
	static const char *const keys[] = {"disks", "raid", "luks", "filesystems"};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (json_array_size(below(config, "storage", keys[i])))
			return err_set(err, ERR_CONFIG,
				       "$.storage.%s: a plan claims disks by its pools", keys[i]);
	return 0;
}

/* A plan says what comes of it: nobody on the way may say something else. */
static int check_resource(const json_t *resource, const char *path, struct err *err)
{
	const char *source = json_string_value(json_object_get(resource, "source"));

	if (!source || !startswith(source, "http://") || below(resource, "verification", "hash"))
		return 0;
	return err_set(err, ERR_CONFIG,
		       "%s.source: comes over plain http without a digest; write its "
		       "verification hash, or https",
		       path);
}

static int check_resources(const json_t *list, const char *path, struct err *err)
{
	json_t *j;
	size_t i;

	json_array_foreach ((json_t *)list, i, j) {
		_cleanup_(freep) char *at = xasprintf("%s[%zu]", path, i);

		if (check_resource(j, at, err) < 0)
			return -1;
	}
	return 0;
}

/* An installation goes on after a power cut, and a folder may be a pool's: neither what came in
 * between nor what was there goes. */
static int check_directories(const json_t *config, struct err *err)
{
	json_t *j;
	size_t i;

	json_array_foreach ((json_t *)below(config, "storage", "directories"), i, j)
		if (json_is_true(json_object_get(j, "overwrite")))
			return err_set(err, ERR_CONFIG,
				       "$.storage.directories[%zu].overwrite: a plan empties no "
				       "directory; leave it out",
				       i);
	return 0;
}

static int check_files(const json_t *config, struct err *err)
{
	json_t *j;
	size_t i;

	json_array_foreach ((json_t *)below(config, "storage", "files"), i, j) {
		_cleanup_(freep) char *contents = xasprintf("$.storage.files[%zu].contents", i);
		_cleanup_(freep) char *append = xasprintf("$.storage.files[%zu].append", i);

		if (check_resource(json_object_get(j, "contents"), contents, err) < 0 ||
		    check_resources(json_object_get(j, "append"), append, err) < 0)
			return -1;
	}
	return 0;
}

static int check_sources(const json_t *config, unsigned int depth, struct err *err);

/* An included config that stands in the plan itself. */
static int check_included(const json_t *resource, const char *source, const char *path,
			  unsigned int depth, struct err *err)
{
	_cleanup_(json_decrefp) json_t *config = NULL;
	_cleanup_(freep) char *text = NULL;
	size_t len = 0;

	if (depth > LIMIT_IGN_DEPTH)
		return err_set(err, ERR_CONFIG, "%s: is included deeper than %d", path,
			       LIMIT_IGN_DEPTH);
	if (json_object_get(resource, "compression"))
		return err_set(err, ERR_CONFIG, "%s: is compressed; include it as it is", path);
	if (data_url_decode(source, &text, &len, err) < 0 ||
	    jsonx_parse(text, len, "the included config", &config, err) < 0 ||
	    ignition_check(config, err) < 0 || check_disks(config, err) < 0 ||
	    check_directories(config, err) < 0 || check_sources(config, depth, err) < 0) {
		err->kind = ERR_CONFIG;
		return err_wrap(err, "%s", path);
	}
	return 0;
}

/* What a config includes is a part of it, which nobody sees before the installation. */
static int check_include(const json_t *resource, const char *path, unsigned int depth,
			 struct err *err)
{
	const char *source = json_string_value(json_object_get(resource, "source"));

	if (source && data_url_is(source))
		return check_included(resource, source, path, depth + 1, err);
	if (!source || below(resource, "verification", "hash"))
		return 0;
	return err_set(err, ERR_CONFIG,
		       "%s: is included without a digest, so that the plan would not say what it "
		       "does; write its verification hash",
		       path);
}

static int check_includes(const json_t *config, unsigned int depth, struct err *err)
{
	const json_t *include = below(config, "ignition", "config");
	json_t *j;
	size_t i;

	json_array_foreach (json_object_get(include, "merge"), i, j) {
		_cleanup_(freep) char *at = xasprintf("$.ignition.config.merge[%zu]", i);

		if (check_include(j, at, depth, err) < 0)
			return -1;
	}
	return check_include(json_object_get(include, "replace"), "$.ignition.config.replace",
			     depth, err);
}

static int check_sources(const json_t *config, unsigned int depth, struct err *err)
{
	const json_t *tls = json_object_get(below(config, "ignition", "security"), "tls");

	if (check_includes(config, depth, err) < 0 ||
	    check_resources(json_object_get(tls, "certificateAuthorities"),
			    "$.ignition.security.tls.certificateAuthorities", err) < 0)
		return -1;
	return check_files(config, err);
}

static int check_keys(const json_t *config, struct err *err)
{
	json_t *user, *key;
	size_t i, k;

	json_array_foreach ((json_t *)below(config, "passwd", "users"), i, user) {
		json_array_foreach (json_object_get(user, "sshAuthorizedKeys"), k, key) {
			const char *text = json_string_value(key);

			if (!*text || strpbrk(text, "\r\n"))
				return err_set(err, ERR_CONFIG,
					       "$.passwd.users[%zu].sshAuthorizedKeys[%zu]: is "
					       "not one line",
					       i, k);
		}
	}
	return 0;
}

bool kernel_argument_is_valid(const char *argument)
{
	/* it goes through grub.cfg, where a shell reads it */
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-=,:/@+%";

	return *argument && !argument[strspn(argument, allowed)];
}

static int check_arguments(const json_t *config, struct err *err)
{
	static const char *const keys[] = {"shouldExist", "shouldNotExist"};
	json_t *j;
	size_t i;

	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		json_array_foreach ((json_t *)below(config, "kernelArguments", keys[k]), i, j)
			if (!kernel_argument_is_valid(json_string_value(j)))
				return err_set(err, ERR_CONFIG,
					       "$.kernelArguments.%s[%zu]: is no single kernel "
					       "argument",
					       keys[k], i);
	return 0;
}

/* Lists that the agent works through; the check of each costs the length of it. */
static int check_sizes(const json_t *config, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		const json_t *section = json_object_get(config, sections[i]);
		const char *key;
		json_t *list;

		json_object_foreach ((json_t *)section, key, list)
			if (json_array_size(list) > LIMIT_PLAN_ENTRIES)
				return err_set(err, ERR_CONFIG, "$.%s.%s: has more than %d entries",
					       sections[i], key, LIMIT_PLAN_ENTRIES);
	}
	return 0;
}

int plan_ignition_check(const json_t *config, struct err *err)
{
	if (check_sizes(config, err) < 0 || ignition_check(config, err) < 0 ||
	    check_version(config, err) < 0 || check_disks(config, err) < 0 ||
	    check_directories(config, err) < 0 || check_sources(config, 0, err) < 0 ||
	    check_keys(config, err) < 0)
		return -1;
	return check_arguments(config, err);
}

void plan_ignition_put(json_t *doc, const struct plan *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		const json_t *section = json_object_get(p->config, sections[i]);

		if (section)
			json_object_set_new(doc, sections[i], json_deep_copy(section));
	}
}

int plan_ignition_get(const json_t *doc, struct plan *p, struct err *err)
{
	_cleanup_(json_decrefp) json_t *config = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		json_t *section = json_object_get(doc, sections[i]);

		if (section)
			json_object_set(config, sections[i], section);
	}
	if (plan_ignition_check(config, err) < 0) {
		err->kind = ERR_PROTOCOL;
		return -1;
	}
	json_decref(p->config);
	p->config = json_deep_copy(config);
	return 0;
}

void plan_kernel_arguments(const struct plan *p, const char *key, struct strv *ret)
{
	json_t *j;
	size_t i;

	json_array_foreach ((json_t *)below(p->config, "kernelArguments", key), i, j)
		strv_add(ret, json_string_value(j));
}
