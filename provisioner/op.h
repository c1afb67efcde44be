/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations of the store that a person asks for: one table, run by the daemon when it lives
 * (over the control socket), else by the command itself under the store's lock. The caller sees no
 * difference.
 *
 *   intent-open    {node, kind: "install"|"reinstall", erase: [serial..], confirm: bool,
 *                  discardClusterState: bool} -> {node, kind, state, expires, erase, message?}
 *   intent-cancel  {node, removed?: bool} -> {node, cancelled: bool, message?}; ERR_REFUSED once
 *                  the disks are written, unless the node is removed altogether
 *   approve        {node, code?, erase?: [..]} -> {node, state, message}
 *   status         {node?} -> {nodes: [..], unknown: [..], cluster, daemon, last,
 *                  configProblem?, waitsForRestart?: [..]}
 *   events         {node?, after?, limit?, wait?} -> {events: [..], last}
 *   plan           {node} -> {plan, planId, state} of the frozen plan; while there is none
 *                  {facts: {reinstall, initialised, firstControlPlane}}
 *   forget         {mac} -> {mac}; an unknown machine is dropped
 */
#ifndef PROVISION_OP_H
#define PROVISION_OP_H

#include "jsonx.h"
#include "paths.h"

/*
 * Runs one operation. args (borrowed) may be NULL: no arguments. *ret_reply is a new reference.
 * ERR_BUSY when neither the daemon answers nor the lock can be had; otherwise the operation's own
 * error.
 */
int op_call(const struct paths *paths, const char *op, json_t *args, json_t **ret_reply,
	    struct err *err) _must_check_ __attribute__((nonnull(1, 2, 4, 5)));

/* A daemon answers at the control socket. */
bool op_daemon_lives(const struct paths *paths) _nonnull_;

#endif
