/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The TFTP server of one address: tftp-hpa's in.tftpd as a supervised child. It counts as ready
 * only once a file was read from it over TFTP, because in.tftpd says what is wrong with it to
 * nobody but the system log.
 */
#ifndef PROVISION_TFTP_H
#define PROVISION_TFTP_H

#include <systemd/sd-event.h>

#include "tftp_minder.h"

enum tftp_state {
	TFTP_STARTING, /* in.tftpd was started and has not answered yet */
	TFTP_READY,
	TFTP_FAILED /* it ended, or does not answer; it is started again */
};

struct tftp; /* heap */

/*
 * Starts in.tftpd. To be called with the rights to do so, before they are dropped; o is copied, the
 * strings in it have to stay. probe is the name of a file below o->root, readable for this process,
 * that is read as the proof.
 */
int tftp_start(const struct tftp_options *o, const char *probe, struct tftp **ret,
	       struct err *err) _must_check_ _nonnull_;
/* Joins the loop: state changes are logged, and told to changed (may be NULL) with one sentence. */
int tftp_attach(struct tftp *t, sd_event *loop,
		void (*changed)(void *ctx, enum tftp_state state, const char *sentence), void *ctx,
		struct err *err) _must_check_ __attribute__((nonnull(1, 2, 5)));
enum tftp_state tftp_state(const struct tftp *t) _nonnull_;
/* Ends in.tftpd, waits for the minder. NULL-safe; gives NULL. */
struct tftp *tftp_free(struct tftp *t);

#endif
