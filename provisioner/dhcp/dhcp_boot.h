/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which client asks, and which boot file it gets. A firmware that needs something special is a row
 * of the quirk table in dhcp_boot.c.
 */
#ifndef PROVISION_DHCP_BOOT_H
#define PROVISION_DHCP_BOOT_H

#include "dhcp/dhcp_config.h"
#include "dhcp/dhcp_reply.h"

/* What a firmware loads first. */
struct boot_loader {
	uint16_t arch;         /* enum pxe_arch */
	bool http;             /* the firmware takes a URL instead of a name for TFTP */
	const char *file;      /* below the TFTP root, and below /assets/ipxe/ */
	const char *arch_name; /* "amd64", "arm64" */
	const char *tag;       /* the file's own word in advice; NULL: what all others get */
};

/* The table of them, the only one; several architectures may share a file. */
const struct boot_loader *boot_loaders(size_t *ret_n) _nonnull_;

enum boot_kind {
	BOOT_NONE, /* wants an address, not a boot file */
	BOOT_PXE,  /* a firmware's PXE stack */
	BOOT_HTTP, /* UEFI HTTP Boot */
	BOOT_IPXE  /* iPXE that speaks HTTP, from wherever it was started */
};

struct boot_quirk;

struct boot_client {
	enum boot_kind kind;
	uint16_t arch;                  /* enum pxe_arch */
	const struct boot_quirk *quirk; /* NULL: an ordinary one */
};

struct boot_client boot_client_of(const struct dhcp_msg *m) _nonnull_;
/* "amd64", "arm64" or "" when it has no loader of ours: what the machine is, for `status`. */
const char *boot_client_arch(const struct boot_client *c) _nonnull_;
/* NULL when there is something for this client to boot, else why not. */
const char *boot_refusal(const struct boot_client *c) _nonnull_;
/*
 * Puts server address, boot file and the PXE options into r. proxy: another server gives the
 * addresses, so the reply has to be recognised as a proxy's. Needs boot_refusal() == NULL.
 */
void boot_put(struct dhcp_reply *r, const struct dhcp_msg *m, const struct boot_client *c,
	      const struct dhcp_config *config, struct ipv4 server, bool proxy) _nonnull_;

#endif
