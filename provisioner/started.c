/* SPDX-License-Identifier: Apache-2.0 */
#include "started.h"

static void copy_ranges(struct ipv4_range **to, size_t *n_to, const struct ipv4_range *from,
			size_t n)
{
	*to = xcalloc(n, sizeof(**to));
	*n_to = n;
	for (size_t i = 0; i < n; i++)
		(*to)[i] = from[i];
}

void started_init(struct started *ret, const struct cluster *c)
{
	*ret = (struct started){
		.address = c->address,
		.http_port = c->http_port,
		.https_port = c->https_port,
		.tftp_first_port = c->tftp_first_port,
		.tftp_last_port = c->tftp_last_port,
		.dhcp = c->dhcp,
		.name = xstrdup(c->name),
		.version = xstrdup(c->version),
		.endpoint = xstrdup(c->endpoint),
		.kubeconfig = xstrdup(c->kubeconfig),
		.flavour = c->flavour,
	};
	strv_copy(&ret->interfaces, &c->interfaces);
	copy_ranges(&ret->ranges, &ret->n_ranges, c->ranges, c->n_ranges);
	ret->lease_time = c->lease_time;
}

void started_release(struct started *s)
{
	strv_release(&s->interfaces);
	free(s->ranges);
	free(s->name);
	free(s->version);
	free(s->endpoint);
	free(s->kubeconfig);
	*s = (struct started){0};
}

static void hold_string(const char *held, char **member, const char *key, struct strv *changed)
{
	if (streq_null(held, *member))
		return;
	free(*member);
	*member = xstrdup(held);
	strv_add(changed, key);
}

static void hold_port(uint16_t held, uint16_t *member, const char *key, struct strv *changed)
{
	if (held == *member)
		return;
	*member = held;
	strv_add(changed, key);
}

static bool same_strings(const struct strv *a, const struct strv *b)
{
	for (size_t i = 0; i < a->n && i < b->n; i++)
		if (!streq(a->v[i], b->v[i]))
			return false;
	return a->n == b->n;
}

static void hold_sockets(const struct started *s, struct cluster *c, struct strv *changed)
{
	if (!same_strings(&s->interfaces, &c->interfaces)) {
		strv_release(&c->interfaces);
		strv_copy(&c->interfaces, &s->interfaces);
		strv_add(changed, "provisioner.interfaces");
	}
	if (s->address.a != c->address.a) {
		c->address = s->address;
		strv_add(changed, "provisioner.address");
	}
	hold_port(s->http_port, &c->http_port, "provisioner.httpPort", changed);
	hold_port(s->https_port, &c->https_port, "provisioner.httpsPort", changed);
	if (s->tftp_first_port != c->tftp_first_port || s->tftp_last_port != c->tftp_last_port) {
		c->tftp_first_port = s->tftp_first_port;
		c->tftp_last_port = s->tftp_last_port;
		strv_add(changed, "provisioner.tftpDataPorts");
	}
	if (s->dhcp != c->dhcp) {
		c->dhcp = s->dhcp;
		free(c->ranges);
		copy_ranges(&c->ranges, &c->n_ranges, s->ranges, s->n_ranges);
		c->lease_time = s->lease_time;
		strv_add(changed, "dhcp.mode");
	}
}

void started_hold(const struct started *s, struct cluster *c, struct strv *changed)
{
	hold_sockets(s, c, changed);
	hold_string(s->name, &c->name, "cluster.name", changed);
	if (s->flavour != c->flavour) {
		c->flavour = s->flavour;
		strv_add(changed, "cluster.flavour");
		hold_string(s->version, &c->version, "cluster.version", changed);
	}
	/* without one the keeper looks it up: the first control plane, which is it, comes later */
	if (s->endpoint)
		hold_string(s->endpoint, &c->endpoint, "cluster.controlPlaneEndpoint", changed);
	hold_string(s->kubeconfig, &c->kubeconfig, "cluster.kubeconfig", changed);
}
