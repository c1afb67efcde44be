/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The versions of Ignition's spec that configs are served in, chosen by what the client says it
 * reads, and what has to be changed in a config of 3.4 for a client of 3.3. Pure.
 */
#ifndef PROVISION_IGNITION_SPEC_H
#define PROVISION_IGNITION_SPEC_H

#include "jsonx.h"

enum ignition_spec {
	IGNITION_SPEC_INVALID = -1,
	IGNITION_SPEC_3_3,
	IGNITION_SPEC_3_4,
	IGNITION_SPEC_MAX
};

/* "3.4.0" */
const char *ignition_spec_version(enum ignition_spec spec);
/* "application/vnd.coreos.ignition+json; version=3.4.0" */
const char *ignition_spec_type(enum ignition_spec spec);
/* "3.3" or "3.3.0". */
enum ignition_spec ignition_spec_parse(const char *text) _nonnull_;
/* By the request's headers, each of which may be NULL: the newest version that Accept names
 * (application/vnd.coreos.ignition+json;version=3.3.0); else that of the program in User-Agent
 * (Ignition/2.14.0); else 3.4. ERR_USAGE when the client reads only older ones. */
int ignition_spec_choose(const char *accept, const char *user_agent, enum ignition_spec *ret,
			 struct err *err) _must_check_ __attribute__((nonnull(3, 4)));
/* Makes a config of 3.4 one of `spec`. Special mode bits, which 3.3 has not, become lines of a
 * tmpfiles.d(5) file that is added. ERR_CONFIG names by its JSON path what cannot be said in 3.3.
 */
int ignition_spec_lower(json_t *config, enum ignition_spec spec,
			struct err *err) _must_check_ _nonnull_;

#endif
