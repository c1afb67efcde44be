/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_key.h"

#include "fsio.h"
#include "limits.h"
#include "parse.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* As many as the reference implementation makes up; as hex digits, for clevis reads lines. */
#define MADE_BYTES 4096

void ign_key_release(struct ign_key *k)
{
	secret_release(&k->secret);
	closep(&k->fd);
	free(k->path);
	*k = IGN_KEY_INIT;
}

static int make_up(struct secret *ret, struct err *err)
{
	uint8_t bytes[MADE_BYTES];
	_cleanup_(freep) char *text = xmalloc(2 * sizeof(bytes) + 1);
	size_t n = 0;

	while (n < sizeof(bytes)) {
		ssize_t r = getrandom(bytes + n, sizeof(bytes) - n, 0);

		if (r < 0 && errno != EINTR)
			return err_errno(err, ERR_IO, errno, "cannot get random numbers");
		n += r > 0 ? (size_t)r : 0;
	}
	format_hex(bytes, sizeof(bytes), text);
	secret_set(ret, text, 2 * sizeof(bytes));
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(text, 2 * sizeof(bytes));
	return 0;
}

static int read_file(struct ign_fetch *f, const json_t *file, const char *path, struct secret *ret,
		     struct err *err)
{
	_cleanup_(freep) char *at = xasprintf("%s.keyFile", path), *data = NULL;
	size_t len;

	if (ign_resource_read(f, file, at, LIMIT_IGN_KEY, &data, &len, err) < 0)
		return -1;
	if (len > 0)
		secret_set(ret, data, len);
	explicit_bzero(data, len);
	return len > 0 ? 0 : err_set(err, ERR_REFUSED, "%s: the key is empty", at);
}

static int put_in_memory(struct ign_key *k, struct err *err)
{
	k->fd = memfd_create("key", MFD_CLOEXEC);
	if (k->fd < 0)
		return err_errno(err, ERR_IO, errno, "no memory for a key");
	k->path = xasprintf("/proc/%d/fd/%d", (int)getpid(), k->fd);
	return fd_write_all(k->fd, secret_reveal(&k->secret), secret_length(&k->secret), err);
}

int ign_key_get(struct ign_fetch *f, const json_t *luks, const char *path, struct ign_key *ret,
		struct err *err)
{
	const json_t *file = json_object_get(luks, "keyFile");
	const char *source = json_string_value(json_object_get(file, "source"));

	ret->made = !source || !*source;
	if ((ret->made ? make_up(&ret->secret, err) : read_file(f, file, path, &ret->secret, err)) <
	    0)
		return -1;
	return put_in_memory(ret, err);
}

int ign_key_can_keep(const char *path, struct err *err)
{
	struct statfs fs;

	if (statfs("/run", &fs) < 0)
		return err_errno(err, ERR_IO, errno, "/run");
	if (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC)
		return err_set(err, ERR_REFUSED,
			       "%s.keyFile: is not given, and /run, where a made up key would wait "
			       "for the files stage, is no tmpfs",
			       path);
	return 0;
}

int ign_key_keep(const char *name, const struct ign_key *k, struct err *err)
{
	_cleanup_(freep) char *file = xasprintf(IGN_KEY_FOLDER "/%s", name);

	if (dir_make(AT_FDCWD, IGN_KEY_FOLDER, 0700, err) < 0)
		return -1;
	return file_write(AT_FDCWD, file, secret_reveal(&k->secret), secret_length(&k->secret),
			  0600, err);
}

int ign_key_kept(const char *name, struct secret *ret, struct err *err)
{
	_cleanup_(freep) char *file = xasprintf(IGN_KEY_FOLDER "/%s", name), *data = NULL;
	size_t len;

	if (file_read(AT_FDCWD, file, LIMIT_IGN_KEY, &data, &len, err) < 0)
		return -1;
	secret_set(ret, data, len);
	explicit_bzero(data, len);
	return 0;
}
