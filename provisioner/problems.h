/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that is wrong with the files that people write, each with its place. */
#ifndef PROVISION_PROBLEMS_H
#define PROVISION_PROBLEMS_H

#include "err.h"

struct problem {
	char *file;                /* as the operator knows it: "nodes/web1.yaml" */
	unsigned int line, column; /* from 1; 0: the file as a whole */
	char *text;                /* one sentence with the fix */
};

/* Initialise with {0}. */
struct problems {
	struct problem *p;
	size_t n;
	size_t of_file; /* how many the last file has; the ones past LIMIT_FILE_ERRORS are dropped
			 */
};

void problems_add(struct problems *ps, const char *file, unsigned int line, unsigned int column,
		  const char *fmt, ...) _printf_(5, 6) __attribute__((nonnull(1, 2, 5)));
/* By file, line and column. */
void problems_sort(struct problems *ps) _nonnull_;
/* "nodes/web1.yaml:3:5: ..."; caller frees. */
char *problem_format(const struct problem *p) _nonnull_;
/* -1 and ERR_CONFIG with the first one and the count of the others. ps must not be empty. */
int problems_to_err(const struct problems *ps, struct err *err) _nonnull_;
/* Logs all but the first, which problems_to_err made the error of whoever logs that. */
void problems_log_rest(const struct problems *ps) _nonnull_;
void problems_release(struct problems *ps) _nonnull_;

#endif
