/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/pool_words.h"

#include "parse.h"

#include <string.h>

static const char *const keys[] = {"name", "mount", "data", "metadata", "compression", "disk"};

static bool begins_word(const char *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		size_t len = strlen(keys[i]);

		if (startswith(p, keys[i]) && p[len] == '=')
			return true;
	}
	return false;
}

static int set_profile(enum btrfs_profile *field, const char *key, const char *value,
		       struct err *err)
{
	return profile_parse(value, field, err) < 0 ? err_wrap(err, "%s", key) : 0;
}

static int set_text(char **field, const char *value)
{
	free(*field);
	*field = xstrdup(value);
	return 0;
}

static int apply(struct pool_spec *p, const char *key, const char *value, struct err *err)
{
	struct disk_spec spec;

	if (!*value)
		return err_set(err, ERR_USAGE, "%s has no value", key);
	if (streq(key, "name"))
		return set_text(&p->name, value);
	if (streq(key, "mount"))
		return set_text(&p->mount, value);
	if (streq(key, "compression"))
		return set_text(&p->compression, value);
	if (streq(key, "data"))
		return set_profile(&p->data, key, value, err);
	if (streq(key, "metadata"))
		return set_profile(&p->metadata, key, value, err);
	if (disk_spec_parse(value, &spec, err) < 0)
		return -1;
	*ARRAY_APPEND(p->disks, p->n_disks) = spec;
	return 0;
}

/* The end of the value at p: a comma behind which a known word begins, or the end. A disk's rule
 * keeps its own commas; elsewhere what follows one has to be a word and is judged as such. */
static const char *end_of_value(const char *p, bool is_disk)
{
	for (; *p; p++)
		if (*p == ',' && (!is_disk || begins_word(p + 1)))
			return p;
	return p;
}

int pool_words_parse(const char *text, struct pool_spec *ret_pool, struct err *err)
{
	for (const char *p = text; *p;) {
		const char *equals = strchr(p, '='), *end;
		_cleanup_(freep) char *key = NULL, *value = NULL;

		if (!begins_word(p) || !equals) {
			_cleanup_(freep) char *word = xstrndup(p, strcspn(p, "=,"));
			const char *near = nearest_name(word, keys, ARRAY_SIZE(keys));

			return err_set(
				err, ERR_USAGE,
				"\"%.40s\" is no word of a pool (name, mount, data, metadata, "
				"compression, disk)%s%s%s",
				word, near ? "; did you mean " : "", near ? near : "",
				near ? "?" : "");
		}
		key = xstrndup(p, (size_t)(equals - p));
		end = end_of_value(equals + 1, streq(key, "disk"));
		value = xstrndup(equals + 1, (size_t)(end - equals - 1));
		if (apply(ret_pool, key, value, err) < 0)
			return -1;
		p = *end ? end + 1 : end;
	}
	if (!ret_pool->name)
		return err_set(err, ERR_USAGE, "the pool has no name: name=tank,...");
	if (!ret_pool->n_disks)
		return err_set(err, ERR_USAGE, "the pool %s has no disk: disk=serial=...",
			       ret_pool->name);
	return 0;
}
