/* SPDX-License-Identifier: Apache-2.0 */
/* A root of another system in a folder of its own, with something beside it that must stay. */
#ifndef PROVISION_IGN_SCENE_H
#define PROVISION_IGN_SCENE_H

#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fsio.h"
#include "ign_place.h"
#include "ign_root.h"
#include "jsonx.h"

struct ign_scene {
	char *top; /* holds "root" and "outside" */
	struct ign_root root;
};

static inline char *scene_path(const struct ign_scene *s, const char *path)
{
	return xasprintf("%s/root%s", s->top, path);
}

/* Makes the file, and the folders that it is in. */
static inline void scene_put(const struct ign_scene *s, const char *path, const char *text)
{
	_cleanup_(freep) char *full = scene_path(s, path);
	_cleanup_(freep) char *folder = xstrndup(full, (size_t)(strrchr(full, '/') - full));
	struct err err = ERR_INIT;

	assert_ok(dir_make(AT_FDCWD, folder, 0755, &err), &err);
	assert_ok(file_write(AT_FDCWD, full, text, strlen(text), 0644, &err), &err);
}

static inline void scene_link(const struct ign_scene *s, const char *path, const char *target)
{
	_cleanup_(freep) char *full = scene_path(s, path);

	assert_int_equal(symlink(target, full), 0);
}

static inline void scene_folder(const struct ign_scene *s, const char *path, mode_t mode)
{
	_cleanup_(freep) char *full = scene_path(s, path);
	struct err err = ERR_INIT;

	assert_ok(dir_make(AT_FDCWD, full, 0755, &err), &err);
	assert_int_equal(chmod(full, mode), 0);
}

/* What stands there: "text", "-> target", "folder", or "nothing". Caller frees. */
static inline char *scene_what(const struct ign_scene *s, const char *path)
{
	_cleanup_(freep) char *full = scene_path(s, path);
	struct err err = ERR_INIT;
	char target[4096] = "";
	struct stat st;
	char *text;
	size_t len;

	if (lstat(full, &st) < 0)
		return xstrdup("nothing");
	if (S_ISDIR(st.st_mode))
		return xstrdup("folder");
	if (S_ISLNK(st.st_mode)) {
		assert_true(readlink(full, target, sizeof(target) - 1) >= 0);
		return xasprintf("-> %s", target);
	}
	assert_ok(file_read(AT_FDCWD, full, 1000000, &text, &len, &err), &err);
	return text;
}

#define assert_there(s, path, what)                                                                \
	do {                                                                                       \
		_cleanup_(freep) char *found_ = scene_what(s, path);                               \
		assert_string_equal(found_, what);                                                 \
	} while (0)

static inline struct stat scene_stat(const struct ign_scene *s, const char *path)
{
	_cleanup_(freep) char *full = scene_path(s, path);
	struct stat st;

	assert_int_equal(lstat(full, &st), 0);
	return st;
}

static inline json_t *scene_config(const char *text)
{
	struct err err = ERR_INIT;
	json_t *j;

	assert_ok(jsonx_parse(text, strlen(text), "config", &j, &err), &err);
	return j;
}

static inline int scene_setup(void **state)
{
	struct ign_scene *s = xcalloc(1, sizeof(*s));
	_cleanup_(freep) char *root = NULL;
	struct err err = ERR_INIT;

	/* what the stage sets, see ign_stage.c */
	umask(022);
	s->top = xstrdup("/tmp/test-ignition-XXXXXX");
	assert_non_null(mkdtemp(s->top));
	root = xasprintf("%s/root", s->top);
	assert_int_equal(mkdir(root, 0755), 0);
	scene_put(s, "/../outside/file", "theirs");
	assert_ok(ign_root_open(&s->root, root, false, &err), &err);
	*state = s;
	return 0;
}

/* What is outside is there as it was, with nothing beside it; then all goes. */
static inline int scene_teardown(void **state)
{
	struct ign_scene *s = *state;
	struct err err = ERR_INIT;
	_cleanup_(freep) char *file = xasprintf("%s/outside/file", s->top);
	_cleanup_(freep) char *folder = xasprintf("%s/outside", s->top);

	assert_there(s, "/../outside/file", "theirs");
	assert_int_equal(unlink(file), 0);
	assert_int_equal(rmdir(folder), 0);
	ign_root_release(&s->root);
	assert_ok(ign_place_remove(AT_FDCWD, s->top, &err), &err);
	free(s->top);
	free(s);
	return 0;
}

#define scene_test(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)

#endif
