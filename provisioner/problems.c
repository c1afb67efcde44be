/* SPDX-License-Identifier: Apache-2.0 */
#include "problems.h"

#include "limits.h"
#include "log.h"

#include <string.h>

void problems_add(struct problems *ps, const char *file, unsigned int line, unsigned int column,
		  const char *fmt, ...)
{
	struct problem *p;
	va_list ap;

	if (!ps->n || !streq(ps->p[ps->n - 1].file, file))
		ps->of_file = 0;
	if (++ps->of_file > LIMIT_FILE_ERRORS)
		return;
	p = ARRAY_APPEND(ps->p, ps->n);
	p->file = xstrdup(file);
	p->line = line;
	p->column = column;
	va_start(ap, fmt);
	p->text = xvasprintf(fmt, ap);
	va_end(ap);
}

static int compare(const void *a, const void *b)
{
	const struct problem *x = a, *y = b;
	int by_file = strcmp(x->file, y->file);

	if (by_file)
		return by_file;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

void problems_sort(struct problems *ps)
{
	if (ps->n)
		qsort(ps->p, ps->n, sizeof(*ps->p), compare);
}

char *problem_format(const struct problem *p)
{
	if (!p->line)
		return xasprintf("%s: %s", p->file, p->text);
	return xasprintf("%s:%u:%u: %s", p->file, p->line, p->column, p->text);
}

int problems_to_err(const struct problems *ps, struct err *err)
{
	_cleanup_(freep) char *first = NULL;

	if (!ps->n)
		BUG("no problem");
	first = problem_format(&ps->p[0]);
	if (ps->n == 1)
		return err_set(err, ERR_CONFIG, "%s", first);
	return err_set(err, ERR_CONFIG, "%s (and %zu more: provision check)", first, ps->n - 1);
}

void problems_log_rest(const struct problems *ps)
{
	for (size_t i = 1; i < ps->n; i++) {
		_cleanup_(freep) char *line = problem_format(&ps->p[i]);

		log_error("%s", line);
	}
}

void problems_release(struct problems *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		free(ps->p[i].file);
		free(ps->p[i].text);
	}
	free(ps->p);
	*ps = (struct problems){0};
}
