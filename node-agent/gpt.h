/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GPT headers as bytes (UEFI specification section 5.3.2): the mark that says whose a disk is
 * before it has a table, and writing the table with libfdisk.
 */
#ifndef PROVISION_GPT_H
#define PROVISION_GPT_H

#include "layout.h"

/* Whether the header at the start or at the end of the disk names this disk GUID, be its table
 * whole or not. */
int gpt_is_marked(int fd, uint64_t size, uint32_t sector, const char *disk_uuid, bool *ret,
		  struct err *err) _must_check_ _nonnull_;
/* Writes the last sector of the disk as the header of a table that is yet to come, and syncs. Its
 * checksum is wrong on purpose, so that nobody takes it for a table. */
int gpt_mark(int fd, uint64_t size, uint32_t sector, const char *disk_uuid,
	     struct err *err) _must_check_ _nonnull_;
/* Writes both copies of the table and the protective MBR, and syncs. path: for libfdisk's
 * messages. */
int gpt_write(int fd, const char *path, uint32_t sector, const struct layout *l,
	      struct err *err) _must_check_ _nonnull_;

#endif
