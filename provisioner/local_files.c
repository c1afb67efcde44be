/* SPDX-License-Identifier: Apache-2.0 */
#include "local_files.h"

#include "fsio.h"
#include "limits.h"
#include "parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

struct walk {
	struct local_files *files;
	struct problems *ps;
	int top;
	size_t bytes, room;
};

struct local_files *local_files_free(struct local_files *files)
{
	if (!files)
		return NULL;
	for (size_t i = 0; i < files->n; i++) {
		free(files->f[i].path);
		free(files->f[i].data);
		free(files->f[i].link);
		free(files->f[i].problem);
	}
	free(files->f);
	free(files);
	return NULL;
}

static int tell(const struct walk *w, const char *path, const char *text)
{
	_cleanup_(freep) char *shown = xasprintf("%s%s%s", LOCAL_FOLDER, *path ? "/" : "", path);

	problems_add(w->ps, shown, 0, 0, "%s", text);
	return -1;
}

static struct local_file *add(struct walk *w, char *path)
{
	struct local_files *files = w->files;

	if (files->n == w->room) {
		w->room = w->room ? 2 * w->room : 16;
		files->f = xrealloc(files->f, w->room, sizeof(*files->f));
	}
	files->f[files->n] = (struct local_file){.path = path};
	return &files->f[files->n++];
}

static int read_data(struct walk *w, struct local_file *f)
{
	struct err err = ERR_INIT;
	_cleanup_(closep) int fd = file_open_beneath(w->top, f->path, O_RDONLY | O_NONBLOCK, &err);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0) {
		f->problem =
			xstrdup(f->link && err.kind == ERR_NOT_FOUND
					? "is a link that leads nowhere inside of " LOCAL_FOLDER "/"
					: err_text(&err));
		err_release(&err);
		return 0;
	}
	if (!S_ISREG(st.st_mode)) {
		f->problem = xstrdup("is no plain file");
		return 0;
	}
	if (st.st_size > LIMIT_LOCAL_FILE) {
		f->problem = xasprintf("has more than %d bytes; serve it and write source: with "
				       "its verification:",
				       LIMIT_LOCAL_FILE);
		return 0;
	}
	f->executable = st.st_mode & S_IXUSR;
	f->data = xmalloc((size_t)st.st_size + 1);
	while (f->len < (size_t)st.st_size) {
		ssize_t n = read(fd, f->data + f->len, (size_t)st.st_size - f->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		f->len += (size_t)n;
	}
	f->data[f->len] = '\0';
	w->bytes += f->len;
	if (w->bytes > LIMIT_LOCAL_BYTES)
		return tell(w, "",
			    "holds too much; what nodes load from elsewhere (source:) need not "
			    "lie here");
	return 0;
}

static char *read_link(int dir, const char *name)
{
	char target[PATH_MAX];
	ssize_t n = readlinkat(dir, name, target, sizeof(target));

	return n < 0 ? xstrdup("") : xstrndup(target, (size_t)n);
}

static int walk_folder(struct walk *w, int fd, const char *path, unsigned int depth);

static int walk_entry(struct walk *w, int dir, const char *folder, const char *name,
		      unsigned int depth)
{
	_cleanup_(freep) char *path = xasprintf("%s%s%s", folder, *folder ? "/" : "", name);
	struct local_file *f;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : tell(w, path, strerror(errno));
	if (S_ISDIR(st.st_mode)) {
		int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd < 0)
			return tell(w, path, strerror(errno));
		if (depth >= LIMIT_YAML_DEPTH) {
			close(fd);
			return tell(w, path, "is nested too deeply");
		}
		return walk_folder(w, fd, path, depth + 1);
	}
	if (w->files->n >= LIMIT_LOCAL_FILES)
		return tell(w, "", "has too many files");
	f = add(w, TAKE_PTR(path));
	if (S_ISLNK(st.st_mode))
		f->link = read_link(dir, name);
	return read_data(w, f);
}

/* Takes fd. */
static int walk_folder(struct walk *w, int fd, const char *path, unsigned int depth)
{
	DIR *d = fdopendir(fd);
	const struct dirent *e;
	int r = 0;

	if (!d) {
		close(fd);
		return tell(w, path, strerror(errno));
	}
	while (r == 0 && (e = readdir(d)))
		if (!streq(e->d_name, ".") && !streq(e->d_name, ".."))
			r = walk_entry(w, fd, path, e->d_name, depth);
	closedir(d);
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct local_file *x = a, *y = b;

	return strcmp(x->path, y->path);
}

int local_files_load(const char *config_dir, struct local_files **ret, struct problems *ps)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", config_dir, LOCAL_FOLDER);
	_cleanup_(local_files_freep) struct local_files *files = xcalloc(1, sizeof(*files));
	_cleanup_(closep) int top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct walk w = {.files = files, .ps = ps, .top = top};
	int copy;

	if (top < 0 && errno != ENOENT)
		return tell(&w, "", strerror(errno));
	if (top >= 0) {
		copy = fcntl(top, F_DUPFD_CLOEXEC, 3);
		if (copy < 0)
			return tell(&w, "", strerror(errno));
		if (walk_folder(&w, copy, "", 0) < 0)
			return -1;
	}
	if (files->n)
		qsort(files->f, files->n, sizeof(*files->f), compare);
	*ret = TAKE_PTR(files);
	return 0;
}

/* Takes fd and path. */
static void list_folders(int fd, char *path, unsigned int depth, struct strv *ret)
{
	DIR *d = fdopendir(fd);
	const struct dirent *e;

	strv_take(ret, path);
	if (!d)
		close(fd);
	while (d && ret->n < LIMIT_LOCAL_FILES && (e = readdir(d))) {
		int below;

		if (streq(e->d_name, ".") || streq(e->d_name, "..") || depth >= LIMIT_YAML_DEPTH)
			continue;
		below = openat(fd, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (below >= 0)
			list_folders(below, xasprintf("%s/%s", path, e->d_name), depth + 1, ret);
	}
	if (d)
		closedir(d);
}

void local_files_folders(const char *config_dir, struct strv *ret)
{
	char *path = xasprintf("%s/%s", config_dir, LOCAL_FOLDER);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		list_folders(fd, path, 0, ret);
	else
		free(path);
}

char *local_path_clean(const char *path)
{
	char *clean = xmalloc(strlen(path) + 1), *to = clean;

	while (*path) {
		size_t len = strcspn(path, "/");

		if (len && !(len == 1 && *path == '.')) {
			if (to > clean)
				*to++ = '/';
			memcpy(to, path, len);
			to += len;
		}
		path += len + (path[len] == '/');
	}
	*to = '\0';
	return clean;
}

const struct local_file *local_files_find(const struct local_files *files, const char *path)
{
	_cleanup_(freep) char *clean = local_path_clean(path);
	const struct local_file wanted = {.path = clean};

	return files->n ? bsearch(&wanted, files->f, files->n, sizeof(wanted), compare) : NULL;
}

const char *local_file_below(const struct local_file *file, const char *folder)
{
	size_t len = strlen(folder);

	if (!len)
		return file->path;
	return startswith(file->path, folder) && file->path[len] == '/' ? file->path + len + 1
									: NULL;
}

const char *local_files_nearest(const struct local_files *files, const char *path)
{
	_cleanup_(freep) const char **names = xcalloc(files->n + 1, sizeof(*names));
	_cleanup_(freep) char *clean = local_path_clean(path);

	for (size_t i = 0; i < files->n; i++)
		names[i] = files->f[i].path;
	return nearest_name(clean, names, files->n);
}
