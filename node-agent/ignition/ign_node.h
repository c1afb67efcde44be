/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a file, a directory and a link of the config have in common (spec 3.4, storage: path,
 * overwrite, user, group), and how each is made.
 */
#ifndef PROVISION_IGN_NODE_H
#define PROVISION_IGN_NODE_H

#include "ign_resource.h"
#include "ign_root.h"
#include "jsonx.h"

enum ign_node_kind { IGN_DIRECTORY, IGN_FILE, IGN_LINK, IGN_NODE_MAX };

struct ign_node {
	enum ign_node_kind kind;
	size_t index;     /* its place among all entries */
	const json_t *j;  /* the entry; borrowed */
	const char *path; /* as the config has it; borrowed */
	char *at;         /* "$.storage.files[0]" */
	char *real;       /* ign_root_resolve of path */
	bool overwrite;
	bool may_replace; /* a file or a link, though the entry does not say overwrite */
	/* in an installed root a folder may be a pool's, with somebody's data below it: no file and
	 * no link takes its place, whatever the entry says */
	bool keeps_folders;
};

void ign_node_release(struct ign_node *n) _nonnull_;

/* Gives what was made (fd, not O_PATH, no link) the entry's owner, and mode unless it has none:
 * then `otherwise`. */
int ign_node_permit(const struct ign_root *r, const struct ign_node *n, int fd, mode_t otherwise,
		    struct err *err) _must_check_ _nonnull_;
/* The owner that the entry names, by number or by a name of the root's own accounts; what it does
 * not name is left as it was in uid and gid. ERR_CONFIG for an unknown name. */
int ign_node_owner(const struct ign_root *r, const struct ign_node *n, uid_t *uid, gid_t *gid,
		   struct err *err) _must_check_ _nonnull_;
/* Whether the file in the folder has the bytes of fd, a regular file's: it is then the one that an
 * attempt which was cut has made. */
bool ign_node_has_bytes(int folder, const char *name, int fd) __attribute__((nonnull(2)));
/* Whether what stands at the path, of this mode, is replaced. */
bool ign_node_replaces(const struct ign_node *n, mode_t what) _nonnull_;
/* ERR_REFUSED: something stands at the path and the entry does not say overwrite. */
int ign_node_in_the_way(mode_t what, struct err *err) _must_check_ _nonnull_;

/* ign_file.c, ign_directory.c, ign_link.c: make the entry. Whatever fails, what stood at the path
 * is as it was. */
int ign_file_make(const struct ign_root *r, struct ign_fetch *f, const struct ign_node *n,
		  struct err *err) _must_check_ _nonnull_;
int ign_directory_make(const struct ign_root *r, const struct ign_node *n,
		       struct err *err) _must_check_ _nonnull_;
int ign_link_make(const struct ign_root *r, const struct ign_node *n,
		  struct err *err) _must_check_ _nonnull_;

#endif
