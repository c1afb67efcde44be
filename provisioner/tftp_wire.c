/* SPDX-License-Identifier: Apache-2.0 */
#include "tftp_wire.h"

#include <string.h>

enum tftp_opcode { TFTP_RRQ = 1, TFTP_DATA = 3, TFTP_ACK = 4, TFTP_ERROR = 5 };

static size_t put_numbers(uint8_t *out, uint16_t opcode, uint16_t number)
{
	out[0] = (uint8_t)(opcode >> 8);
	out[1] = (uint8_t)opcode;
	out[2] = (uint8_t)(number >> 8);
	out[3] = (uint8_t)number;
	return TFTP_HEADER;
}

size_t tftp_read_request(const char *file, uint8_t out[TFTP_MESSAGE])
{
	static const char mode[] = "octet";
	size_t n = strlen(file) + 1;

	if (2 + n + sizeof(mode) > TFTP_MESSAGE)
		BUG("TFTP file name too long");
	put_numbers(out, TFTP_RRQ, 0);
	memcpy(out + 2, file, n);
	memcpy(out + 2 + n, mode, sizeof(mode));
	return 2 + n + sizeof(mode);
}

size_t tftp_acknowledgement(uint16_t block, uint8_t out[TFTP_MESSAGE])
{
	return put_numbers(out, TFTP_ACK, block);
}

size_t tftp_stop(uint8_t out[TFTP_MESSAGE])
{
	static const char text[] = "seen enough";
	size_t n = put_numbers(out, TFTP_ERROR, 0);

	memcpy(out + n, text, sizeof(text));
	return n + sizeof(text);
}

int tftp_check_first_block(const uint8_t *message, size_t len, const uint8_t *content, size_t n,
			   struct err *err)
{
	unsigned int opcode, number;

	if (len < TFTP_HEADER)
		return err_set(err, ERR_PROTOCOL, "the answer has %zu bytes only", len);
	opcode = (unsigned int)(message[0] << 8 | message[1]);
	number = (unsigned int)(message[2] << 8 | message[3]);
	message += TFTP_HEADER;
	len -= TFTP_HEADER;
	if (opcode == TFTP_ERROR)
		return err_set(err, ERR_NOT_FOUND, "the server says: %.*s",
			       (int)strnlen((const char *)message, len), (const char *)message);
	if (opcode != TFTP_DATA || number != 1)
		return err_set(err, ERR_PROTOCOL, "the answer is message %u with number %u", opcode,
			       number);
	if (n > TFTP_BLOCK)
		n = TFTP_BLOCK;
	if (len != n || memcmp(message, content, n) != 0)
		return err_set(err, ERR_PROTOCOL, "another file than the one on disk came back");
	return 0;
}
