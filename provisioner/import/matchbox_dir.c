/* SPDX-License-Identifier: Apache-2.0 */
#include "import/matchbox_dir.h"

#include "fsio.h"
#include "limits.h"
#include "parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int matchbox_dir_list(int dirfd, const char *folder, struct strv *ret, struct problems *left,
		      struct err *err)
{
	int fd = openat(dirfd, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *e;
	DIR *dir;

	if (fd < 0 && errno == ENOENT)
		return 0;
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir)
		return err_errno(err, ERR_IO, errno, "%s", folder);
	while ((e = readdir(dir))) {
		struct stat st;

		if (e->d_name[0] == '.' || fstatat(fd, e->d_name, &st, 0) < 0)
			continue;
		if (S_ISREG(st.st_mode) && ret->n < LIMIT_NODES) {
			strv_add(ret, e->d_name);
			continue;
		}
		_cleanup_(freep) char *shown = printable_text(e->d_name, strlen(e->d_name));
		_cleanup_(freep) char *file = xasprintf("%s/%s", folder, shown);

		problems_add(left, file, 0, 0, "%s",
			     S_ISREG(st.st_mode)
				     ? "there are more files here than a configuration has nodes"
				     : "is no file; Matchbox reads only what lies directly in its "
				       "folders");
	}
	closedir(dir);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), compare);
	return 0;
}

/* A member that is a text, or NULL; anything else is told. Borrowed. */
static const char *text_of(const json_t *j, const char *key, const char *file,
			   struct problems *left)
{
	const json_t *value = json_object_get(j, key);

	if (value && !json_is_null(value) && !json_is_string(value))
		problems_add(left, file, 0, 0, "$.%s: is no text", key);
	return json_is_string(value) && json_string_length(value) ? json_string_value(value) : NULL;
}

static char *copy_of(const json_t *j, const char *key, const char *file, struct problems *left)
{
	return xstrdup(text_of(j, key, file, left));
}

/* A member that is an object of its own; an empty one when it is absent or something else. */
static json_t *object_of(const json_t *j, const char *key, const char *file, struct problems *left)
{
	json_t *value = json_object_get(j, key);

	if (json_is_object(value))
		return json_incref(value);
	if (value && !json_is_null(value))
		problems_add(left, file, 0, 0, "$.%s: is no object", key);
	return json_object();
}

static void texts_of(const json_t *j, const char *key, const char *file, struct strv *ret,
		     struct problems *left)
{
	const json_t *list = json_object_get(j, key);
	json_t *element;
	size_t i;

	if (list && !json_is_null(list) && !json_is_array(list))
		problems_add(left, file, 0, 0, "$.boot.%s: is no list", key);
	json_array_foreach ((json_t *)list, i, element) {
		if (json_is_string(element))
			strv_add(ret, json_string_value(element));
		else
			problems_add(left, file, 0, 0, "$.boot.%s[%zu]: is no text", key, i);
	}
}

static void tell_unknown(const json_t *j, const char *path, const char *const *known, size_t n,
			 const char *file, struct problems *left)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)j, key, value) {
		bool found = false;

		for (size_t i = 0; i < n; i++)
			found = found || streq(known[i], key);
		if (!found) {
			_cleanup_(freep) char *shown =
				printable_text(key, strnlen(key, LIMIT_NAME));

			problems_add(left, file, 0, 0, "%s.%s: Matchbox has no such key", path,
				     shown);
		}
	}
}

/* The id that the document gives itself, else the file's name. */
static char *id_of(const json_t *j, const char *file, struct problems *left)
{
	const char *id = text_of(j, "id", file, left), *slash = strchr(file, '/');

	return id ? xstrdup(id) : xstrndup(slash + 1, strlen(slash + 1) - strlen(".json"));
}

static void read_group(struct matchbox_dir *m, const json_t *j, const char *file,
		       struct problems *left)
{
	static const char *const known[] = {"id", "name", "profile", "selector", "metadata"};
	struct matchbox_group *g = ARRAY_APPEND(m->groups, m->n_groups);
	const char *profile = text_of(j, "profile", file, left), *key;
	json_t *value;
	void *next;

	tell_unknown(j, "$", known, ARRAY_SIZE(known), file, left);
	g->file = xstrdup(file);
	g->id = id_of(j, file, left);
	g->profile = xstrdup(profile ? profile : "");
	g->selector = object_of(j, "selector", file, left);
	g->metadata = object_of(j, "metadata", file, left);
	json_object_foreach_safe(g->selector, next, key, value)
	{
		_cleanup_(freep) char *shown = printable_text(key, strnlen(key, LIMIT_NAME));

		if (json_is_string(value))
			continue;
		/* the group stays one that selects by something */
		problems_add(left, file, 0, 0, "$.selector.%s: is no text", shown);
		json_object_set_new(g->selector, key, json_string(""));
	}
}

static void read_profile(struct matchbox_dir *m, const json_t *j, const char *file,
			 struct problems *left)
{
	static const char *const known[] = {"id",       "name",       "ignition_id",
					    "cloud_id", "generic_id", "boot",
					    "ignition", "cloud",      "generic"};
	static const char *const known_boot[] = {"kernel", "initrd", "args", "cmdline"};
	struct matchbox_profile *p = ARRAY_APPEND(m->profiles, m->n_profiles);
	_cleanup_json_ json_t *boot = object_of(j, "boot", file, left);

	tell_unknown(j, "$", known, ARRAY_SIZE(known), file, left);
	tell_unknown(boot, "$.boot", known_boot, ARRAY_SIZE(known_boot), file, left);
	if (json_object_get(boot, "cmdline"))
		problems_add(left, file, 0, 0,
			     "$.boot.cmdline: is of old versions of Matchbox; write its words into "
			     "kernelArguments of the node's record");
	p->file = xstrdup(file);
	p->id = id_of(j, file, left);
	p->ignition_id = copy_of(j, "ignition_id", file, left);
	p->cloud_id = copy_of(j, "cloud_id", file, left);
	p->generic_id = copy_of(j, "generic_id", file, left);
	p->kernel = copy_of(boot, "kernel", file, left);
	texts_of(boot, "initrd", file, &p->initrd, left);
	texts_of(boot, "args", file, &p->args, left);
}

static int read_folder(int dirfd, const char *folder, struct matchbox_dir *m,
		       void (*read)(struct matchbox_dir *m, const json_t *j, const char *file,
				    struct problems *left),
		       struct problems *left, struct err *err)
{
	_cleanup_(strv_release) struct strv names = {0};

	if (matchbox_dir_list(dirfd, folder, &names, left, err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		_cleanup_(freep) char *shown = printable_text(names.v[i], strlen(names.v[i]));
		_cleanup_(freep) char *file = xasprintf("%s/%s", folder, shown);
		_cleanup_(freep) char *path = xasprintf("%s/%s", folder, names.v[i]);
		_cleanup_(freep) char *text = NULL;
		_cleanup_json_ json_t *j = NULL;
		struct err why = ERR_INIT;
		size_t len = 0;

		if (!endswith(path, ".json")) {
			problems_add(left, file, 0, 0,
				     "Matchbox reads only files that end in .json");
			continue;
		}
		if (file_read(dirfd, path, LIMIT_YAML_BYTES, &text, &len, &why) < 0 ||
		    jsonx_parse(text, len, "the file", &j, &why) < 0)
			problems_add(left, file, 0, 0, "%s", err_text(&why));
		else if (!json_is_object(j))
			problems_add(left, file, 0, 0, "is no JSON object");
		else
			read(m, j, file, left);
		err_release(&why);
	}
	return 0;
}

int matchbox_dir_read(int dirfd, struct matchbox_dir *ret, struct problems *left, struct err *err)
{
	if (faccessat(dirfd, "groups", F_OK, 0) < 0)
		return err_errno(err, ERR_CONFIG, errno,
				 "groups/ is missing: name Matchbox's data directory, by default "
				 "/var/lib/matchbox");
	if (read_folder(dirfd, "groups", ret, read_group, left, err) < 0)
		return -1;
	return read_folder(dirfd, "profiles", ret, read_profile, left, err);
}

struct matchbox_profile *matchbox_profile_find(const struct matchbox_dir *m, const char *id)
{
	for (size_t i = 0; i < m->n_profiles; i++)
		if (streq(m->profiles[i].id, id))
			return &m->profiles[i];
	return NULL;
}

void matchbox_dir_release(struct matchbox_dir *m)
{
	for (size_t i = 0; i < m->n_groups; i++) {
		struct matchbox_group *g = &m->groups[i];

		free(g->file);
		free(g->id);
		free(g->profile);
		json_decref(g->selector);
		json_decref(g->metadata);
	}
	for (size_t i = 0; i < m->n_profiles; i++) {
		struct matchbox_profile *p = &m->profiles[i];

		free(p->file);
		free(p->id);
		free(p->ignition_id);
		free(p->cloud_id);
		free(p->generic_id);
		free(p->kernel);
		strv_release(&p->initrd);
		strv_release(&p->args);
	}
	free(m->groups);
	free(m->profiles);
	*m = (struct matchbox_dir){0};
}
