/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine says of itself besides its disks: cards, firmware, SMBIOS. */
#ifndef PROVISION_MACHINE_H
#define PROVISION_MACHINE_H

#include "netif.h"
#include "node.h"

struct machine {
	struct netif_list cards;
	char *uuid;   /* SMBIOS, lower case; NULL when the firmware has none */
	char *serial; /* SMBIOS system serial; NULL when there is none or a filler */
	enum arch arch;
	bool uefi;
};

/* Reads it from sys ("/sys"). Never fails: what is not there stays NULL. */
void machine_read(const char *sys, struct machine *ret_machine) _nonnull_;
void machine_release(struct machine *m) _nonnull_;

#endif
