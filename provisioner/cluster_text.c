/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster_text.h"

#include "buf.h"
#include "jsonx.h"

static struct ipv4_net lan_of(const struct cluster *c)
{
	static const struct ipv4_net usual = {{0xc0a80100}, 24}; /* 192.168.1.0/24 */

	return c->subnet.ip.a ? c->subnet : usual;
}

static bool is_taken(const struct cluster *c, const struct node *nodes, size_t n, struct ipv4 ip)
{
	if (ip.a == c->address.a || ip.a == c->router.a)
		return true;
	for (size_t i = 0; i < c->n_dns; i++)
		if (c->dns[i].a == ip.a)
			return true;
	for (size_t i = 0; i < c->n_ranges; i++)
		if (ipv4_in_range(ip, c->ranges[i]))
			return true;
	for (size_t i = 0; i < n; i++)
		if (nodes[i].address.ip.a == ip.a)
			return true;
	return false;
}

/* Below .20 people keep routers and printers; a smaller network has to begin at its first. */
#define EXAMPLE_HOST 20

struct ipv4_net cluster_example_address(const struct cluster *c, const struct node *nodes, size_t n)
{
	const struct ipv4_net lan = lan_of(c);
	const uint32_t first = ipv4_network(lan).a + 1, last = ipv4_broadcast(lan).a;
	const uint32_t begin = last - first > EXAMPLE_HOST ? first + EXAMPLE_HOST - 1 : first;

	for (uint32_t a = begin; a < last; a++)
		if (!is_taken(c, nodes, n, (struct ipv4){a}))
			return (struct ipv4_net){{a}, lan.prefix};
	return (struct ipv4_net){{begin}, lan.prefix};
}

bool cluster_example_range(const struct cluster *c, struct ipv4_range *ret)
{
	const struct ipv4_net lan = lan_of(c);
	const uint32_t network = ipv4_network(lan).a, broadcast = ipv4_broadcast(lan).a;
	struct ipv4_range r = {{network + (broadcast - network) / 2 + 1}, {broadcast - 1}};

	if (lan.prefix > 29)
		return false;
	if (ipv4_in_range(c->address, r))
		r.last.a = c->address.a - 1;
	if (r.first.a >= r.last.a)
		return false;
	*ret = r;
	return true;
}

/* The router as far as it is known, for what most routers also are: name and time server. */
static const char *example_server(const struct cluster *c, char text[IPV4_TEXT_SIZE])
{
	const struct ipv4 first = {ipv4_network(lan_of(c)).a + 1};

	return ipv4_format(c->router.a ? c->router : first, text);
}

/* A text in double quotes: JSON's escapes are YAML's too. */
static void add_quoted(struct buf *b, const char *text)
{
	json_t *j = json_string(text);
	char *s = j ? json_dumps(j, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : xstrdup("\"\"");

	buf_adds(b, s);
	free(s);
	json_decref(j);
}

/* "  key: value", or the example as a comment when there is no value. */
static void add_or_example(struct buf *b, const char *key, const char *value, const char *example)
{
	buf_addf(b, "  %s%s: ", value ? "" : "# ", key);
	if (value)
		add_quoted(b, value);
	else
		buf_adds(b, example);
	buf_addc(b, '\n');
}

static void add_net(struct buf *b, const char *key, struct ipv4_net net, const char *example)
{
	char text[IPV4_NET_TEXT_SIZE];

	buf_addf(b, "  %s%s: %s\n", net.ip.a ? "" : "# ", key,
		 net.ip.a ? ipv4_net_format(net, text) : example);
}

static void add_ip(struct buf *b, const char *key, struct ipv4 ip, const char *example)
{
	char text[IPV4_TEXT_SIZE];

	buf_addf(b, "  %s%s: %s\n", ip.a ? "" : "# ", key, ip.a ? ipv4_format(ip, text) : example);
}

static void add_cluster(struct buf *b, const struct cluster *c)
{
	const struct ipv4_net node = cluster_example_address(c, NULL, 0);
	char ip[IPV4_TEXT_SIZE];
	_cleanup_(freep) char *endpoint = xasprintf("%s:6443", ipv4_format(node.ip, ip));
	char pods[IPV4_NET_TEXT_SIZE], services[IPV4_NET_TEXT_SIZE];

	buf_addf(b,
		 "cluster:\n  name: %s\n  flavour: %s          # kubeadm or k3s\n  version: %s\n",
		 c->name, flavour_name(c->flavour), c->version);
	buf_adds(b, "  # Where the nodes reach the API. One control plane with an address needs no "
		    "word here;\n  # several want one name or address for all of them.\n");
	add_or_example(b, "controlPlaneEndpoint", c->endpoint, endpoint);
	buf_adds(b, "  # Of a cluster that exists already: the file that gives access to it.\n");
	add_or_example(b, "kubeconfig", c->kubeconfig, "/root/.kube/config");
	add_net(b, "podSubnet", c->pod_subnet,
		ipv4_net_format(flavour_pod_subnet(c->flavour), pods));
	add_net(b, "serviceSubnet", c->service_subnet,
		ipv4_net_format(flavour_service_subnet(c->flavour), services));
	buf_adds(b,
		 "  # flannel, bridge (nodes on one LAN), none, or a manifest beside this file.\n");
	add_or_example(b, "network", c->network, "flannel");
	if (!c->core_dns)
		buf_adds(b, "  coreDNS: false\n");
	buf_addf(b, "  controlPlaneTakesWork: %s\n\n",
		 c->control_plane_takes_work ? "true" : "false");
}

static void add_provisioner(struct buf *b, const struct cluster *c)
{
	buf_adds(b, "provisioner:\n  interfaces: [");
	for (size_t i = 0; i < c->interfaces.n; i++) {
		buf_adds(b, i ? ", " : "");
		add_quoted(b, c->interfaces.v[i]);
	}
	buf_adds(b, "]\n");
	add_ip(b, "address", c->address, "192.168.1.10");
	buf_addf(b, "  # httpPort: %u\n  # httpsPort: %u\n  # tftpDataPorts: %u-%u\n\n",
		 c->http_port, c->https_port, c->tftp_first_port, c->tftp_last_port);
}

static void add_lan(struct buf *b, const struct cluster *c)
{
	char text[IPV4_TEXT_SIZE], server[IPV4_TEXT_SIZE];

	example_server(c, server);
	buf_adds(b, "# What nodes with an address of their own, and clients of `dhcp: server`, are "
		    "told.\nlan:\n");
	add_net(b, "subnet", c->subnet, "192.168.1.0/24");
	add_ip(b, "router", c->router, server);
	buf_addf(b, "  %sdns: [", c->n_dns ? "" : "# ");
	for (size_t i = 0; i < c->n_dns; i++)
		buf_addf(b, "%s%s", i ? ", " : "", ipv4_format(c->dns[i], text));
	buf_addf(b, "%s]\n", c->n_dns ? "" : server);
	add_or_example(b, "domain", c->domain, "home.arpa");
	buf_addf(b, "  %sntp: [", c->ntp.n ? "" : "# ");
	for (size_t i = 0; i < c->ntp.n; i++) {
		buf_adds(b, i ? ", " : "");
		add_quoted(b, c->ntp.v[i]);
	}
	buf_addf(b, "%s]\n\n", c->ntp.n ? "" : server);
}

static void add_dhcp(struct buf *b, const struct cluster *c)
{
	char first[IPV4_TEXT_SIZE], last[IPV4_TEXT_SIZE];
	struct ipv4_range example = {0};
	const bool shown = c->n_ranges || cluster_example_range(c, &example);

	buf_addf(b,
		 "# proxy: another DHCP server gives the addresses, and nothing on it changes.\n"
		 "# server: this is the only DHCP server of the network.\n"
		 "# off: another server also names the boot files.\n"
		 "dhcp:\n  mode: %s\n",
		 dhcp_mode_name(c->dhcp));
	if (shown)
		buf_adds(b, c->n_ranges ? "  ranges: [" : "  # ranges: [");
	for (size_t i = 0; i < c->n_ranges; i++)
		buf_addf(b, "%s%s-%s", i ? ", " : "", ipv4_format(c->ranges[i].first, first),
			 ipv4_format(c->ranges[i].last, last));
	if (shown && !c->n_ranges)
		buf_addf(b, "%s-%s", ipv4_format(example.first, first),
			 ipv4_format(example.last, last));
	buf_addf(b, "%s  # leaseTime: 12h\n\n", shown ? "]\n" : "");
}

char *cluster_to_yaml(const struct cluster *c)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	buf_adds(&b,
		 "# What is the same for all nodes. Nodes are in nodes/ (provision add-node MAC); "
		 "after an edit\n# `provision check` tells what is wrong, with line and fix. The "
		 "daemon follows the files.\n");
	add_cluster(&b, c);
	add_provisioner(&b, c);
	add_lan(&b, c);
	add_dhcp(&b, c);
	buf_addf(&b,
		 "# What a machine that no node file names gets: its own disk after a message "
		 "(disk), or no\n# answer at all (ignore).\nunknown: %s\n\n",
		 unknown_action_name(c->unknown));
	buf_adds(&b, "# The system of the nodes: provision assets build.\nimage: ");
	add_quoted(&b, c->image);
	buf_adds(&b, "\n\n# Who may log in as root on every node.\n");
	buf_adds(&b,
		 c->ssh_keys.n ? "sshKeys:\n" : "# sshKeys:\n#   - \"ssh-ed25519 AAAA... you\"\n");
	for (size_t i = 0; i < c->ssh_keys.n; i++) {
		buf_adds(&b, "  - ");
		add_quoted(&b, c->ssh_keys.v[i]);
		buf_addc(&b, '\n');
	}
	return buf_take(&b);
}
