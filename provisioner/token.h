/* SPDX-License-Identifier: Apache-2.0 */
/* Bootstrap tokens as Kubernetes defines them: [a-z0-9]{6}.[a-z0-9]{16}, kept as a Secret
 * kube-system/bootstrap-token-ID. Pure. */
#ifndef PROVISION_TOKEN_H
#define PROVISION_TOKEN_H

#include "jsonx.h"

#define TOKEN_ID_SIZE     7
#define TOKEN_SECRET_SIZE 17
/* Random bytes that give a token for all but one in 10^9 draws. */
#define TOKEN_RANDOM 64

struct token {
	char id[TOKEN_ID_SIZE];         /* may be told */
	char secret[TOKEN_SECRET_SIZE]; /* may not */
};

/* Each character with the same probability. False when the bytes do not suffice: draw again. */
bool token_from_random(const uint8_t bytes[TOKEN_RANDOM], struct token *ret) _nonnull_;
bool token_id_is_valid(const char *id) _nonnull_;
/* The Secret object that makes it valid until expires_s (Unix time). groups: for instance
 * "system:bootstrappers:kubeadm:default-node-token". New reference; holds the secret. */
json_t *token_to_secret(const struct token *t, int64_t expires_s, const char *groups,
			const char *description) _nonnull_;

#endif
