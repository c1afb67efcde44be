/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster_yaml.h"

#include "base64.h"
#include "limits.h"
#include "parse.h"

#include <ctype.h>
#include <string.h>

/* Cuts the next string of RFC 4251, section 5, off the front; false when it is not whole. */
static bool cut_string(const uint8_t **p, size_t *n, const uint8_t **ret, size_t *ret_n)
{
	size_t len;

	if (*n < 4)
		return false;
	len = (size_t)(*p)[0] << 24 | (size_t)(*p)[1] << 16 | (size_t)(*p)[2] << 8 | (*p)[3];
	if (len > *n - 4)
		return false;
	*ret = *p + 4;
	*ret_n = len;
	*p += 4 + len;
	*n -= 4 + len;
	return true;
}

/* RFC 4253, section 6.6: the type again, then what the type wants, to the last byte. */
static bool is_blob_of(const char *type, const uint8_t *p, size_t n)
{
	const uint8_t *part;
	size_t len;

	if (!cut_string(&p, &n, &part, &len) || len != strlen(type) ||
	    memcmp(part, type, len) != 0 || !n)
		return false;
	while (n)
		if (!cut_string(&p, &n, &part, &len))
			return false;
	return true;
}

bool ssh_key_is_valid(const char *line)
{
	static const char *const types[] = {"ssh-ed25519", "ssh-rsa", "ecdsa-sha2-",
					    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-"};
	size_t len = strcspn(line, " ");
	_cleanup_(freep) char *type = xstrndup(line, len), *text = NULL;
	_cleanup_(freep) uint8_t *blob = NULL;
	struct err err = ERR_INIT;
	bool known = false;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		known = known || (endswith(types[i], "-") ? startswith(type, types[i]) != 0
							  : streq(type, types[i]));
	if (!known || !line[len] || strpbrk(line, "\r\n"))
		return false;
	text = xstrndup(line + len + 1, strcspn(line + len + 1, " "));
	if (base64_decode(text, &blob, &n, &err) < 0) {
		err_release(&err);
		return false;
	}
	return is_blob_of(type, blob, n);
}

void ssh_keys_check(const struct settings *s, const struct yaml_entry *e, const struct strv *keys)
{
	for (size_t i = 0; e && i < keys->n; i++)
		if (!ssh_key_is_valid(keys->v[i]))
			settings_problem(
				s, e,
				"entry %zu is no public key, or not a whole one; copy the line "
				"of a file like ~/.ssh/id_ed25519.pub",
				i + 1);
}

/* "1.31.4", for k3s "1.31.4+k3s1". */
static bool version_is_valid(const char *v, enum kube_flavour flavour)
{
	for (int part = 0; part < 3; part++) {
		if (!isdigit((unsigned char)*v))
			return false;
		while (isdigit((unsigned char)*v))
			v++;
		if (part < 2 && *v++ != '.')
			return false;
	}
	if (flavour == FLAVOUR_K3S)
		return startswith(v, "+k3s") && v[4] && !v[4 + strspn(v + 4, "0123456789")];
	return !*v;
}

static bool host_is_valid(const char *host, size_t n)
{
	if (!n || n > 253)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)host[i]) && host[i] != '.' && host[i] != '-')
			return false;
	return true;
}

static bool endpoint_is_valid(const char *endpoint)
{
	const char *colon = strrchr(endpoint, ':');
	struct err err = ERR_INIT;
	uint64_t port = 0;

	if (!colon || !host_is_valid(endpoint, (size_t)(colon - endpoint)))
		return false;
	if (parse_u64(colon + 1, UINT16_MAX, &port, &err) < 0)
		err_release(&err);
	return port > 0;
}

static void read_name(const struct settings *s, struct yaml_item *map, char **ret)
{
	struct yaml_entry *e = settings_string(s, map, "name", ret);
	struct err err = ERR_INIT;

	if (e && parse_name(*ret, &err) < 0) {
		settings_problem(s, e, "%s", err_text(&err));
		err_release(&err);
	}
}

static void read_version(const struct settings *s, struct yaml_item *map, struct cluster *c)
{
	struct yaml_entry *e = settings_string(s, map, "version", &c->version);
	bool k3s = c->flavour == FLAVOUR_K3S;

	if (!e) {
		free(c->version);
		c->version = xstrdup(k3s ? K3S_DEFAULT_VERSION : KUBEADM_DEFAULT_VERSION);
		return;
	}
	c->place_version = settings_place(s, e);
	if (c->version[0] == 'v')
		memmove(c->version, c->version + 1, strlen(c->version));
	if (!version_is_valid(c->version, c->flavour))
		settings_problem(s, e, "\"%.40s\" is no version of %s; write it like %s",
				 c->version, k3s ? "k3s" : "Kubernetes",
				 k3s ? K3S_DEFAULT_VERSION : KUBEADM_DEFAULT_VERSION);
}

static void read_pod_network(const struct settings *s, struct yaml_item *map, struct cluster *c)
{
	static const char *const known[] = {"flannel", "bridge", "none"};
	struct yaml_entry *e = settings_string(s, map, "network", &c->network);

	if (!e)
		return;
	if (strchr(c->network, '/') || endswith(c->network, ".yaml") ||
	    endswith(c->network, ".yml"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (streq(known[i], c->network))
			return;
	settings_problem(s, e,
			 "\"%.40s\" is no pod network; write flannel, bridge, none, or a manifest "
			 "like network.yaml",
			 c->network);
}

static void read_cluster(const struct settings *s, struct yaml_item *map, struct cluster *c)
{
	static const char *const flavours[FLAVOUR_MAX] = {"kubeadm", "k3s"};
	int flavour = FLAVOUR_KUBEADM;
	struct yaml_entry *e;

	settings_word(s, map, "flavour", flavours, FLAVOUR_MAX, &flavour);
	c->flavour = (enum kube_flavour)flavour;
	c->pod_subnet = flavour_pod_subnet(c->flavour);
	c->service_subnet = flavour_service_subnet(c->flavour);
	read_name(s, map, &c->name);
	read_version(s, map, c);
	e = settings_string(s, map, "controlPlaneEndpoint", &c->endpoint);
	if (e) {
		c->place_endpoint = settings_place(s, e);
		if (!endpoint_is_valid(c->endpoint))
			settings_problem(s, e,
					 "\"%.80s\" is no host:port; write it like "
					 "192.168.1.20:6443",
					 c->endpoint);
	}
	e = settings_string(s, map, "kubeconfig", &c->kubeconfig);
	if (e && !c->endpoint)
		settings_problem(s, e,
				 "a cluster that exists already needs controlPlaneEndpoint: "
				 "HOST:PORT beside it");
	settings_net(s, map, "podSubnet", &c->pod_subnet);
	settings_net(s, map, "serviceSubnet", &c->service_subnet);
	if (ipv4_nets_overlap(c->pod_subnet, c->service_subnet))
		problems_add(s->problems, s->file, map->line, map->column,
			     "podSubnet and serviceSubnet overlap; give one of them another range");
	read_pod_network(s, map, c);
	settings_bool(s, map, "coreDNS", &c->core_dns);
	settings_bool(s, map, "controlPlaneTakesWork", &c->control_plane_takes_work);
	yaml_leftover(map, s->file, s->problems);
}

static void read_port_range(const struct settings *s, struct yaml_item *map, struct cluster *c)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_(freep) char *low = NULL;
	struct yaml_entry *e = settings_string(s, map, "tftpDataPorts", &text);
	uint64_t first = 0, last = 0;
	struct err err = ERR_INIT;
	const char *dash;

	if (!e)
		return;
	dash = strchr(text, '-');
	if (dash)
		low = xstrndup(text, (size_t)(dash - text));
	if (!dash || parse_u64(low, UINT16_MAX, &first, &err) < 0 ||
	    parse_u64(dash + 1, UINT16_MAX, &last, &err) < 0 || !first || first > last) {
		settings_problem(s, e, "\"%.40s\" is no range of ports; write it like 49152-49251",
				 text);
		err_release(&err);
		return;
	}
	c->tftp_first_port = (uint16_t)first;
	c->tftp_last_port = (uint16_t)last;
}

static void read_provisioner(const struct settings *s, struct yaml_item *map, struct cluster *c)
{
	settings_strings(s, map, "interfaces", &c->interfaces);
	settings_ipv4(s, map, "address", &c->address);
	settings_port(s, map, "httpPort", &c->http_port);
	settings_port(s, map, "httpsPort", &c->https_port);
	read_port_range(s, map, c);
	if (c->http_port == c->https_port)
		problems_add(s->problems, s->file, map->line, map->column,
			     "httpPort and httpsPort are the same; give one of them another");
	yaml_leftover(map, s->file, s->problems);
}

/* A node would send what is meant for a pod or a Service to its LAN, or the other way round. */
static void check_ranges(const struct settings *s, const struct yaml_entry *e,
			 const struct cluster *c)
{
	const struct {
		const char *key;
		struct ipv4_net net;
	} ranges[] = {{"podSubnet", c->pod_subnet}, {"serviceSubnet", c->service_subnet}};
	char net[IPV4_NET_TEXT_SIZE];

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		if (ipv4_nets_overlap(c->subnet, ranges[i].net))
			settings_problem(s, e,
					 "the LAN and cluster.%s %s overlap; give %s another "
					 "range, as 172.28.0.0/16",
					 ranges[i].key, ipv4_net_format(ranges[i].net, net),
					 ranges[i].key);
}

static void read_lan(const struct settings *s, struct yaml_item *map, struct cluster *c)
{
	_cleanup_(strv_release) struct strv dns = {0};
	struct yaml_entry *e;
	struct err err = ERR_INIT;

	e = settings_net(s, map, "subnet", &c->subnet);
	c->subnet.ip = ipv4_network(c->subnet);
	if (e && c->subnet.ip.a)
		check_ranges(s, e, c);
	e = settings_ipv4(s, map, "router", &c->router);
	if (e && c->subnet.ip.a && c->router.a && !ipv4_in_net(c->router, c->subnet))
		settings_problem(s, e, "the router is not in lan.subnet, so no node reaches it");
	e = settings_strings(s, map, "dns", &dns);
	if (e && dns.n > ARRAY_SIZE(c->dns))
		settings_problem(s, e, "at most %zu name servers", ARRAY_SIZE(c->dns));
	for (size_t i = 0; i < dns.n && c->n_dns < ARRAY_SIZE(c->dns); i++) {
		if (ipv4_parse(dns.v[i], &c->dns[c->n_dns], &err) == 0) {
			c->n_dns++;
			continue;
		}
		settings_problem(s, e, "%s", err_text(&err));
		err_release(&err);
	}
	e = settings_string(s, map, "domain", &c->domain);
	if (e && !host_is_valid(c->domain, strlen(c->domain)))
		settings_problem(s, e, "\"%.80s\" is no domain; write it like home.arpa",
				 c->domain);
	e = settings_strings(s, map, "ntp", &c->ntp);
	for (size_t i = 0; i < c->ntp.n; i++)
		if (!host_is_valid(c->ntp.v[i], strlen(c->ntp.v[i])))
			settings_problem(s, e, "entry %zu is no host name or address", i + 1);
	yaml_leftover(map, s->file, s->problems);
}

static void read_ranges(const struct settings *s, struct yaml_item *map, struct cluster *c)
{
	_cleanup_(strv_release) struct strv ranges = {0};
	struct yaml_entry *e = settings_strings(s, map, "ranges", &ranges);
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ranges.n; i++) {
		struct ipv4_range range;

		if (ipv4_range_parse(ranges.v[i], &range, &err) < 0) {
			settings_problem(s, e, "%s", err_text(&err));
			err_release(&err);
			continue;
		}
		if (c->subnet.ip.a &&
		    (!ipv4_in_net(range.first, c->subnet) || !ipv4_in_net(range.last, c->subnet)))
			settings_problem(s, e, "the range %s is not inside lan.subnet",
					 ranges.v[i]);
		*ARRAY_APPEND(c->ranges, c->n_ranges) = range;
	}
}

static void read_dhcp(const struct settings *s, struct yaml_item *map, struct cluster *c)
{
	static const char *const modes[DHCP_MAX] = {"proxy", "server", "off"};
	struct yaml_entry *e;
	int mode = c->dhcp;

	e = settings_word(s, map, "mode", modes, DHCP_MAX, &mode);
	c->dhcp = (enum dhcp_mode)mode;
	read_ranges(s, map, c);
	settings_duration(s, map, "leaseTime", &c->lease_time);
	if (e && c->dhcp == DHCP_SERVER && !c->n_ranges)
		settings_problem(s, e,
				 "a DHCP server needs addresses to give: add ranges: "
				 "[192.168.1.100-192.168.1.200] beside it");
	if (e && c->dhcp == DHCP_SERVER && !c->subnet.ip.a)
		settings_problem(s, e,
				 "a DHCP server needs the network's range: add lan: with subnet: "
				 "192.168.1.0/24");
	yaml_leftover(map, s->file, s->problems);
}

static void set_defaults(struct cluster *c)
{
	c->core_dns = true;
	c->control_plane_takes_work = true;
	c->http_port = 8080;
	c->https_port = 8443;
	c->tftp_first_port = 49152;
	c->tftp_last_port = 49251;
	c->lease_time = 12 * 3600;
	c->dhcp = DHCP_PROXY;
	c->unknown = UNKNOWN_DISK;
	c->name = xstrdup("kubernetes");
	c->network = xstrdup("flannel");
	c->image = xstrdup("debian-13");
}

void cluster_read(const struct settings *s, struct yaml_item *root, struct cluster *c)
{
	static const struct {
		const char *key;
		void (*read)(const struct settings *s, struct yaml_item *map, struct cluster *c);
	} sections[] = {
		{"cluster", read_cluster},
		{"provisioner", read_provisioner},
		{"lan", read_lan},
		{"dhcp", read_dhcp},
	};
	static const char *const unknown_words[UNKNOWN_MAX] = {"disk", "ignore"};
	struct yaml_entry *e;
	int unknown = UNKNOWN_DISK;

	set_defaults(c);
	c->place = (struct place){s->file, root->line, root->column};
	if (root->kind != YAML_MAP) {
		problems_add(s->problems, s->file, root->line, root->column,
			     "keys such as \"cluster:\" are wanted here");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		_cleanup_(yaml_item_freep) struct yaml_item *none = yaml_map_new();
		struct yaml_item *map = settings_map(s, root, sections[i].key);

		map = map ? map : none;
		sections[i].read(s, map, c);
		yaml_note_below(root, sections[i].key, map);
	}
	settings_word(s, root, "unknown", unknown_words, UNKNOWN_MAX, &unknown);
	c->unknown = (enum unknown_action)unknown;
	e = settings_string(s, root, "image", &c->image);
	if (e && !host_is_valid(c->image, strlen(c->image)))
		settings_problem(s, e, "\"%.40s\" is no image; write it like debian-13", c->image);
	e = settings_strings(s, root, "sshKeys", &c->ssh_keys);
	ssh_keys_check(s, e, &c->ssh_keys);
	yaml_leftover(root, s->file, s->problems);
}
