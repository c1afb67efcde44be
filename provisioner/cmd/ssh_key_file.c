/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/ssh_key_file.h"

#include <fcntl.h>
#include <string.h>

#include "cluster_yaml.h"
#include "fsio.h"
#include "limits.h"

int ssh_key_file_read(const char *path, struct strv *keys, struct err *err)
{
	_cleanup_(freep) char *text = NULL;
	size_t len = 0, before = keys->n;

	if (file_read(AT_FDCWD, path, LIMIT_YAML_BYTES, &text, &len, err) < 0)
		return -1;
	for (char *line = text; *line;) {
		size_t n = strcspn(line, "\r\n");
		_cleanup_(freep) char *key = xstrndup(line, n);

		if (ssh_key_is_valid(key) && !strv_has(keys, key))
			strv_add(keys, key);
		line += n + strspn(line + n, "\r\n");
	}
	if (keys->n == before)
		return err_set(err, ERR_USAGE,
			       "%s holds no public key; name a file like ~/.ssh/id_ed25519.pub",
			       path);
	return 0;
}

int ssh_key_word_add(const char *word, struct strv *keys, struct err *err)
{
	/* a key has spaces in it; one that is broken is told with its place among the others */
	if (!strchr(word, ' ')) {
		if (ssh_key_file_read(word, keys, err) == 0)
			return 0;
		err->kind = ERR_USAGE;
		return err_wrap(err, "--ssh-key takes a key's whole line, or a file of such");
	}
	strv_add(keys, word);
	return 0;
}
