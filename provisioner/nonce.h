/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nonce of one boot: made when an install script is rendered, carried by the kernel command
 * line, shown at the claim. It holds its own time and a keyed digest, so nothing is stored for it.
 */
#ifndef PROVISION_NONCE_H
#define PROVISION_NONCE_H

#include "mac.h"

#define NONCE_KEY_SIZE  32
#define NONCE_TEXT_SIZE 33

/* now: Unix seconds. 32 hex digits; returns text. */
const char *nonce_make(const uint8_t key[NONCE_KEY_SIZE], const struct mac *mac, int64_t now,
		       char text[NONCE_TEXT_SIZE]) _nonnull_;
/* Made by nonce_make for this MAC not longer than INTENT_LIFETIME_S ago. */
bool nonce_is_good(const uint8_t key[NONCE_KEY_SIZE], const struct mac *mac, int64_t now,
		   const char *text) _nonnull_;
/* The same, not longer than max_age_s ago. */
bool nonce_is_fresh(const uint8_t key[NONCE_KEY_SIZE], const struct mac *mac, int64_t now,
		    uint32_t max_age_s, const char *text) _nonnull_;

#endif
