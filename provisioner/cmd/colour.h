/* SPDX-License-Identifier: Apache-2.0 */
/* Colours and live lines, on terminals only. */
#ifndef PROVISION_COLOUR_H
#define PROVISION_COLOUR_H

#include "base.h"

/* Standard output is a terminal that can do more than lines (not TERM=dumb, not NO_COLOR). */
bool colour_wanted(void);
/* How a state of a node or an event is shown: an escape sequence, "" when colour is not wanted.
 * NULL: back to normal. */
const char *colour_of(const char *state, bool wanted);
/* "3m 20s" since a Unix time in ms; "-" for 0. Caller frees. */
char *since_text(int64_t then_ms, int64_t now_ms);
/* "2026-11-21 00:25:06" in local time. Caller frees. */
char *time_text(int64_t ms);

#endif
