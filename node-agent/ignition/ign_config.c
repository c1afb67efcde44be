/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_config.h"

#include "buf.h"
#include "data_url.h"
#include "fetch.h"
#include "fsio.h"
#include "ign_merge.h"
#include "ign_resource.h"
#include "ignition_schema.h"
#include "limits.h"

#include <errno.h>
#include <fcntl.h>

/* A config that is being followed; each has the one that names it above it. */
struct step {
	const struct step *above;
	const char *source;
};

struct loader {
	struct ign_fetch *fetch;
	bool pinned;
	size_t configs, bytes; /* read so far */
};

static int parse_config(const char *text, size_t len, json_t **ret, struct err *err)
{
	_cleanup_json_ json_t *config = NULL;

	if (jsonx_parse(text, len, "$", &config, err) < 0) {
		err->kind = ERR_CONFIG;
		return -1;
	}
	if (ignition_check(config, err) < 0)
		return -1;
	*ret = TAKE_PTR(config);
	return 0;
}

/* What an error calls a config: its URL, or that it is a data URL, whose content may be secret. */
static char *name_of(const char *source)
{
	return data_url_is(source) ? xstrdup("data URL") : fetch_shown_url(source);
}

static int check_limits(struct loader *l, const char *source, const struct step *above,
			struct err *err)
{
	int depth = 0;

	for (const struct step *s = above; s; s = s->above, depth++)
		if (streq(s->source, source) && !data_url_is(source))
			return err_set(err, ERR_CONFIG, "the config leads to itself");
	if (depth >= LIMIT_IGN_DEPTH)
		return err_set(err, ERR_CONFIG, "more than %d configs lead to one another",
			       LIMIT_IGN_DEPTH);
	if (++l->configs > LIMIT_IGN_CONFIGS)
		return err_set(err, ERR_CONFIG, "more than %d configs in all", LIMIT_IGN_CONFIGS);
	return 0;
}

/* What a plan includes is what it was when the plan was made, however deep. */
static int check_pinned(const json_t *resource, const char *source, const char *path,
			struct err *err)
{
	const json_t *verification = json_object_get(resource, "verification");
	_cleanup_(freep) char *name = name_of(source);

	if (data_url_is(source) || json_string_length(json_object_get(verification, "hash")) > 0)
		return 0;
	return err_set(err, ERR_CONFIG,
		       "%s: %s: is included without a digest, so that the plan would not say what "
		       "it does; write its verification hash",
		       path, name);
}

/* The config that a resource of merge or replace names, checked. */
static int fetch_config(struct loader *l, const json_t *resource, const char *path,
			const struct step *above, json_t **ret, struct err *err)
{
	const char *source = json_string_value(json_object_get(resource, "source"));
	_cleanup_(freep) char *name = name_of(source);
	_cleanup_(freep) char *text = NULL;
	size_t len = 0;

	if (check_limits(l, source, above, err) < 0)
		return err_wrap(err, "%s: %s", path, name);
	if (l->pinned && check_pinned(resource, source, path, err) < 0)
		return -1;
	if (ign_resource_read(l->fetch, resource, path, LIMIT_IGN_BYTES - l->bytes, &text, &len,
			      err) < 0)
		return -1;
	l->bytes += len;
	if (parse_config(text, len, ret, err) < 0)
		return err_wrap(err, "%s: %s", path, name);
	return 0;
}

/* The settings of `over`, merged over those of `config`, for what is fetched from here on. */
static int use_settings(struct loader *l, const json_t *config, const json_t *over, struct err *err)
{
	_cleanup_json_ json_t *both = ign_merge(config, over);

	return ign_fetch_set(l->fetch, json_object_get(both, "ignition"), "$.ignition", err);
}

static int follow(struct loader *l, const json_t *config, const struct step *above, json_t **ret,
		  struct err *err);

static int follow_replace(struct loader *l, const json_t *resource, const struct step *above,
			  json_t **ret, struct err *err)
{
	const char *path = "$.ignition.config.replace";
	struct step step = {above, json_string_value(json_object_get(resource, "source"))};
	_cleanup_json_ json_t *config = NULL;
	_cleanup_(freep) char *name = name_of(step.source);

	if (fetch_config(l, resource, path, above, &config, err) < 0)
		return -1;
	if (ign_fetch_set(l->fetch, json_object_get(config, "ignition"), "$.ignition", err) < 0 ||
	    follow(l, config, &step, ret, err) < 0)
		return err_wrap(err, "%s: %s", path, name);
	return 0;
}

static int follow_merge(struct loader *l, const json_t *resource, const char *path,
			const struct step *above, json_t **merged, struct err *err)
{
	struct step step = {above, json_string_value(json_object_get(resource, "source"))};
	_cleanup_json_ json_t *config = NULL;
	_cleanup_json_ json_t *whole = NULL;
	_cleanup_(freep) char *name = name_of(step.source);
	json_t *both;

	if (fetch_config(l, resource, path, above, &config, err) < 0)
		return -1;
	/* what it leads to is fetched by its own settings over those so far */
	if (use_settings(l, *merged, config, err) < 0 || follow(l, config, &step, &whole, err) < 0)
		return err_wrap(err, "%s: %s", path, name);
	both = ign_merge(*merged, whole);
	json_decref(*merged);
	*merged = both;
	return 0;
}

static int follow(struct loader *l, const json_t *config, const struct step *above, json_t **ret,
		  struct err *err)
{
	const json_t *section = json_object_get(json_object_get(config, "ignition"), "config");
	const json_t *replace = json_object_get(section, "replace");
	_cleanup_json_ json_t *merged = NULL;
	json_t *resource;
	size_t i;

	if (json_string_length(json_object_get(replace, "source")) > 0)
		return follow_replace(l, replace, above, ret, err);
	merged = json_incref((json_t *)config);
	json_array_foreach (json_object_get(section, "merge"), i, resource) {
		_cleanup_(freep) char *path = xasprintf("$.ignition.config.merge[%zu]", i);

		if (follow_merge(l, resource, path, above, &merged, err) < 0)
			return -1;
	}
	*ret = TAKE_PTR(merged);
	return 0;
}

static void drop_nulls(json_t *j)
{
	const char *key;
	json_t *value;
	void *next;
	size_t i;

	json_object_foreach_safe(j, next, key, value)
	{
		if (json_is_null(value))
			json_object_del(j, key);
		else
			drop_nulls(value);
	}
	json_array_foreach (j, i, value)
		drop_nulls(value);
}

/* The merged config as the stages take it: no nulls, the newest version, nothing left to follow. */
static int finish(struct loader *l, const json_t *merged, json_t **ret, struct err *err)
{
	_cleanup_json_ json_t *config = json_deep_copy(merged);
	json_t *ignition = json_object_get(config, "ignition");

	drop_nulls(config);
	json_object_set_new(ignition, "version", json_string(IGN_VERSION));
	json_object_del(ignition, "config");
	if (ignition_check(config, err) < 0)
		return l->configs > 1 ? err_wrap(err, "the merged config") : -1;
	if (ign_fetch_set(l->fetch, ignition, "$.ignition", err) < 0)
		return -1;
	*ret = TAKE_PTR(config);
	return 0;
}

static int load(struct loader *l, const char *text, size_t len, json_t **ret, struct err *err)
{
	_cleanup_json_ json_t *config = NULL;
	_cleanup_json_ json_t *merged = NULL;

	l->configs = 1;
	l->bytes = len;
	if (parse_config(text, len, &config, err) < 0 ||
	    ign_fetch_set(l->fetch, json_object_get(config, "ignition"), "$.ignition", err) < 0 ||
	    follow(l, config, NULL, &merged, err) < 0)
		return -1;
	return finish(l, merged, ret, err);
}

static int read_standard_input(char **ret, size_t *ret_len, struct err *err)
{
	char block[65536];
	struct buf all;
	int r = 0;

	buf_init(&all, LIMIT_IGN_BYTES);
	for (;;) {
		ssize_t n = read(STDIN_FILENO, block, sizeof(block));

		if (n == 0)
			break;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = err_errno(err, ERR_IO, errno, "standard input");
		else if (!buf_add(&all, block, (size_t)n))
			r = err_set(err, ERR_CONFIG, "standard input: more than %zu bytes",
				    LIMIT_IGN_BYTES);
		if (r < 0)
			break;
	}
	*ret_len = all.len;
	*ret = buf_take(&all);
	buf_release(&all);
	return r;
}

static int load_file(const char *file, bool pinned, json_t **ret_config,
		     struct ign_fetch **ret_fetch, struct err *err)
{
	struct loader l = {.fetch = ign_fetch_new(), .pinned = pinned};
	_cleanup_(freep) char *text = NULL;
	bool input = streq(file, "-");
	size_t len = 0;
	int r;

	if (input)
		r = read_standard_input(&text, &len, err);
	else
		r = file_read(AT_FDCWD, file, LIMIT_IGN_BYTES, &text, &len, err);
	if (r == 0 && (r = load(&l, text, len, ret_config, err)) < 0)
		err_wrap(err, "%s", input ? "standard input" : file);
	if (r == 0)
		*ret_fetch = TAKE_PTR(l.fetch);
	ign_fetch_free(l.fetch);
	return r;
}

int ign_config_load(const char *file, json_t **ret_config, struct ign_fetch **ret_fetch,
		    struct err *err)
{
	return load_file(file, false, ret_config, ret_fetch, err);
}

int ign_config_load_pinned(const char *file, json_t **ret_config, struct ign_fetch **ret_fetch,
			   struct err *err)
{
	return load_file(file, true, ret_config, ret_fetch, err);
}
