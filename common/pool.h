/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A btrfs pool is one noun: devices chosen by rule, a RAID profile for data and one for metadata,
 * subvolumes, compression. Created once, adopted ever after.
 */
#ifndef PROVISION_POOL_H
#define PROVISION_POOL_H

#include "disk.h"

enum btrfs_profile {
	PROFILE_INVALID = -1,
	PROFILE_SINGLE,
	PROFILE_DUP,
	PROFILE_RAID0,
	PROFILE_RAID1,
	PROFILE_RAID1C3,
	PROFILE_RAID1C4,
	PROFILE_RAID10,
	PROFILE_MAX
};

const char *profile_name(enum btrfs_profile p);
/* A profile's word. ERR_USAGE lists them all, and says of raid5 and raid6 what to take instead; it
 * guesses at none, for the nearest in spelling may be one without redundancy. */
int profile_parse(const char *word, enum btrfs_profile *ret,
		  struct err *err) _must_check_ _nonnull_;
/* What a new pool gets that does not say: two copies as soon as there are two devices. */
enum btrfs_profile profile_default(unsigned int devices, bool metadata);
/* Devices that mkfs.btrfs wants at least. */
unsigned int profile_min_devices(enum btrfs_profile p);

struct subvolume {
	char *name;  /* path below the pool's top: "@", "@home", "photos" */
	char *mount; /* absolute, or NULL: made but not mounted */
};

/* Of new pools: what a slow processor keeps up with, and most of what a higher level saves. */
#define COMPRESSION_DEFAULT "zstd:1"

struct pool_spec {
	char *name; /* "system", or the user's; also the file system's label */
	struct disk_spec *disks;
	size_t n_disks;
	enum btrfs_profile data, metadata; /* PROFILE_INVALID: not said; a resolved plan says both
					    */
	char *compression; /* "zstd", "zstd:3", "lzo", "none"; NULL: COMPRESSION_DEFAULT */
	char *mount;       /* where the pool's top is mounted; NULL: only its subvolumes are */
	struct subvolume *subvolumes;
	size_t n_subvolumes;
};

/* The pool that holds "/" and the boot loader: its devices are partitions; data pools take whole
 * disks, with a GPT and one partition. */
#define POOL_SYSTEM "system"

/* The agent's own folder on a node. */
#define AGENT_DIR "/var/lib/provision-agent"

/* How many disks the pool's rules choose; 0 when one of them takes all that match. */
unsigned int pool_spec_devices(const struct pool_spec *p) _nonnull_;
void pool_spec_release(struct pool_spec *p) _nonnull_;
void pool_spec_copy(struct pool_spec *dst, const struct pool_spec *src) _nonnull_;
/* A relative path without empty, "." or ".." parts, spaces, commas and backslashes: fit for
 * fstab(5) and for -o subvol=. */
bool pool_path_is_clean(const char *path) _nonnull_;
/* "/" or "/" and such a path. */
bool pool_mount_is_clean(const char *path) _nonnull_;
/* Whether such a mount point is a pool's to take. What belongs to the image and to the agent stays
 * on "/": in a pool that is adopted it would be the last installation's. A data pool may lie below
 * /var and /var/lib, not on them. */
bool pool_mount_is_free(const char *path, bool is_system) _nonnull_;
/* "none", "lzo", "zstd", "zstd:1".."zstd:15", "zlib", "zlib:1".."zlib:9" (btrfs(5)). */
bool pool_compression_is_valid(const char *word) _nonnull_;
json_t *pool_spec_to_json(const struct pool_spec *p) _nonnull_;
int pool_spec_from_json(const json_t *j, const char *path, struct pool_spec *ret_pool,
			struct err *err) _must_check_ _nonnull_;

#endif
