/* SPDX-License-Identifier: Apache-2.0 */
/* Rendered text against a file below tests/data. With GOLDEN_WRITE=1 in the environment the file is
 * written anew, to be reviewed as a diff. */
#ifndef PROVISION_GOLDEN_H
#define PROVISION_GOLDEN_H

#include <fcntl.h>

#include "fsio.h"

static inline char *golden_path(const char *name)
{
	const char *top = getenv("srcdir");

	return xasprintf("%s/tests/data/%s", top ? top : ".", name);
}

static inline void golden_compare(const char *text, const char *name)
{
	_cleanup_(freep) char *path = golden_path(name), *wanted = NULL;
	_cleanup_(err_release) struct err err = ERR_INIT;
	size_t len;

	if (getenv("GOLDEN_WRITE"))
		assert_ok(file_write(AT_FDCWD, path, text, strlen(text), 0644, &err), &err);
	assert_ok(file_read(AT_FDCWD, path, 1024 * 1024, &wanted, &len, &err), &err);
	assert_string_equal(text, wanted);
}

#endif
