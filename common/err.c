/* SPDX-License-Identifier: Apache-2.0 */
#include "err.h"

#include <string.h>

static const struct {
	const char *name;
	int exit_code;
	unsigned int http_status;
} kinds[ERR_KIND_MAX] = {
	[ERR_NONE] = {"none", 0, 200},          [ERR_USAGE] = {"usage", 2, 400},
	[ERR_CONFIG] = {"config", 3, 409},      [ERR_REFUSED] = {"refused", 4, 403},
	[ERR_VERIFY] = {"verify", 5, 403},      [ERR_IO] = {"io", 6, 500},
	[ERR_NETWORK] = {"network", 7, 502},    [ERR_PROTOCOL] = {"protocol", 8, 400},
	[ERR_BUSY] = {"busy", 9, 503},          [ERR_NOT_FOUND] = {"not-found", 10, 404},
	[ERR_INTERNAL] = {"internal", 70, 500},
};

static void replace(struct err *err, enum err_kind kind, int errnum, char *text)
{
	free(err->text);
	*err = (struct err){kind, errnum, text};
}

int err_set(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	replace(err, kind, 0, text);
	return -1;
}

int err_errno(struct err *err, enum err_kind kind, int errnum, const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	replace(err, kind, errnum, xasprintf("%s: %s", text, strerror(errnum)));
	return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	_cleanup_(freep) char *prefix = NULL;
	va_list ap;

	va_start(ap, fmt);
	prefix = xvasprintf(fmt, ap);
	va_end(ap);
	replace(err, err->kind, err->errnum, xasprintf("%s: %s", prefix, err_text(err)));
	return -1;
}

void err_move(struct err *dst, struct err *src)
{
	free(dst->text);
	*dst = *src;
	*src = (struct err)ERR_INIT;
}

const char *err_text(const struct err *err)
{
	return err->text ? err->text : "";
}

void err_release(struct err *err)
{
	replace(err, ERR_NONE, 0, NULL);
}

const char *err_kind_name(enum err_kind kind)
{
	if ((unsigned int)kind >= ERR_KIND_MAX)
		BUG("error kind out of range");
	return kinds[kind].name;
}

enum err_kind err_kind_parse(const char *name)
{
	for (int i = 1; i < ERR_KIND_MAX; i++)
		if (streq(kinds[i].name, name))
			return (enum err_kind)i;
	return ERR_INTERNAL;
}

int err_exit_code(enum err_kind kind)
{
	if ((unsigned int)kind >= ERR_KIND_MAX)
		BUG("error kind out of range");
	return kinds[kind].exit_code;
}

unsigned int err_http_status(enum err_kind kind)
{
	if ((unsigned int)kind >= ERR_KIND_MAX)
		BUG("error kind out of range");
	return kinds[kind].http_status;
}
