/* SPDX-License-Identifier: Apache-2.0 */
/* An Ethernet address as a value. */
#ifndef PROVISION_MAC_H
#define PROVISION_MAC_H

#include "err.h"

struct mac {
	uint8_t b[6];
};

#define MAC_TEXT_SIZE 18

/* Takes 52:54:00:12:34:56, 52-54-00-12-34-56 and 525400123456 in any case; refuses multicast and
 * all zeroes, naming the text. ret_mac is untouched on failure. */
int mac_parse(const char *text, struct mac *ret_mac, struct err *err) _must_check_ _nonnull_;
/* Writes the colon form, lower case, NUL-terminated; returns text. */
const char *mac_format(const struct mac *mac, char text[MAC_TEXT_SIZE]) _nonnull_;
/* <0, 0, >0 like memcmp. */
int mac_compare(const struct mac *a, const struct mac *b) _nonnull_;
/* FNV-1a of the six bytes, for hash tables. */
uint32_t mac_hash(const struct mac *mac) _nonnull_;

#endif
