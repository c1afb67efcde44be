/* SPDX-License-Identifier: Apache-2.0 */
/* ignition.proxy of spec 3.1 and later: which proxy a URL is fetched through. Pure. */
#ifndef PROVISION_IGN_PROXY_H
#define PROVISION_IGN_PROXY_H

#include "jsonx.h"

/* The URL of the proxy, "" for none; proxy is the checked object or NULL. As the spec says:
 * httpsProxy for https, httpProxy for http, and for https too when there is no httpsProxy; none
 * when an element of noProxy names the host: an address, a prefix (1.2.3.4/8), a domain with all
 * below it,
 * ".domain" for only what is below it, each of these but a prefix also with a port; "*" is every
 * host. Borrowed from proxy. */
const char *ign_proxy_for(const json_t *proxy, const char *url) __attribute__((nonnull(2)));

#endif
