/* SPDX-License-Identifier: Apache-2.0 */
#include "grant.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base64.h"
#include "fsio.h"
#include "jsonx.h"

/* Each installation of a control plane adds some hundred bytes. */
#define GRANTS_MAX (1024 * 1024)
/* 32 bytes in base64 */
#define KEY_WORD 44

bool grant_is_needed(const struct cluster *c, const struct node *n)
{
	return n->role == ROLE_CONTROL_PLANE && !c->kubeconfig;
}

int grant_open(const char *state_dir, struct err *err)
{
	_cleanup_(closep) int dir = secrets_open(state_dir, err), fd = -1;

	if (dir < 0)
		return -1;
	fd = openat(dir, "control-planes",
		    O_RDWR | O_APPEND | O_CREAT | O_DSYNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || fsync(dir) < 0)
		return err_errno(err, ERR_IO, errno, "%s/secrets/control-planes", state_dir);
	return TAKE_FD(fd);
}

int grant_check(const char *state_dir, struct err *err)
{
	_cleanup_(closep) int fd = grant_open(state_dir, err);

	return fd < 0 ? -1 : 0;
}

static int append(int fd, const char *node, const char *word, struct err *err)
{
	_cleanup_(freep) char *line = NULL;
	struct stat st;
	char last = '\n';

	if (fstat(fd, &st) < 0 || (st.st_size && pread(fd, &last, 1, st.st_size - 1) != 1))
		return err_errno(err, ERR_IO, errno, "secrets/control-planes");
	/* a line that a power cut left half written stays alone */
	line = xasprintf("%s%s %s\n", last == '\n' ? "" : "\n", node, word);
	return fd_write_all(fd, line, strlen(line), err) < 0
		       ? err_wrap(err, "secrets/control-planes")
		       : 0;
}

static int note(const char *state_dir, const char *node, const char *word, struct err *err)
{
	_cleanup_(closep) int fd = grant_open(state_dir, err);

	return fd < 0 ? -1 : append(fd, node, word, err);
}

int grant_ask(const char *state_dir, const char *node, struct err *err)
{
	return note(state_dir, node, "asked", err);
}

/* The last word of every node: {NODE: WORD}. What is no whole line is passed over. */
static int read_words(int fd, json_t *words, struct err *err)
{
	_cleanup_(freep) char *text = xmalloc(GRANTS_MAX + 1);
	size_t len = 0;
	ssize_t n;

	while (len < GRANTS_MAX && (n = pread(fd, text + len, GRANTS_MAX - len, (off_t)len)) != 0) {
		if (n < 0 && errno != EINTR)
			return err_errno(err, ERR_IO, errno, "secrets/control-planes");
		len += n > 0 ? (size_t)n : 0;
	}
	if (len == GRANTS_MAX)
		return err_set(err, ERR_IO, "secrets/control-planes is too large");
	text[len] = '\0';
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		char *space = strchr(line, ' ');

		*end = '\0';
		if (!space || space > end)
			continue;
		*space++ = '\0';
		if (streq(space, "asked") || streq(space, "gone") || strlen(space) == KEY_WORD)
			jsonx_put_string(words, line, space);
	}
	return 0;
}

/* A node other than this one that has the keys, or NULL. Borrowed. */
static const char *other_holder(json_t *words, const char *node)
{
	const char *name;
	json_t *word;

	json_object_foreach (words, name, word)
		if (!streq(name, node) && json_string_length(word) == KEY_WORD)
			return name;
	return NULL;
}

int grant_remove(const char *state_dir, const char *node, struct err *err)
{
	_cleanup_(closep) int fd = grant_open(state_dir, err);
	_cleanup_json_ json_t *words = json_object();
	const char *word;

	if (fd < 0 || read_words(fd, words, err) < 0)
		return -1;
	word = json_string_value(json_object_get(words, node));
	return word && !streq(word, "gone") ? append(fd, node, "gone", err) : 0;
}

int grant_take(int fd, const char *node, const uint8_t key[ED25519_KEY_SIZE], bool first,
	       struct err *err)
{
	_cleanup_(freep) char *machine = base64_encode(key, ED25519_KEY_SIZE);
	_cleanup_json_ json_t *words = json_object();
	const char *word, *other;

	if (read_words(fd, words, err) < 0)
		return -1;
	word = json_string_value(json_object_get(words, node));
	if (!word || streq(word, "gone"))
		return err_set(err, ERR_REFUSED,
			       "nobody asked for %s as a control plane, which gets the cluster's "
			       "keys: provision reinstall %s, as root",
			       node, node);
	other = first ? other_holder(words, node) : NULL;
	if (other)
		return err_set(err, ERR_REFUSED,
			       "the keys of the cluster that %s would make went to %s already: "
			       "where that one was given up, provision remove-node %s, as root",
			       node, other, other);
	if (streq(word, "asked"))
		return append(fd, node, machine, err);
	if (!streq(word, machine))
		return err_set(err, ERR_REFUSED,
			       "the cluster's keys went to an earlier installation of %s: "
			       "provision reinstall %s, as root, lets a new one have them",
			       node, node);
	return 0;
}
