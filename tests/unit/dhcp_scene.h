/* SPDX-License-Identifier: Apache-2.0 */
/* A server 10.0.0.1/24 and what it knows, for unit tests of the policy. */
#ifndef PROVISION_TEST_DHCP_SCENE_H
#define PROVISION_TEST_DHCP_SCENE_H

#include "dhcp/dhcp_policy.h"
#include "dhcp_packet.h"

#define IP(last) ((struct ipv4){0x0a000000u + (last)})

struct scene {
	struct ipv4_range range;
	struct dhcp_config config;
	struct dhcp_view view;
	struct dhcp_answer a;
};

static inline bool scene_is_static(struct ipv4 ip, const void *arg)
{
	(void)arg;
	return ip.a == IP(50).a;
}

/* Range 10.0.0.100-103, 10.0.0.50 is some node's; the machine is unknown. */
static inline void scene_init(struct scene *s, enum dhcp_mode mode)
{
	s->range = (struct ipv4_range){IP(100), IP(103)};
	s->config = (struct dhcp_config){.mode = mode,
					 .http_port = 8080,
					 .subnet = {IP(0), 24},
					 .router = IP(254),
					 .dns = {IP(253), {0x08080808}},
					 .n_dns = 2,
					 .domain = (char *)"lan",
					 .ntp = {IP(252)},
					 .n_ntp = 1,
					 .ranges = &s->range,
					 .n_ranges = 1,
					 .lease_time = 3600};
	s->view = (struct dhcp_view){.config = &s->config,
				     .link = {2, {IP(1), 24}},
				     .machine = {.kind = MACHINE_UNKNOWN},
				     .leases = lease_table_new(),
				     .is_static = scene_is_static,
				     .now = 1000};
}

static inline void scene_release(struct scene *s)
{
	lease_table_free(s->view.leases);
}

/* Asks, enters the change as the server does, and gives the reply's type, or 0 for silence. */
static inline enum dhcp_type scene_ask(struct scene *s, struct packet *p, uint16_t port)
{
	dhcp_policy(packet_parse(p), port, &s->view, &s->a);
	assert_non_null(s->a.why);
	if (s->a.change)
		lease_set(s->view.leases, &s->a.lease);
	if (s->a.target == DHCP_TO_NOBODY)
		return DHCP_TYPE_NONE;
	assert_true(s->a.reply.len >= LIMIT_DHCP_MIN);
	assert_false(s->a.reply.overflow);
	return (enum dhcp_type)reply_get(s->a.reply.data, s->a.reply.len, OPT_TYPE).p[0];
}

static inline struct dhcp_bytes scene_get(const struct scene *s, uint8_t code)
{
	return reply_get(s->a.reply.data, s->a.reply.len, code);
}

static inline uint32_t scene_yiaddr(const struct scene *s)
{
	return bytes_u32(s->a.reply.data + DHCP_AT_YIADDR);
}

static inline const char *scene_file(const struct scene *s)
{
	return (const char *)s->a.reply.data + DHCP_AT_FILE;
}

#endif
