/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import_file.h"

#include "buf.h"
#include "fsio.h"
#include "limits.h"
#include "node_texts.h"
#include "workspace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Names of files that one sentence lists. */
#define MAX_NAMED 5

/* The folders that new files go to. */
static const char *const folders[] = {"nodes", "templates", "generic", "cloud"};

static int refuse_existing(int config, const struct import_file *files, size_t n, struct err *err)
{
	struct buf names;
	size_t count = 0;
	int r = 0;

	buf_init(&names, LIMIT_MESSAGE);
	for (size_t i = 0; i < n; i++) {
		if (faccessat(config, files[i].path, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (count++ < MAX_NAMED)
			buf_addf(&names, "%s%s", names.len ? ", " : "", files[i].path);
	}
	if (count)
		r = err_set(err, ERR_REFUSED,
			    "%s%s %s there already, and nothing is overwritten; rename or remove "
			    "what is to come anew. Nothing was written",
			    names.data, count > MAX_NAMED ? ", ..." : "",
			    count == 1 ? "is" : "are");
	buf_release(&names);
	return r;
}

/* Links, in the folder `to`, to every entry of the folder `from`, which may be absent. */
static int link_entries(const char *from, int to, bool top, struct err *err)
{
	DIR *dir = opendir(from);
	struct dirent *e;
	int r = 0;

	if (!dir)
		return errno == ENOENT ? 0 : err_errno(err, ERR_IO, errno, "%s", from);
	while (r == 0 && (e = readdir(dir))) {
		_cleanup_(freep) char *target = xasprintf("%s/%s", from, e->d_name);
		bool own = e->d_name[0] == '.';

		for (size_t i = 0; top && i < ARRAY_SIZE(folders); i++)
			own = own || streq(e->d_name, folders[i]);
		if (!own && symlinkat(target, to, e->d_name) < 0)
			r = err_errno(err, ERR_IO, errno, "a link to %s", target);
	}
	closedir(dir);
	return r;
}

static int fill_stage(const struct import_stage *s, const struct import_file *files, size_t n,
		      struct err *err)
{
	_cleanup_(closep) int top = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (top < 0)
		return err_errno(err, ERR_IO, errno, "%s", s->dir);
	if (link_entries(s->config, top, true, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		_cleanup_(freep) char *from = xasprintf("%s/%s", s->config, folders[i]);
		_cleanup_(closep) int fd = -1;

		if (dir_make(top, folders[i], 0755, err) < 0)
			return -1;
		fd = openat(top, folders[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			return err_errno(err, ERR_IO, errno, "%s/%s", s->dir, folders[i]);
		if (link_entries(from, fd, false, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++)
		if (file_write(top, files[i].path, files[i].text, strlen(files[i].text), 0644,
			       err) < 0)
			return err_wrap(err, "%s", s->dir);
	return 0;
}

int import_stage_make(const char *config_dir, const struct import_file *files, size_t n,
		      struct import_stage *ret, struct err *err)
{
	_cleanup_(import_stage_release) struct import_stage s = {0};
	_cleanup_(closep) int config = -1;

	s.config = realpath(config_dir, NULL);
	if (!s.config)
		return err_errno(err, ERR_IO, errno, "%s", config_dir);
	config = open(s.config, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (config < 0)
		return err_errno(err, ERR_IO, errno, "%s", s.config);
	if (refuse_existing(config, files, n, err) < 0)
		return -1;
	s.dir = xasprintf("%s/.import.XXXXXX", s.config);
	if (!mkdtemp(s.dir)) {
		int saved = errno;

		free(TAKE_PTR(s.dir));
		return err_errno(err, ERR_IO, saved, "%s", s.config);
	}
	if (fill_stage(&s, files, n, err) < 0)
		return -1;
	ret->dir = TAKE_PTR(s.dir);
	ret->config = TAKE_PTR(s.config);
	return 0;
}

static void check_plans(const struct paths *paths, struct problems *ps)
{
	_cleanup_(workspace_release) struct workspace w = {0};
	struct err err = ERR_INIT;

	if (workspace_load(paths, &w, &err) < 0) {
		problems_add(ps, "cluster.yaml", 0, 0, "%s", err_text(&err));
		err_release(&err);
		return;
	}
	for (size_t i = 0; i < w.inventory->n_nodes; i++) {
		const struct node *n = &w.inventory->nodes[i];
		const struct plan_facts facts = workspace_facts(&w, n);
		_cleanup_config_ struct config_item *config = workspace_config(&w, n, ps);
		_cleanup_(plan_freep) struct plan *p = NULL;

		if (!config)
			continue;
		/* what the asset store lacks is no fault of the files */
		if (workspace_plan(&w, n, &facts, &p, &err) < 0 && err.kind != ERR_REFUSED)
			problems_add(ps, n->place.file, 0, 0, "%s", err_text(&err));
		err_release(&err);
	}
}

void import_stage_check(const struct import_stage *s, const struct paths *paths,
			struct problems *ps)
{
	_cleanup_(inventory_freep) struct inventory *inv = NULL;
	_cleanup_(templates_freep) struct templates *templates = NULL;
	struct node_texts *texts = NULL;
	struct paths staged = *paths;

	staged.config = s->dir;
	if (node_texts_load(s->dir, &texts, ps) == 0)
		node_texts_free(texts);
	if (templates_load(paths->data, s->dir, &templates, ps) < 0)
		return;
	if (inventory_load(s->dir, &inv, ps) == 0)
		check_plans(&staged, ps);
}

int import_stage_commit(const struct import_stage *s, const struct import_file *files, size_t n,
			struct err *err)
{
	_cleanup_(closep) int from = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closep) int to = open(s->config, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t done = 0;
	int saved;

	if (from < 0 || to < 0)
		return err_errno(err, ERR_IO, errno, "%s", s->config);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		if (dir_make(to, folders[i], 0755, err) < 0)
			return err_wrap(err, "%s", s->config);
	/* templates last in the list are placed first: without its node a template says nothing */
	while (done < n) {
		const char *path = files[n - 1 - done].path;

		/* a file that appeared meanwhile is somebody's work */
		if (renameat2(from, path, to, path, RENAME_NOREPLACE) < 0)
			break;
		done++;
	}
	if (done == n) {
		syncfs(to);
		return 0;
	}
	saved = errno;
	for (size_t i = 0; i < done; i++)
		unlinkat(to, files[n - 1 - i].path, 0);
	return err_errno(err, saved == EEXIST ? ERR_REFUSED : ERR_IO, saved,
			 "%s/%s; nothing was written", s->config, files[n - 1 - done].path);
}

/* Only what this file makes: links and plain files. */
static void empty(int dirfd, const char *folder)
{
	int fd = openat(dirfd, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!dir) {
		closep(&fd);
		return;
	}
	while ((e = readdir(dir)))
		unlinkat(fd, e->d_name, 0);
	closedir(dir);
}

void import_stage_release(struct import_stage *s)
{
	_cleanup_(closep) int top = s->dir ? open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (top >= 0) {
		for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
			empty(top, folders[i]);
			unlinkat(top, folders[i], AT_REMOVEDIR);
		}
		empty(top, ".");
		rmdir(s->dir);
	}
	free(s->dir);
	free(s->config);
	*s = (struct import_stage){0};
}
