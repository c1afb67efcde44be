/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an array, a volume or a file system is to lie. Most of their devices are not there while
 * the config is checked: a partition that storage.disks makes, an array of storage.raid, a volume
 * of storage.luks. Each is known by the names that udev will give it, and none needs udev to be
 * found.
 */
#ifndef PROVISION_IGN_LOCATION_H
#define PROVISION_IGN_LOCATION_H

#include "disk.h"
#include "ign_disk.h"

/* The storage section, checked so far. */
struct ign_scene {
	const json_t *storage; /* borrowed */
	struct ign_disk *disks;
	size_t n_disks;
	struct strv taken;    /* nodes of places that something takes... */
	struct strv taken_by; /* ...and the JSON paths of what does */
};
void ign_scene_release(struct ign_scene *s) _nonnull_;

enum ign_location_kind {
	IGN_LOCATION_DEVICE,    /* is there, and of no table that storage.disks names */
	IGN_LOCATION_PARTITION, /* of such a table, as it will be */
	IGN_LOCATION_ARRAY,     /* of storage.raid */
	IGN_LOCATION_VOLUME,    /* of storage.luks */
};

struct ign_location {
	enum ign_location_kind kind;
	char *node;                  /* what to open when its turn has come */
	const struct ign_disk *disk; /* IGN_LOCATION_PARTITION, and its entry there */
	const struct ign_entry *entry;
};

/*
 * path: the JSON path of the field that names the device. ERR_REFUSED when it is not there and
 * nothing of the config makes it, goes away, or is not unambiguous. Release *ret.
 */
int ign_location_find(const struct ign_scene *s, const char *device, const char *path,
		      struct ign_location *ret, struct err *err) _must_check_ _nonnull_;
void ign_location_release(struct ign_location *p) _nonnull_;

/* Takes the place for what stands at `path`: nothing else may lie on it or on the disk around it.
 * ERR_REFUSED names who has it. */
int ign_location_take(struct ign_scene *s, const struct ign_location *p, const char *path,
		      struct err *err) _must_check_ _nonnull_;

/* Whether storage.disks makes it, so that what lies there is nobody's any more. */
bool ign_location_is_new(const struct ign_location *p) _nonnull_;
/* Whether what it holds can be told before anything is written: not of an array or a volume. */
bool ign_location_is_known(const struct ign_location *p) _nonnull_;
/* What lies there (ign_device_signatures): of a known place, in the range that it will have; or,
 * once it is made, of the place itself. */
int ign_location_signatures(const struct ign_location *p, bool made, struct disk_signature **ret,
			    size_t *ret_n, struct err *err) _must_check_ _nonnull_;
/* ERR_REFUSED when it is in use or read-only now; a place that is not there yet is free. */
int ign_location_writable(const struct ign_location *p, struct err *err) _must_check_ _nonnull_;
/* Takes away what lies where storage.disks makes a partition, before it is there: with the
 * partition udev would start an array that has had a member in its place. Nothing for what is no
 * new partition. */
int ign_location_clear(const struct ign_location *p, struct err *err) _must_check_ _nonnull_;
/* Bytes; 0 when that cannot be told yet. */
uint64_t ign_location_size(const struct ign_location *p) _nonnull_;

/* Where an array of storage.raid will be: "/dev/md/data" of one called "data", its name when that
 * is the path itself. Caller frees. */
char *ign_location_array(const char *name) _nonnull_;
/* The name that udev's links have for a label: all but [A-Za-z0-9#+.:=@_-] and UTF-8 as \xNN.
 * Caller frees. */
char *ign_udev_name(const char *label) _nonnull_;

#endif
