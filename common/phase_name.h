/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of an installation by name, in their order: the one table that both programs read. */
#ifndef PROVISION_PHASE_NAME_H
#define PROVISION_PHASE_NAME_H

#include "base.h"

enum phase_name {
	PHASE_INVALID = -1,
	/* in the boot environment */
	PHASE_CLAIM,
	PHASE_PARTITION,
	PHASE_POOLS,
	PHASE_UNPACK,
	PHASE_CONFIGURE,
	PHASE_KUBERNETES, /* binaries, images and units onto the new system */
	PHASE_BOOTLOADER, /* last, so that a half-installed disk never boots */
	PHASE_REBOOT,     /* its `done` event acknowledged makes the intent `written` */
	/* on the installed node */
	PHASE_FIRSTBOOT,
	PHASE_JOIN,  /* kubeadm init or join, k3s server or agent */
	PHASE_READY, /* its `done` event makes the intent `done` */
	PHASE_MAX
};

const char *phase_name(enum phase_name p);
enum phase_name phase_parse(const char *word) _nonnull_;
/* A typical share of the whole installation in percent, for one progress figure over all phases. */
unsigned int phase_weight(enum phase_name p);

#endif
