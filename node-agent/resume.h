/* SPDX-License-Identifier: Apache-2.0 */
/* Which phases of an installation are over, as the provisioner has it on record. */
#ifndef PROVISION_RESUME_H
#define PROVISION_RESUME_H

#include "jsonx.h"
#include "phase_name.h"

struct resume {
	bool done[PHASE_MAX];
};

/* An array of phase names; an unknown one is ERR_PROTOCOL. */
int resume_from_json(const json_t *array, struct resume *ret, struct err *err) _must_check_
	__attribute__((nonnull(2, 3)));
bool resume_has(const struct resume *r, enum phase_name p) _nonnull_;

#endif
