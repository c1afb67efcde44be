/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files stage of Ignition, spec 3.4: what its client does to a root that is mounted, and with
 * the same result. In upstream's order: groups, users, files, units.
 */
#ifndef PROVISION_IGN_STAGE_H
#define PROVISION_IGN_STAGE_H

#include "ign_resource.h"
#include "jsonx.h"

/* config is one that ign_config_load gave. What can be refused is refused before anything is
 * touched; nothing outside of root ever is. Errors name the JSON path. */
int ign_stage_files(const json_t *config, struct ign_fetch *f, const char *root,
		    struct err *err) _must_check_ _nonnull_;
/* The same for a system that is started as it is afterwards, by no Ignition: see ign_root's
 * `installed`. May be run again after it was cut. kernelArguments are the bootloader's phase's. */
int ign_stage_installed(const json_t *config, struct ign_fetch *f, const char *root,
			struct err *err) _must_check_ _nonnull_;

#endif
