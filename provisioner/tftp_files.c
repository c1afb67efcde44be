/* SPDX-License-Identifier: Apache-2.0 */
#include "tftp_files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "buf.h"
#include "dhcp/dhcp_boot.h"
#include "fsio.h"
#include "limits.h"
#include "text_template.h"

/* a loader has 100 KB to 1 MB */
#define LOADER_MAX (16 * 1024 * 1024)

static bool same_file(int from, int to, const char *name)
{
	struct stat a, b;

	return fstatat(from, name, &a, 0) == 0 && fstatat(to, name, &b, 0) == 0 &&
	       a.st_size == b.st_size && b.st_mtim.tv_sec >= a.st_mtim.tv_sec;
}

static int copy(int from, int to, const char *name, size_t *ret_loaders, struct err *err)
{
	_cleanup_(freep) char *data = NULL;
	size_t len;

	if (same_file(from, to, name)) {
		++*ret_loaders;
		return 0;
	}
	if (file_read(from, name, LOADER_MAX, &data, &len, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		err_release(err);
		return 0;
	}
	if (file_write(to, name, data, len, 0644, err) < 0)
		return -1;
	++*ret_loaders;
	return 0;
}

static int copy_loaders(const char *assets, int to, size_t *ret_loaders, struct err *err)
{
	_cleanup_(freep) char *dir = xasprintf("%s/ipxe", assets);
	_cleanup_(closep) int from = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t n;
	const struct boot_loader *loaders = boot_loaders(&n);

	if (from < 0)
		return errno == ENOENT ? 0 : err_errno(err, ERR_IO, errno, "%s", dir);
	for (size_t i = 0; i < n; i++)
		if (copy(from, to, loaders[i].file, ret_loaders, err) < 0)
			return -1;
	return 0;
}

static int write_autoexec(const char *data_dir, const char *http, int to, struct err *err)
{
	static const char *const names[] = {"http"};
	_cleanup_(freep) char *path = xasprintf("%s/ipxe-scripts/" TFTP_PROBE_FILE, data_dir),
			      *text = NULL;
	_cleanup_(buf_release) struct buf out;
	struct text_template *t = NULL;
	size_t len;
	int r;

	buf_init(&out, LIMIT_YAML_BYTES);
	if (file_read(AT_FDCWD, path, LIMIT_YAML_BYTES, &text, &len, err) < 0 ||
	    text_template_parse(text, path, names, ARRAY_SIZE(names), &t, err) < 0)
		return -1;
	text_template_render(t, &http, &out);
	text_template_free(t);
	r = file_write(to, TFTP_PROBE_FILE, out.data, out.len, 0644, err);
	return r;
}

/* The folder, made if need be. */
static int open_root(const struct paths *paths, struct err *err)
{
	_cleanup_(freep) char *dir = paths_tftp(paths);
	int fd;

	if (dir_make(AT_FDCWD, dir, 0755, err) < 0)
		return -1;
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_errno(err, ERR_IO, errno, "%s", dir) : fd;
}

int tftp_files_loaders(const struct paths *paths, size_t *ret_loaders, struct err *err)
{
	_cleanup_(freep) char *assets = paths_assets(paths);
	_cleanup_(closep) int to = open_root(paths, err);
	size_t n = 0;

	if (to < 0 || dir_make(to, "arm64", 0755, err) < 0 || copy_loaders(assets, to, &n, err) < 0)
		return -1;
	*ret_loaders = n;
	return 0;
}

int tftp_files_autoexec(const struct paths *paths, const char *http, struct err *err)
{
	_cleanup_(closep) int to = open_root(paths, err);

	return to < 0 ? -1 : write_autoexec(paths->data, http, to, err);
}
