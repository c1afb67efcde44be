/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small process that keeps in.tftpd (tftp-hpa) running, so that provisiond can drop the rights
 * that starting it takes. It is forked while provisiond is still root and at once becomes the
 * unprivileged TFTP user; what it keeps are the four capabilities without which in.tftpd 5.2 dies
 * in each transfer (CAP_NET_BIND_SERVICE, SETUID, SETGID, SYS_CHROOT), which it hands on as ambient
 * ones. It restarts in.tftpd with growing pauses, reports by a socket, and ends with it: when
 * provisiond closes its end, or dies of whatever, so do the minder and in.tftpd.
 */
#ifndef PROVISION_TFTP_MINDER_H
#define PROVISION_TFTP_MINDER_H

#include <sys/types.h>

#include "ipv4.h"

#define TFTP_PORT 69

struct tftp_options {
	const char *program; /* absolute path of in.tftpd */
	const char *root; /* the directory that is served; nothing in it is the user's to write */
	struct ipv4 address;            /* the only one it listens on, port 69 */
	uint16_t first_port, last_port; /* of the transfers */
};

/* One report: in.tftpd was started, or ended with a wait status. */
struct tftp_report {
	bool started;
	pid_t pid;
	int status;            /* as of waitpid(2) */
	unsigned int pause_ms; /* until it is started again */
};

struct tftp_minder {
	pid_t pid;
	int fd; /* of struct tftp_report, SOCK_SEQPACKET; closing it ends the minder */
};

/* Whether tftp_minder_start could do it now; leaves nothing open. o: program and address. */
int tftp_minder_check(const struct tftp_options *o, struct err *err) _must_check_ _nonnull_;
/*
 * Starts the minder. Fails when port 69 is taken (with the name of who holds it), the program or
 * the user (provision-tftp, else Debian's tftp) does not exist, or the rights are not there.
 */
int tftp_minder_start(const struct tftp_options *o, struct tftp_minder *ret,
		      struct err *err) _must_check_ _nonnull_;

#endif
