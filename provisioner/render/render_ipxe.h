/* SPDX-License-Identifier: Apache-2.0 */
/* iPXE scripts from ipxe-scripts/ and GRUB configurations from grub-configs/: parsed once, rendered
 * per request from values. Pure but for the load. */
#ifndef PROVISION_RENDER_IPXE_H
#define PROVISION_RENDER_IPXE_H

#include "buf.h"
#include "err.h"
#include "live_image.h"

enum ipxe_script {
	IPXE_BOOT,     /* boot.ipxe: asks with MAC, UUID, serial and architecture */
	IPXE_INSTALL,  /* install.ipxe */
	IPXE_DISK,     /* disk.ipxe */
	IPXE_UNKNOWN,  /* unknown.ipxe: how to be added, then the disk */
	IPXE_AUTOEXEC, /* autoexec.ipxe: what newer iPXE asks for by TFTP */
	/* systems that run in memory */
	IPXE_FLATCAR,
	IPXE_FCOS,
	IPXE_IGNITION,
	/* the same for GRUB */
	GRUB_BOOT, /* boot.cfg: asks with the MAC */
	GRUB_INSTALL,
	GRUB_DISK,
	GRUB_UNKNOWN,
	GRUB_FLATCAR,
	GRUB_FCOS,
	GRUB_IGNITION,
	IPXE_SCRIPT_MAX
};

/* What scripts may refer to as {{ name }}; NULL is "". Borrowed. */
struct ipxe_values {
	const char *node;      /* its name */
	const char *mac;       /* colon form */
	const char *mac_dash;  /* hyphen form, for BOOTIF= */
	const char *arch;      /* amd64 */
	const char *http;      /* http://IP:8080 */
	const char *host;      /* IP:8080, as GRUB writes it */
	const char *url;       /* https://IP:8443 */
	const char *image;     /* debian-13 */
	const char *boot;      /* boot/debian-13-amd64 */
	const char *ca;        /* digest of the CA, 64 hex digits */
	const char *time;      /* Unix seconds */
	const char *nonce;     /* hex */
	const char *arguments; /* the node's kernelArguments, with spaces between */
	const char *reason;    /* why the disk is booted, printable */
};

struct ipxe_scripts;

/* Reads DATA/ipxe-scripts/NAME.ipxe and DATA/grub-configs/NAME.cfg, those of CONFIG over them. */
int ipxe_scripts_load(const char *data_dir, const char *config_dir, struct ipxe_scripts **ret,
		      struct err *err) _must_check_ _nonnull_;
/* The same from one text; the others stay. *s may be NULL. */
int ipxe_scripts_set(struct ipxe_scripts **s, enum ipxe_script which, const char *file,
		     const char *text, struct err *err) _must_check_ _nonnull_;
struct ipxe_scripts *ipxe_scripts_free(struct ipxe_scripts *s);
/* What starts the installer (LIVE_NONE), or this system in memory. */
enum ipxe_script ipxe_script_of(enum live_kind live, bool grub);
/* Appends the script to out. */
void render_ipxe(const struct ipxe_scripts *s, enum ipxe_script which, const struct ipxe_values *v,
		 struct buf *out) _nonnull_;

#endif
