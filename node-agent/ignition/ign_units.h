/* SPDX-License-Identifier: Apache-2.0 */
/*
 * systemd.units of spec 3.4: contents and drop-ins in etc/systemd/system, a masked unit as a link
 * to /dev/null, `enabled` as a line of etc/systemd/system-preset/20-ignition.preset. systemd
 * applies presets at a first boot only, so in an installed root units are also enabled or disabled
 * at once.
 */
#ifndef PROVISION_IGN_UNITS_H
#define PROVISION_IGN_UNITS_H

#include "ign_root.h"
#include "jsonx.h"

/* config is one that ign_config_load gave. */
int ign_units_make(const struct ign_root *r, const json_t *config,
		   struct err *err) _must_check_ _nonnull_;
/* The lines that upstream (2.15 and later, which sorts them) adds to the preset file, one instance
 * of a template beside the other. Caller frees; "" when no unit says `enabled`. */
char *ign_units_preset(const json_t *units);

#endif
