/* SPDX-License-Identifier: Apache-2.0 */
/* URLs, the names of files and the Range header (RFC 9110 section 14) of asset requests. Pure. */
#ifndef PROVISION_RANGE_H
#define PROVISION_RANGE_H

#include "base.h"

enum range_verdict {
	RANGE_WHOLE, /* no range, or one that may be ignored: more than one part, another unit */
	RANGE_PART,
	RANGE_UNSATISFIABLE /* starts past the end: 416 */
};

/* header may be NULL. On RANGE_PART *ret_offset and *ret_length lie within size. */
enum range_verdict range_parse(const char *header, uint64_t size, uint64_t *ret_offset,
			       uint64_t *ret_length) __attribute__((nonnull(3, 4)));
/* Percent-decoding (RFC 3986 section 2.1) in place; gives the new length. %00 stays as it is:
 * decoded, it would cut a name short for us that is longer for the client. */
size_t url_decode(char *text) _nonnull_;
/* The decoded rest of an asset's URL may be opened below the assets directory: relative, no empty
 * part, none that starts with a dot, no control characters, not too long. */
bool asset_name_is_fine(const char *name) _nonnull_;
/* By the end of its name. Static. */
const char *asset_type(const char *name) _nonnull_;

#endif
