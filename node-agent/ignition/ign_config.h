/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the config that was given to the one that takes effect: ignition.config.replace and merge
 * are followed, every config on the way is checked, and so is the result.
 */
#ifndef PROVISION_IGN_CONFIG_H
#define PROVISION_IGN_CONFIG_H

#include "ign_fetch.h"

/*
 * file: a path, or "-" for standard input. *ret_config is one config of version 3.4.0 that has
 * passed ignition_check, without ignition.config; *ret_fetch has its time-outs, proxy and
 * authorities, the latter fetched. New references.
 *
 * Errors say which config they are about and its JSON path. A config that leads to itself, more
 * than LIMIT_IGN_CONFIGS of them, deeper than LIMIT_IGN_DEPTH or larger than LIMIT_IGN_BYTES
 * together are ERR_CONFIG. Nothing is written anywhere.
 */
int ign_config_load(const char *file, json_t **ret_config, struct ign_fetch **ret_fetch,
		    struct err *err) _must_check_ _nonnull_;
/* The same for a plan: all that is included, and what that includes, either stands in it (a data
 * URL) or has a digest; otherwise ERR_CONFIG before it is fetched. */
int ign_config_load_pinned(const char *file, json_t **ret_config, struct ign_fetch **ret_fetch,
			   struct err *err) _must_check_ _nonnull_;

#endif
