/* SPDX-License-Identifier: Apache-2.0 */
/* New files of the configuration directory: all of them or none, and no existing one is touched. */
#ifndef PROVISION_IMPORT_FILE_H
#define PROVISION_IMPORT_FILE_H

#include "err.h"
#include "paths.h"
#include "problems.h"

struct import_file {
	char *path; /* below nodes, templates, generic or cloud: "nodes/web1.yaml" */
	char *text;
};

/* A folder of the configuration directory that looks as it would with the files. */
struct import_stage {
	char *dir;    /* its path; NULL: none */
	char *config; /* the configuration directory's own */
};

/* Makes the folder. ERR_REFUSED names the files that exist already. */
int import_stage_make(const char *config_dir, const struct import_file *files, size_t n,
		      struct import_stage *ret, struct err *err) _must_check_
	__attribute__((nonnull(1, 4, 5)));
/* Everything that `provision check` would say of the staged folder is put into ps. */
void import_stage_check(const struct import_stage *s, const struct paths *paths,
			struct problems *ps) _nonnull_;
/* Moves the files to where they belong; when one cannot be, those before it are taken back. */
int import_stage_commit(const struct import_stage *s, const struct import_file *files, size_t n,
			struct err *err) _must_check_ __attribute__((nonnull(1, 4)));
/* Removes the folder. */
void import_stage_release(struct import_stage *s) _nonnull_;

#endif
