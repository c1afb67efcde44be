/* SPDX-License-Identifier: Apache-2.0 */
/* Matchbox's data directory, read: groups/ *.json and profiles/ *.json. */
#ifndef PROVISION_MATCHBOX_DIR_H
#define PROVISION_MATCHBOX_DIR_H

#include "jsonx.h"
#include "problems.h"

struct matchbox_group {
	char *file; /* "groups/node1.json" */
	char *id;
	char *profile;    /* "" when it names none */
	json_t *selector; /* an object of texts */
	json_t *metadata; /* an object */
};

struct matchbox_profile {
	char *file; /* "profiles/etcd.json" */
	char *id;
	char *ignition_id, *cloud_id, *generic_id; /* NULL when it has none */
	char *kernel;                              /* NULL */
	struct strv initrd, args;
	bool used; /* for whoever goes over the groups */
};

/* Initialise with {0}. */
struct matchbox_dir {
	struct matchbox_group *groups; /* sorted by file */
	size_t n_groups;
	struct matchbox_profile *profiles;
	size_t n_profiles;
};

/* Reads both folders below dirfd. What is no group or profile is told in left, by file and JSON
 * path, and passed over. -1 when a folder cannot be read, or there is no groups/. */
int matchbox_dir_read(int dirfd, struct matchbox_dir *ret, struct problems *left,
		      struct err *err) _must_check_ _nonnull_;
/* NULL when there is none of that id. */
struct matchbox_profile *matchbox_profile_find(const struct matchbox_dir *m,
					       const char *id) _nonnull_;
/* The names of the files of a folder below dirfd, sorted, without hidden ones; an absent folder has
 * none. Sub-folders are told in left. */
int matchbox_dir_list(int dirfd, const char *folder, struct strv *ret, struct problems *left,
		      struct err *err) _must_check_ _nonnull_;
void matchbox_dir_release(struct matchbox_dir *m) _nonnull_;

#endif
