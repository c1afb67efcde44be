/* SPDX-License-Identifier: Apache-2.0 */
/* The few calls to a cluster's API server that provisioning needs. */
#ifndef PROVISION_KUBE_API_H
#define PROVISION_KUBE_API_H

#include "kubeconfig.h"
#include "token.h"

struct kube_api;

/* Copies what it needs of k. */
struct kube_api *kube_api_new(const struct kubeconfig *k) _nonnull_;
struct kube_api *kube_api_free(struct kube_api *a);
static inline void kube_api_freep(struct kube_api **a)
{
	kube_api_free(*a);
}

/* Stores the token as a Secret. ERR_NETWORK and ERR_BUSY: the API server is not there (yet). */
int kube_api_add_token(struct kube_api *a, const struct token *t, int64_t expires_s,
		       const char *groups, const char *description,
		       struct err *err) _must_check_ _nonnull_;
/* Deletes the Secret of a token; one that is gone already is fine. */
int kube_api_revoke_token(struct kube_api *a, const char *id,
			  struct err *err) _must_check_ _nonnull_;
/* Deletes a Node object; one that is not there is fine. */
int kube_api_delete_node(struct kube_api *a, const char *name,
			 struct err *err) _must_check_ _nonnull_;

#endif
