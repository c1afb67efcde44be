/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vital product data of a SCSI disk (SPC-4 section 7.8), as the kernel keeps it in sysfs
 * (device/vpd_pg80, device/vpd_pg83): the names a disk gives itself. Pure; the bytes are the
 * disk's own and are not trusted.
 */
#ifndef PROVISION_VPD_H
#define PROVISION_VPD_H

#include "base.h"

/* What page 83h (device identification) says about the logical unit. All may be NULL. */
struct vpd_names {
	char *wwn;        /* NAA designator: "0x" and 16 or 32 lower-case hex digits */
	char *eui;        /* EUI-64 designator: hex digits */
	char *t10;        /* T10 vendor designator as text, vendor first */
	char *vendor;     /* vendor-specific designator as text */
	char *ata_model;  /* of the 68 bytes that SAT-4 section 10.4.4 gives a SATA disk, */
	char *ata_serial; /* with the model untruncated */
};

/* Takes the first designator of each kind; stops at the first that does not fit in n bytes. */
void vpd_names_parse(const uint8_t *p, size_t n, struct vpd_names *ret) __attribute__((nonnull(3)));
void vpd_names_release(struct vpd_names *v) _nonnull_;
/* The serial number of page 80h without blanks around it; NULL when it has none. Caller frees. */
char *vpd_serial_parse(const uint8_t *p, size_t n);

#endif
