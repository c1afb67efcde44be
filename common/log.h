/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The human log: one line a message on stderr, "<N>" priority prefix when the journal reads it
 * (sd-daemon(3)). Only mains, event handlers and phase_run log; everything below returns errors.
 */
#ifndef PROVISION_LOG_H
#define PROVISION_LOG_H

#include "err.h"

enum log_level {
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

/* Once, at the start of main: the program's name, and the most talkative level that is shown.
 * The name is not copied. */
void log_open(const char *program, enum log_level most) _nonnull_;
void log_line(enum log_level level, const char *fmt, ...) _printf_(2, 3);
#define log_error(...)   log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)    log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)
/* The sentence of err as an error line. */
void log_err(const struct err *err) _nonnull_;

#endif
