/* SPDX-License-Identifier: Apache-2.0 */
#include "assets.h"

#include "assets_scan.h"
#include "base64.h"
#include "fsio.h"
#include "limits.h"
#include "secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

/* Whoever can open a file can lock it, and a lock on the folder itself is anybody's: hence files of
 * their own. */
#define SIGNER_LOCK ".lock"          /* held from the scan to the signature, which is long */
#define READER_LOCK ".manifest.lock" /* held while manifest and signature are read or replaced */

static int open_assets(const char *state_dir, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/assets", state_dir);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		return fd;
	return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "cannot open %s",
			 path);
}

static int read_signature(int dir, uint8_t ret[ED25519_SIGNATURE_SIZE], struct err *err)
{
	_cleanup_(freep) char *text = NULL;
	size_t len;

	if (file_read(dir, "manifest.sig", 256, &text, &len, err) < 0)
		return -1;
	text[strcspn(text, "\n")] = '\0';
	return base64_decode_exact(text, ret, ED25519_SIGNATURE_SIZE, err);
}

/* Only bytes with a good signature reach the JSON parser. */
static int load(const char *state_dir, int dir, struct manifest *ret, struct err *err)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_json_ json_t *j = NULL;
	uint8_t key[ED25519_KEY_SIZE], signature[ED25519_SIGNATURE_SIZE];
	size_t len;

	if (file_read(dir, "manifest.json", LIMIT_MANIFEST_BYTES, &text, &len, err) < 0 ||
	    secrets_manifest_public(state_dir, key, err) < 0)
		return -1;
	if (read_signature(dir, signature, err) < 0 ||
	    ed25519_verify(key, text, len, signature, err) < 0) {
		err->kind = ERR_VERIFY;
		return err_wrap(err, "manifest.json");
	}
	return jsonx_parse(text, len, "manifest.json", &j, err) < 0
		       ? -1
		       : manifest_from_json(j, ret, err);
}

/* Opens, or makes, a lock that only its owner and group get at, and takes it. Closing gives it
 * back. */
static int lock_to_write(const char *state_dir, int dir, const char *name, mode_t mode,
			 struct err *err)
{
	_cleanup_(closep) int fd =
		openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode);

	/* whatever the umask is */
	if (fd < 0 || fchmod(fd, mode) < 0 || flock(fd, LOCK_EX) < 0)
		return err_errno(err, ERR_IO, errno, "cannot lock %s/assets/%s", state_dir, name);
	return TAKE_FD(fd);
}

/* -1 in *ret_fd without an error: read without a lock. Nobody has signed yet; or it is somebody who
 * may read the files and not hold their writer up, and who at worst sees a signature that does not
 * match. */
static int lock_to_read(const char *state_dir, int dir, enum assets_wait wait, int *ret_fd,
			struct err *err)
{
	_cleanup_(closep) int fd = openat(dir, READER_LOCK, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno != ENOENT && errno != EACCES)
		return err_errno(err, ERR_IO, errno, "%s/assets/" READER_LOCK, state_dir);
	if (fd >= 0 && flock(fd, wait == ASSETS_NOW ? LOCK_SH | LOCK_NB : LOCK_SH) < 0)
		return errno == EWOULDBLOCK
			       ? err_set(err, ERR_BUSY,
					 "%s/assets is being signed: try again in a moment",
					 state_dir)
			       : err_errno(err, ERR_IO, errno, "cannot lock %s/assets", state_dir);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int assets_give_lock(const char *state_dir, gid_t gid, struct err *err)
{
	_cleanup_(closep) int dir = open_assets(state_dir, err), lock = -1;

	if (dir < 0)
		return -1;
	lock = openat(dir, READER_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (lock < 0 || fchown(lock, (uid_t)-1, gid) < 0 || fchmod(lock, 0640) < 0)
		return err_errno(err, ERR_IO, errno, "%s/assets/" READER_LOCK, state_dir);
	return 0;
}

int assets_load(const char *state_dir, enum assets_wait wait, struct manifest *ret, struct err *err)
{
	_cleanup_(closep) int dir = open_assets(state_dir, err), lock = -1;
	int r = -1;

	if (dir >= 0 && lock_to_read(state_dir, dir, wait, &lock, err) < 0)
		return -1;
	if (dir >= 0)
		r = load(state_dir, dir, ret, err);
	if (r < 0 && err->kind == ERR_NOT_FOUND)
		return err_set(
			err, ERR_NOT_FOUND,
			"%s/assets holds no manifest: make the assets with `provision assets "
			"build`",
			state_dir);
	if (r < 0 && err->kind == ERR_VERIFY)
		return err_wrap(err, "%s/assets (see `provision assets verify`)", state_dir);
	return r;
}

static int write_signed(const char *state_dir, int dir, const struct manifest *m, struct err *err)
{
	_cleanup_json_ json_t *j = manifest_to_json(m);
	_cleanup_(freep) char *text = jsonx_canonical(j), *sig = NULL, *line = NULL;
	_cleanup_(closep) int lock = -1;
	uint8_t signature[ED25519_SIGNATURE_SIZE];

	if (strlen(text) > LIMIT_MANIFEST_BYTES)
		return err_set(err, ERR_CONFIG,
			       "%s/assets holds too many files for one manifest: remove some",
			       state_dir);
	if (secrets_manifest_sign(state_dir, text, strlen(text), signature, err) < 0)
		return -1;
	sig = base64_encode(signature, sizeof(signature));
	line = xasprintf("%s\n", sig);
	/* so that no reader sees one of each */
	lock = lock_to_write(state_dir, dir, READER_LOCK, 0640, err);
	if (lock < 0 || file_write(dir, "manifest.sig", line, strlen(line), 0644, err) < 0)
		return -1;
	return file_write(dir, "manifest.json", text, strlen(text), 0644, err);
}

int assets_sign(const char *state_dir, struct err *err)
{
	_cleanup_(closep) int dir = open_assets(state_dir, err), lock = -1;
	_cleanup_(manifest_release) struct manifest m = {0};

	if (dir < 0)
		return -1;
	lock = lock_to_write(state_dir, dir, SIGNER_LOCK, 0600, err);
	if (lock < 0 || assets_scan(dir, &m, err) < 0)
		return -1;
	return write_signed(state_dir, dir, &m, err);
}

_printf_(2, 3) static void problem(struct strv *problems, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strv_take(problems, xvasprintf(fmt, ap));
	va_end(ap);
}

/* Where two digests of the same file first differ. */
static size_t first_bad_chunk(const struct asset *a, const struct asset *b)
{
	size_t i = 0;

	while (i < a->n_chunks && i < b->n_chunks && sha256_equal(&a->chunks[i], &b->chunks[i]))
		i++;
	return i;
}

static void verify_one(int dir, const struct asset *want, struct strv *problems)
{
	_cleanup_(asset_release) struct asset have = {0};
	_cleanup_(err_release) struct err why = ERR_INIT;

	if (asset_digest(dir, want->path, &have, &why) < 0)
		problem(problems, "%s", err_text(&why));
	else if (have.size != want->size)
		problem(problems, "%s has %ju bytes, the manifest says %ju", want->path,
			(uintmax_t)have.size, (uintmax_t)want->size);
	else if (!sha256_equal(&have.digest, &want->digest))
		problem(problems, "%s differs from the manifest at or after byte %ju", want->path,
			(uintmax_t)first_bad_chunk(&have, want) * ASSET_CHUNK);
}

int assets_verify(const char *state_dir, struct strv *ret_problems, struct err *err)
{
	_cleanup_(closep) int dir = -1;
	_cleanup_(manifest_release) struct manifest m = {0};
	_cleanup_(strv_release) struct strv paths = {0}, problems = {0};

	if (assets_load(state_dir, ASSETS_WAIT, &m, err) < 0) {
		if (err->kind != ERR_VERIFY && err->kind != ERR_PROTOCOL)
			return -1;
		strv_add(ret_problems, err_text(err));
		err_release(err);
		return 0;
	}
	dir = open_assets(state_dir, err);
	if (dir < 0 || assets_list(dir, &paths, err) < 0)
		return -1;
	for (size_t i = 0; i < m.n; i++)
		verify_one(dir, &m.assets[i], &problems);
	for (size_t i = 0; i < paths.n; i++) {
		if (!manifest_find(&m, paths.v[i]))
			problem(&problems, "%s is not in the manifest", paths.v[i]);
	}
	*ret_problems = problems;
	problems = (struct strv){0};
	return 0;
}
