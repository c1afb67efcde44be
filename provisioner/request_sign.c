/* SPDX-License-Identifier: Apache-2.0 */
#include "request_sign.h"

#include <string.h>

#include "base64.h"
#include "parse.h"

static int check_time(const char *text, int64_t now_ms, struct err *err)
{
	uint64_t time_ms;
	int64_t off;

	if (parse_u64(text, INT64_MAX, &time_ms, err) < 0)
		return err_set(err, ERR_VERIFY, "Provision-Time is no Unix time in ms");
	off = (int64_t)time_ms - now_ms;
	if (off < -REQUEST_CLOCK_TOLERANCE_MS || off > REQUEST_CLOCK_TOLERANCE_MS)
		return err_set(err, ERR_VERIFY,
			       "the machine's clock is %lld s off: netboot it again, which sets it",
			       (long long)(off / 1000));
	return 0;
}

int request_verify(const struct signed_request *r, int64_t now_ms,
		   uint8_t ret_key[ED25519_KEY_SIZE], struct err *err)
{
	uint8_t key[ED25519_KEY_SIZE], signature[ED25519_SIGNATURE_SIZE];
	_cleanup_(freep) char *said = NULL;
	char digest[SHA256_TEXT_SIZE];
	struct sha256 body;

	if (!r->key || !r->time || !r->signature)
		return err_set(err, ERR_VERIFY,
			       "the request is not signed: Provision-Key, Provision-Time and "
			       "Provision-Signature are needed");
	if (base64_decode_exact(r->key, key, sizeof(key), err) < 0)
		return err_set(err, ERR_VERIFY, "Provision-Key is not 32 bytes in base64");
	if (base64_decode_exact(r->signature, signature, sizeof(signature), err) < 0)
		return err_set(err, ERR_VERIFY, "Provision-Signature is not 64 bytes in base64");
	if (check_time(r->time, now_ms, err) < 0)
		return -1;
	body = sha256_of(r->body, r->body_len);
	said = xasprintf("%s\n%s\n%s\n%s", r->method, r->path, r->time,
			 sha256_format(&body, digest));
	if (ed25519_verify(key, said, strlen(said), signature, err) < 0)
		return err_set(err, ERR_VERIFY, "Provision-Signature does not match the request");
	memcpy(ret_key, key, sizeof(key));
	return 0;
}
