/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the node is Ready: this start of it, not an earlier one of the same name. */
#ifndef PROVISION_READY_H
#define PROVISION_READY_H

#include "jsonx.h"

/*
 * Judges a Node object (core/v1): Ready is True, and status.nodeInfo.bootID is boot_id. Otherwise
 * *ret_why is one sentence that says what is missing; caller frees. Pure.
 */
bool ready_judge(const json_t *node, const char *boot_id, char **ret_why) _nonnull_;
/* Asks the cluster once, by kubectl (the beginning of an argument list). An answer that cannot be
 * had is ERR_NETWORK. */
int ready_ask(const char *const *kubectl, const char *node, const char *boot_id, bool *ret_ready,
	      char **ret_why, struct err *err) _must_check_ _nonnull_;
/* /proc/sys/kernel/random/boot_id; caller frees. */
int ready_boot_id(char **ret, struct err *err) _must_check_ _nonnull_;

#endif
