/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that templates inline: everything below files/ of the configuration directory, read at
 * once, so that a config never mixes two states of it. Nothing outside is ever read, also by no
 * link.
 */
#ifndef PROVISION_LOCAL_FILES_H
#define PROVISION_LOCAL_FILES_H

#include "problems.h"

/* The folder, below the configuration directory. */
#define LOCAL_FOLDER "files"

struct local_file {
	char *path; /* below the folder: "etc/motd" */
	char *data; /* NUL-terminated past its length; NULL when it cannot be inlined */
	size_t len;
	bool executable; /* by its owner */
	char *link;      /* what a symbolic link says; data is of the file that it leads to */
	char *problem;   /* why there is no data */
};

/* Sorted by path. */
struct local_files {
	struct local_file *f;
	size_t n;
};

/* Reads CONFIG/files; an absent one is empty. -1 with problems added when it cannot be read or has
 * more than LIMIT_LOCAL_*. What is wrong with one file is told by whoever inlines it. */
int local_files_load(const char *config_dir, struct local_files **ret,
		     struct problems *ps) _must_check_ _nonnull_;
/* Adds the paths of the folder and of all below it, which are to be watched; none when it is not
 * there. What cannot be read, or is past LIMIT_LOCAL_FILES, is left out. */
void local_files_folders(const char *config_dir, struct strv *ret) _nonnull_;
/* NULL-safe; gives NULL. */
struct local_files *local_files_free(struct local_files *files);
static inline void local_files_freep(struct local_files **files)
{
	local_files_free(*files);
}
/* By its path, "./" and doubled slashes passed over; NULL when there is none. */
const struct local_file *local_files_find(const struct local_files *files,
					  const char *path) _nonnull_;
/* The name in the folder, when file lies in it: "motd" of "etc/motd" in "etc"; "" is the whole.
 * Borrowed, NULL: it does not. */
const char *local_file_below(const struct local_file *file, const char *folder) _nonnull_;
/* The known path that is most like this one, or NULL. */
const char *local_files_nearest(const struct local_files *files, const char *path) _nonnull_;
/* The path without what is passed over. Caller frees. */
char *local_path_clean(const char *path) _nonnull_;

#endif
