/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a finished thing takes its place at once: it is made under another name in the same folder
 * and renamed. What stood there before is gone only then, so a failure leaves it as it was.
 */
#ifndef PROVISION_IGN_PLACE_H
#define PROVISION_IGN_PLACE_H

#include "err.h"

#include <sys/types.h>

/* A name beside `name` that nobody has. Caller frees. */
char *ign_place_temp(const char *name) _nonnull_;
/* Renames temp to name, both in the folder. A folder that stands there is removed with all in it,
 * links not followed; ERR_REFUSED when a file system is mounted on it or in it. On failure temp is
 * removed. */
int ign_place(int folder, const char *temp, const char *name,
	      struct err *err) _must_check_ _nonnull_;
/* Replaces the file, or link, by one with this text, mode and owner; a folder in its place is an
 * error. */
int ign_place_text(int folder, const char *name, const char *text, mode_t mode, uid_t uid,
		   gid_t gid, struct err *err) _must_check_ _nonnull_;
/* Removes name in the folder, whatever it is, as above. What is not there is no error. */
int ign_place_remove(int folder, const char *name, struct err *err) _must_check_ _nonnull_;

#endif
