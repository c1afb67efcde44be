/* SPDX-License-Identifier: Apache-2.0 */
/* STATE/tftp: what in.tftpd serves. Copies of the loaders among the assets, because it is shut into
 * its folder, and autoexec.ipxe. */
#ifndef PROVISION_TFTP_FILES_H
#define PROVISION_TFTP_FILES_H

#include "paths.h"

/* Is always there. */
#define TFTP_PROBE_FILE "autoexec.ipxe"

/* Both make the folder, which in.tftpd may be serving at the same time, and write as root. */

/* Brings the copies up to date. Loaders that were not built yet are left out; *ret_loaders tells
 * how many there are. */
int tftp_files_loaders(const struct paths *paths, size_t *ret_loaders,
		       struct err *err) _must_check_ _nonnull_;
/* Writes autoexec.ipxe. http: http://IP:8080. */
int tftp_files_autoexec(const struct paths *paths, const char *http,
			struct err *err) _must_check_ _nonnull_;

#endif
