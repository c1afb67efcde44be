/* SPDX-License-Identifier: Apache-2.0 */
/* A program that a stage is going to run: its arguments are built before anything is written, so
 * that a missing program is found then. Secrets are never arguments. */
#ifndef PROVISION_IGN_COMMAND_H
#define PROVISION_IGN_COMMAND_H

#include "jsonx.h"

/* argv is a list of arguments, argv.v[0] the program. */
struct ign_command {
	struct strv argv;
};

/* Appends each text up to a NULL. */
void ign_command_add_words(struct ign_command *c, const char *const *words) _nonnull_;
#define ign_command_add(c, ...) ign_command_add_words(c, (const char *const[]){__VA_ARGS__, NULL})
/* Appends a JSON array of strings; NULL appends nothing. */
void ign_command_add_list(struct ign_command *c, const json_t *list) __attribute__((nonnull(1)));
/* The config's own options for a program, a JSON array of strings or NULL, at this JSON path:
 * ERR_REFUSED when one of them names a device. A mkfs.btrfs makes its file system over that too,
 * others put a journal there, and nothing has been asked of what it holds. */
int ign_command_check_options(const json_t *list, const char *path, struct err *err) _must_check_
	__attribute__((nonnull(2, 3)));
void ign_command_release(struct ign_command *c) _nonnull_;
/* ERR_REFUSED, with the Debian package that has it, when no folder of PATH has the program. */
int ign_command_check(const struct ign_command *c, const char *path,
		      struct err *err) _must_check_ _nonnull_;
int ign_command_run(const struct ign_command *c, struct err *err) _must_check_ _nonnull_;
/* The arguments with blanks between, for tests; caller frees. */
char *ign_command_text(const struct ign_command *c) _nonnull_;

#endif
