/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's clock, set once before the first TLS handshake: a dead battery says 2010. */
#ifndef PROVISION_CLOCK_H
#define PROVISION_CLOCK_H

#include "err.h"

/* Seconds that the machine's clock may differ from the provisioner's and be left alone. */
#define CLOCK_TOLERANCE_S 60

/* Whether a clock at now (Unix seconds) is to be set when the provisioner said told (0: nothing).
 * Pure. */
bool clock_is_off(int64_t now, int64_t told);
/* Sets the system clock to told, and /dev/rtc0 when the machine has one. *ret_set tells whether
 * anything was done. */
int clock_set(int64_t told, bool *ret_set, struct err *err) _must_check_ _nonnull_;
/* Unix time in ms. */
int64_t clock_now_ms(void);
/* Milliseconds of CLOCK_MONOTONIC, for intervals. */
int64_t clock_monotonic_ms(void);

#endif
