/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"

#include <limits.h>
#include <string.h>

#include <openssl/evp.h>

char *base64_encode(const void *p, size_t n)
{
	char *text = xmalloc(4 * ((n + 2) / 3) + 1);

	if (n > INT_MAX)
		BUG("base64 of more than 2 GiB");
	EVP_EncodeBlock((unsigned char *)text, p, (int)n);
	return text;
}

int base64_decode(const char *text, uint8_t **ret, size_t *ret_len, struct err *err)
{
	size_t len = strlen(text), n = 0, padding = 0;
	_cleanup_(freep) char *packed = xmalloc(len + 1);
	_cleanup_(freep) uint8_t *bytes = NULL;
	int decoded;

	for (size_t i = 0; i < len; i++)
		if (!strchr(" \t\r\n", text[i]))
			packed[n++] = text[i];
	packed[n] = '\0';
	while (padding < n && packed[n - padding - 1] == '=')
		padding++;
	if (n % 4 || padding > 2 || n > INT_MAX)
		return err_set(err, ERR_PROTOCOL, "no base64 (RFC 4648, padded)");
	bytes = xmalloc(n / 4 * 3 + 1);
	decoded = EVP_DecodeBlock(bytes, (const unsigned char *)packed, (int)n);
	if (decoded < 0 || (size_t)decoded < padding)
		return err_set(err, ERR_PROTOCOL, "no base64 (RFC 4648, padded)");
	*ret_len = (size_t)decoded - padding;
	bytes[*ret_len] = '\0';
	*ret = TAKE_PTR(bytes);
	return 0;
}

int base64_decode_exact(const char *text, uint8_t *ret, size_t n, struct err *err)
{
	_cleanup_(freep) uint8_t *bytes = NULL;
	size_t len = 0;

	if (strlen(text) != 4 * ((n + 2) / 3))
		return err_set(err, ERR_PROTOCOL, "not %zu bytes in base64", n);
	if (base64_decode(text, &bytes, &len, err) < 0)
		return -1;
	if (!bytes || len != n)
		return err_set(err, ERR_PROTOCOL, "not %zu bytes in base64", n);
	memcpy(ret, bytes, n);
	return 0;
}
