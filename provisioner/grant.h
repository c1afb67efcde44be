/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which nodes may have the keys of the cluster's CA: STATE/secrets/control-planes, lines of text of
 * which a node's last one counts.
 *
 *   NODE asked   root asked for its installation as a control plane (add-node, reinstall)
 *   NODE KEY     the keys went to the machine with this public key (base64), which may ask again
 *   NODE gone    root removed the node
 *
 * Only root writes there: commands, and the keeper. So whoever speaks for the wire-facing process
 * gets the keys neither for a node of his choice nor for a machine of his own, once the node that
 * root asked for has them.
 */
#ifndef PROVISION_GRANT_H
#define PROVISION_GRANT_H

#include "cluster.h"
#include "node.h"
#include "secrets.h"

/* The node's installation hands out keys of ours: a control plane of a cluster of ours. */
bool grant_is_needed(const struct cluster *c, const struct node *n) _nonnull_;
/* For a command: ERR_REFUSED unless it may write there, ERR_NOT_FOUND without keys. */
int grant_check(const char *state_dir, struct err *err) _must_check_ _nonnull_;
/* Root's word for one installation of the node. Durable. */
int grant_ask(const char *state_dir, const char *node, struct err *err) _must_check_ _nonnull_;
/* That the node is no more, if it ever was asked for. Durable. */
int grant_remove(const char *state_dir, const char *node, struct err *err) _must_check_ _nonnull_;

/* For the keeper, while it may open files for writing: the descriptor; the caller closes. */
int grant_open(const char *state_dir, struct err *err) _must_check_ _nonnull_;
/* The node's machine with this key may have the keys; noted, durably, before it returns 0. first:
 * it makes the cluster, which no other node may have got the keys for. ERR_REFUSED names what root
 * has to say. */
int grant_take(int fd, const char *node, const uint8_t key[ED25519_KEY_SIZE], bool first,
	       struct err *err) _must_check_ _nonnull_;

#endif
