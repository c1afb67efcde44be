/* SPDX-License-Identifier: Apache-2.0 */
/* GPT headers as bytes (UEFI specification section 5.3.2), and writing a table with libfdisk. */
#ifndef PROVISION_GPT_H
#define PROVISION_GPT_H

#include "layout.h"

/* The bytes of a header that names the disk, without place, partitions or checksum, at b (92 bytes
 * at least, zeroed). */
void gpt_header_start(uint8_t *b, const char *disk_uuid) _nonnull_;
/* Whether b (92 bytes at least) begins as a header with this disk GUID, be the rest right or not.
 */
bool gpt_header_names(const uint8_t *b, const char *disk_uuid) _nonnull_;
/* Whether both headers and the protective MBR are there; the table itself was read before, and may
 * have come from its second copy alone, which firmware and kernels do not look for. */
int gpt_is_whole(int fd, uint64_t size, uint32_t sector, const char *disk_uuid, bool *ret,
		 struct err *err) _must_check_ _nonnull_;
/* Writes both copies of the table and the protective MBR, and syncs. path: for libfdisk's
 * messages. */
int gpt_write(int fd, const char *path, uint32_t sector, const struct layout *l,
	      struct err *err) _must_check_ _nonnull_;

#endif
