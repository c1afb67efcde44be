/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP as Ignition does it: the timeouts, the proxy and the certificate authorities of a config's
 * section "ignition" hold for all that is fetched. Tries again after what may pass.
 */
#ifndef PROVISION_IGN_FETCH_H
#define PROVISION_IGN_FETCH_H

#include "jsonx.h"

struct ign_fetch; /* heap */

/* With the defaults: 10 s for an answer to begin, the system's authorities, no proxy. */
struct ign_fetch *ign_fetch_new(void);
struct ign_fetch *ign_fetch_free(struct ign_fetch *f);
/* The settings of a checked section "ignition" from here on; NULL: the defaults. Fetches and checks
 * its certificate authorities, by what was trusted before; those of the settings before are not
 * fetched again. ERR_CONFIG with the JSON path below `path` for what is no certificate. */
int ign_fetch_set(struct ign_fetch *f, const json_t *ignition, const char *path,
		  struct err *err) _must_check_ __attribute__((nonnull(1, 3, 4)));

struct ign_request {
	const char *url;       /* http or https */
	const json_t *headers; /* a checked httpHeaders, or NULL; only the first server gets them */
	size_t max;            /* ceiling of the body */
	/* Gets the body; returns -1 with err set to stop. */
	int (*on_data)(const void *p, size_t n, void *arg, struct err *err);
	void *arg;
};

/* GET. Follows up to LIMIT_REDIRECTS redirects, never from https to http. No connection, no answer
 * and a status of 500 and above are tried again, at growing distances, until timeouts.httpTotal is
 * over or some 30 s were waited; then it is ERR_NETWORK. Once the body began nothing is tried
 * again. A body over max is ERR_PROTOCOL, 404 ERR_NOT_FOUND, another status than 200 and 204
 * ERR_PROTOCOL. */
int ign_fetch_get(struct ign_fetch *f, const struct ign_request *req,
		  struct err *err) _must_check_ _nonnull_;

#endif
