/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

static struct {
	const char *program;
	enum log_level most;
	bool journal;
} settings = {"provision", LOG_LEVEL_INFO, false};

/* $JOURNAL_STREAM is "device:inode" of the journal's stream (sd-daemon(3)); a child with another
 * stderr inherits the variable too. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	_cleanup_(freep) char *own = NULL;
	struct stat st;

	if (!stream || fstat(STDERR_FILENO, &st) < 0)
		return false;
	own = xasprintf("%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return streq(own, stream);
}

void log_open(const char *program, enum log_level most)
{
	settings.program = program;
	settings.most = most;
	settings.journal = stderr_is_journal();
}

void log_line(enum log_level level, const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL, *line = NULL;
	int saved = errno;
	va_list ap;

	if (level > settings.most)
		return;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if (*p == '\n' || *p == '\r')
			*p = ' ';
	if (settings.journal)
		line = xasprintf("<%d>%s\n", (int)level, text);
	else
		line = xasprintf("%s: %s\n", settings.program, text);
	/* one write, so that lines of several processes do not mix; nobody to tell when it fails */
	(void)!write(STDERR_FILENO, line, strlen(line));
	errno = saved;
}

void log_err(const struct err *err)
{
	log_line(LOG_LEVEL_ERROR, "%s", err_text(err));
}
