/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key of an encrypted volume: what its keyFile says, or one that is made up. It lies in memory;
 * programs read it from there by a path in /proc, so that no argument and no disk ever shows it.
 */
#ifndef PROVISION_IGN_KEY_H
#define PROVISION_IGN_KEY_H

#include "ign_resource.h"
#include "secret.h"

struct ign_key {
	struct secret secret;
	int fd;     /* of the memory, -1 while there is none */
	char *path; /* "/proc/1/fd/7" */
	bool made;  /* no keyFile gave it */
};
#define IGN_KEY_INIT ((struct ign_key){.secret = SECRET_INIT, .fd = -1})

/* luks: a checked entry of storage.luks at this JSON path. Release *ret, which is initialised. */
int ign_key_get(struct ign_fetch *f, const json_t *luks, const char *path, struct ign_key *ret,
		struct err *err) _must_check_ _nonnull_;
void ign_key_release(struct ign_key *k) _nonnull_;

/* A key that was made up lasts from the disks stage to the files stage in IGN_KEY_FOLDER, which has
 * to be in memory: ERR_REFUSED otherwise. */
#define IGN_KEY_FOLDER "/run/provision-agent/luks"
int ign_key_can_keep(const char *path, struct err *err) _must_check_ _nonnull_;
int ign_key_keep(const char *name, const struct ign_key *k, struct err *err) _must_check_ _nonnull_;
/* ERR_NOT_FOUND when the disks stage kept none of this name. */
int ign_key_kept(const char *name, struct secret *ret, struct err *err) _must_check_ _nonnull_;

#endif
