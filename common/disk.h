/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wish and fact about disks. struct disk_spec is what a record asks for; struct disk is what a
 * machine has, as the agent read it: from sysfs and libblkid, never by a kernel name.
 */
#ifndef PROVISION_DISK_H
#define PROVISION_DISK_H

#include "jsonx.h"

enum disk_transport {
	TRANSPORT_INVALID = -1,
	TRANSPORT_ANY,
	TRANSPORT_SATA,
	TRANSPORT_NVME,
	TRANSPORT_SCSI, /* SAS and virtio-scsi */
	TRANSPORT_USB,
	TRANSPORT_VIRTIO,
	TRANSPORT_MMC,
	TRANSPORT_MAX
};

enum tristate { TRI_ANY = -1, TRI_NO = 0, TRI_YES = 1 };

/* One rule. Everything that is set must hold. serial, wwn or by_id make it an identity: it matches
 * at most one disk. USB and removable disks are matched only by identity or `transport: usb`. */
struct disk_spec {
	char *serial;
	char *wwn;         /* 0x... lower case */
	char *by_id;       /* the name below /dev/disk/by-id that udev would give */
	char *model;       /* exact, or with one trailing '*' */
	uint64_t size_min; /* bytes; 0: none */
	uint64_t size_max; /* bytes; 0: none */
	enum tristate rotational;
	enum disk_transport transport;
	unsigned int count; /* how many disks it takes; 0 means `all` that match; default 1 */
};

/* What libblkid found: a file system, RAID member, LVM, swap, partition table... */
struct disk_signature {
	char *type;      /* "btrfs", "LVM2_member", "gpt", "dos" */
	char *uuid;      /* or NULL */
	char *label;     /* or NULL */
	uint64_t offset; /* of the magic, bytes from the start of disk or partition */
};

struct disk_partition {
	unsigned int number;  /* 1.. */
	uint64_t start, size; /* bytes */
	char *uuid;           /* GPT partition GUID, lower case; or NULL (MBR) */
	char *type;           /* GPT type GUID or "0x83" */
	char *name;           /* GPT name or NULL */
	struct disk_signature *signatures;
	size_t n_signatures;
};

struct disk {
	char *name;   /* the kernel's, for messages on the console only */
	char *serial; /* NULL when it has none */
	char *wwn;
	char *by_id;
	char *model;
	uint64_t size;   /* bytes */
	uint32_t sector; /* logical sector size, bytes */
	bool rotational, removable, read_only;
	enum disk_transport transport;
	char *unreadable; /* why it could not be read, or NULL; such a disk counts as holding data
			   */
	struct disk_signature *signatures; /* on the whole disk, all superblock copies */
	size_t n_signatures;
	struct disk_partition *partitions;
	size_t n_partitions;
};

struct disk_list {
	struct disk *d;
	size_t n;
};

const char *transport_name(enum disk_transport t);
enum disk_transport transport_parse(const char *word) _nonnull_;

/* ---- the rule (disk_spec.c) ---- */

void disk_spec_init(struct disk_spec *s) _nonnull_;
void disk_spec_release(struct disk_spec *s) _nonnull_;
void disk_spec_copy(struct disk_spec *dst, const struct disk_spec *src) _nonnull_;
/* serial, wwn or by_id is set. */
bool disk_spec_is_identity(const struct disk_spec *s) _nonnull_;
/* "serial=WD-1" or "transport=nvme,size>=500G,count=2" or "all": the words of add-node --disk. */
int disk_spec_parse(const char *text, struct disk_spec *ret_spec,
		    struct err *err) _must_check_ _nonnull_;
/* The keys of a rule's properties in node files. */
extern const char *const disk_spec_keys[];
extern const size_t n_disk_spec_keys;
/* One property of a rule by such a key and the text of its value. */
int disk_spec_set(struct disk_spec *s, const char *key, const char *value,
		  struct err *err) _must_check_ _nonnull_;
/* The same words back; caller frees. */
char *disk_spec_format(const struct disk_spec *s) _nonnull_;
json_t *disk_spec_to_json(const struct disk_spec *s) _nonnull_;
int disk_spec_from_json(const json_t *j, const char *path, struct disk_spec *ret_spec,
			struct err *err) _must_check_ _nonnull_;

/* The name by which plans and operators know the disk: serial, else wwn; NULL when it has neither.
 */
const char *disk_id(const struct disk *d) _nonnull_;
/* No partition table, no signature anywhere, readable. */
bool disk_is_blank(const struct disk *d) _nonnull_;
/* Of the btrfs with this UUID. */
bool signature_is_btrfs(const struct disk_signature *s, const char *uuid) _nonnull_;
/* The disk or a partition of it is a member of the btrfs with this UUID. */
bool disk_has_btrfs(const struct disk *d, const char *uuid) _nonnull_;
/* "btrfs \"tank\", LVM2_member" in a line, "nothing" for a blank disk; caller frees. */
char *disk_holds(const struct disk *d) _nonnull_;
/* A digest of what it holds (tables, GUIDs, signatures), to tell whether it changed since. */
struct sha256;
void disk_fingerprint(const struct disk *d, struct sha256 *ret) _nonnull_;
/* "WD-1234 WDC WD40EFRX, 4.0 TB, sata, rotational, holds ..."; caller frees. */
char *disk_describe(const struct disk *d) _nonnull_;
void disk_release(struct disk *d) _nonnull_;
void disk_list_release(struct disk_list *l) _nonnull_;
/* ---- as JSON (disk_json.c) ---- */

json_t *disk_to_json(const struct disk *d) _nonnull_;
json_t *disk_list_to_json(const struct disk_list *l) _nonnull_;
/* Bounded by LIMIT_DISKS and LIMIT_SIGNATURES. */
int disk_list_from_json(const json_t *j, const char *path, struct disk_list *ret_list,
			struct err *err) _must_check_ _nonnull_;

#endif
