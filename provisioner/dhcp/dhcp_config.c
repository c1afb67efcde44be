/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcp/dhcp_config.h"

#include <string.h>

static void copy_ntp(const struct strv *names, struct dhcp_config *ret)
{
	for (size_t i = 0; i < names->n && ret->n_ntp < DHCP_MAX_NTP; i++) {
		struct err err = ERR_INIT;

		if (ipv4_parse(names->v[i], &ret->ntp[ret->n_ntp], &err) == 0)
			ret->n_ntp++;
		err_release(&err);
	}
}

void dhcp_config_from(const struct cluster *c, struct dhcp_config *ret)
{
	*ret = (struct dhcp_config){
		.mode = c->dhcp,
		.unknown = c->unknown,
		.http_port = c->http_port,
		.subnet = c->subnet,
		.router = c->router,
		.n_dns = c->n_dns,
		.domain = xstrdup(c->domain),
		.n_ranges = c->n_ranges,
		.lease_time = c->lease_time ? c->lease_time : DHCP_DEFAULT_LEASE,
	};
	if (ret->lease_time < DHCP_MIN_LEASE)
		ret->lease_time = DHCP_MIN_LEASE;
	memcpy(ret->dns, c->dns, sizeof(ret->dns));
	copy_ntp(&c->ntp, ret);
	if (c->n_ranges > 0)
		ret->ranges = xmemdup(c->ranges, c->n_ranges * sizeof(*c->ranges));
}

void dhcp_config_release(struct dhcp_config *c)
{
	free(c->domain);
	free(c->ranges);
	*c = (struct dhcp_config){0};
}
