/* SPDX-License-Identifier: Apache-2.0 */
/* The few TFTP messages (RFC 1350) that it takes to see whether a server gives out a file. */
#ifndef PROVISION_TFTP_WIRE_H
#define PROVISION_TFTP_WIRE_H

#include "err.h"

#define TFTP_BLOCK 512
/* Opcode and block number before the data. */
#define TFTP_HEADER 4
/* Longest message that is sent or wanted here. */
#define TFTP_MESSAGE (TFTP_HEADER + TFTP_BLOCK)

/* Writes a read request for file in octet mode; its length. file is shorter than TFTP_BLOCK - 8. */
size_t tftp_read_request(const char *file, uint8_t out[TFTP_MESSAGE]) _nonnull_;
/* Writes the acknowledgement of a block; its length. */
size_t tftp_acknowledgement(uint16_t block, uint8_t out[TFTP_MESSAGE]) _nonnull_;
/* Writes an error that ends the transfer; its length. */
size_t tftp_stop(uint8_t out[TFTP_MESSAGE]) _nonnull_;
/* Judges the answer to a read request: the first block has to be the first bytes of content[0..n).
 * Fails with ERR_PROTOCOL, or ERR_NOT_FOUND with the server's words. */
int tftp_check_first_block(const uint8_t *message, size_t len, const uint8_t *content, size_t n,
			   struct err *err) _must_check_ _nonnull_;

#endif
