/* SPDX-License-Identifier: Apache-2.0 */
/* provision init */
#include "cmd/cmd.h"

#include "cluster_text.h"
#include "cluster_yaml.h"
#include "cmd/ssh_key_file.h"
#include "dhcp/dhcp_advice.h"
#include "fsio.h"
#include "interfaces.h"
#include "inventory.h"
#include "limits.h"
#include "secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

enum {
	OPT_INTERFACE,
	OPT_ADDRESS,
	OPT_DHCP,
	OPT_RANGE,
	OPT_NAME,
	OPT_FLAVOUR,
	OPT_VERSION,
	OPT_ENDPOINT,
	OPT_KUBECONFIG,
	OPT_IMAGE,
	OPT_NETWORK,
	OPT_NO_COREDNS,
	OPT_SSH_KEY,
	OPT_LAN_SUBNET,
	OPT_ROUTER,
	OPT_DNS,
	OPT_DOMAIN,
	OPT_NTP,
	OPT_KEYS,
};

static const struct option options[] = {
	{"interface", required_argument, NULL, OPT_INTERFACE},
	{"address", required_argument, NULL, OPT_ADDRESS},
	{"dhcp", required_argument, NULL, OPT_DHCP},
	{"range", required_argument, NULL, OPT_RANGE},
	{"name", required_argument, NULL, OPT_NAME},
	{"flavour", required_argument, NULL, OPT_FLAVOUR},
	{"version", required_argument, NULL, OPT_VERSION},
	{"endpoint", required_argument, NULL, OPT_ENDPOINT},
	{"kubeconfig", required_argument, NULL, OPT_KUBECONFIG},
	{"image", required_argument, NULL, OPT_IMAGE},
	{"network", required_argument, NULL, OPT_NETWORK},
	{"no-coredns", no_argument, NULL, OPT_NO_COREDNS},
	{"ssh-key", required_argument, NULL, OPT_SSH_KEY},
	{"lan-subnet", required_argument, NULL, OPT_LAN_SUBNET},
	{"router", required_argument, NULL, OPT_ROUTER},
	{"dns", required_argument, NULL, OPT_DNS},
	{"domain", required_argument, NULL, OPT_DOMAIN},
	{"ntp", required_argument, NULL, OPT_NTP},
	{"keys", no_argument, NULL, OPT_KEYS},
	{0},
};

static int add_range(struct cluster *c, struct err *err)
{
	struct ipv4_range range;

	if (ipv4_range_parse(optarg, &range, err) < 0)
		return -1;
	*ARRAY_APPEND(c->ranges, c->n_ranges) = range;
	return 0;
}

static int add_dns(struct cluster *c, struct err *err)
{
	if (c->n_dns == ARRAY_SIZE(c->dns))
		return err_set(err, ERR_USAGE, "at most %zu name servers", ARRAY_SIZE(c->dns));
	return ipv4_parse(optarg, &c->dns[c->n_dns++], err);
}

static int set_kubeconfig(struct cluster *c, struct err *err)
{
	c->kubeconfig = realpath(optarg, NULL);
	if (!c->kubeconfig)
		return err_errno(err, ERR_USAGE, errno, "--kubeconfig %s", optarg);
	return 0;
}

static int set_dhcp(struct cluster *c, struct err *err)
{
	c->dhcp = dhcp_mode_parse(optarg);
	if (c->dhcp == DHCP_INVALID)
		return err_set(err, ERR_USAGE, "--dhcp is proxy, server or off, not \"%.40s\"",
			       optarg);
	return 0;
}

static int set_flavour(struct cluster *c, struct err *err)
{
	c->flavour = flavour_parse(optarg);
	if (c->flavour == FLAVOUR_INVALID)
		return err_set(err, ERR_USAGE, "--flavour is kubeadm or k3s, not \"%.40s\"",
			       optarg);
	return 0;
}

static int set_option(int opt, struct cluster *c, struct err *err)
{
	char **const texts[] = {
		[OPT_NAME] = &c->name,   [OPT_VERSION] = &c->version, [OPT_ENDPOINT] = &c->endpoint,
		[OPT_IMAGE] = &c->image, [OPT_NETWORK] = &c->network, [OPT_DOMAIN] = &c->domain};

	switch (opt) {
	case OPT_INTERFACE:
		strv_add(&c->interfaces, optarg);
		return 0;
	case OPT_NTP:
		strv_add(&c->ntp, optarg);
		return 0;
	case OPT_NO_COREDNS:
		c->core_dns = false;
		return 0;
	case OPT_ADDRESS:
		return ipv4_parse(optarg, &c->address, err);
	case OPT_ROUTER:
		return ipv4_parse(optarg, &c->router, err);
	case OPT_LAN_SUBNET:
		return ipv4_net_parse(optarg, &c->subnet, err);
	case OPT_DHCP:
		return set_dhcp(c, err);
	case OPT_FLAVOUR:
		return set_flavour(c, err);
	case OPT_RANGE:
		return add_range(c, err);
	case OPT_DNS:
		return add_dns(c, err);
	case OPT_KUBECONFIG:
		return set_kubeconfig(c, err);
	case OPT_SSH_KEY:
		return ssh_key_file_read(optarg, &c->ssh_keys, err);
	default:
		paths_set(texts[opt], optarg);
		return 0;
	}
}

/* The keys of whoever types the command, also through sudo; none is no error here. */
static void find_own_keys(struct cluster *c)
{
	const char *user = getenv("SUDO_USER"), *home = getenv("HOME");
	const struct passwd *pw = user ? getpwnam(user) : NULL;
	_cleanup_(freep) char *pattern = NULL;
	glob_t g = {0};

	if (pw)
		home = pw->pw_dir;
	if (!home)
		return;
	pattern = xasprintf("%s/.ssh/*.pub", home);
	if (glob(pattern, 0, NULL, &g) == 0) {
		for (size_t i = 0; i < g.gl_pathc; i++) {
			struct err err = ERR_INIT;

			if (ssh_key_file_read(g.gl_pathv[i], &c->ssh_keys, &err) < 0)
				err_release(&err);
		}
	}
	globfree(&g);
}

/* The name servers that this host asks, but for its own stub. */
static void find_dns(struct cluster *c)
{
	_cleanup_(freep) char *text = NULL;
	struct err err = ERR_INIT;
	size_t len = 0;

	if (file_read(AT_FDCWD, "/etc/resolv.conf", LIMIT_YAML_BYTES, &text, &len, &err) < 0) {
		err_release(&err);
		return;
	}
	for (const char *line = text; line && c->n_dns < ARRAY_SIZE(c->dns);
	     line = strchr(line, '\n')) {
		char word[IPV4_TEXT_SIZE];
		struct ipv4 ip;

		line += *line == '\n';
		if (sscanf(line, "nameserver %15[0-9.]", word) != 1)
			continue;
		if (ipv4_parse(word, &ip, &err) < 0)
			err_release(&err);
		else if (ip.a >> 24 != 127)
			c->dns[c->n_dns++] = ip;
	}
}

static void default_range(struct cluster *c)
{
	struct ipv4_range range;

	if (!c->n_ranges && c->subnet.ip.a && cluster_example_range(c, &range))
		*ARRAY_APPEND(c->ranges, c->n_ranges) = range;
}

/* Not the flavour's own ranges where the LAN lies in them. */
static void choose_ranges(struct cluster *c)
{
	static const struct ipv4_net pods = {{0xac1c0000}, 16}, services = {{0xac1d0000}, 16};

	if (!c->subnet.ip.a)
		return;
	if (ipv4_nets_overlap(c->subnet, flavour_pod_subnet(c->flavour)))
		c->pod_subnet = pods;
	if (ipv4_nets_overlap(c->subnet, flavour_service_subnet(c->flavour)))
		c->service_subnet = services;
}

/* Fills in from the host what no option said. */
static int look_around(struct cluster *c, struct err *err)
{
	_cleanup_(interfaces_release) struct interface_list list = {0};
	const struct interface *i = NULL;

	if (interfaces_read(&list, err) < 0)
		return -1;
	if (c->interfaces.n) {
		i = interfaces_find(&list, c->interfaces.v[0]);
		if (!i)
			return err_set(err, ERR_USAGE, "this machine has no interface \"%.40s\"",
				       c->interfaces.v[0]);
	} else {
		if (interfaces_choose(&list, &i, err) < 0)
			return -1;
		strv_add(&c->interfaces, i->name);
	}
	if (!c->address.a)
		c->address = i->address.ip;
	if (!c->address.a)
		return err_set(
			err, ERR_REFUSED,
			"the interface %s has no IPv4 address; give it one that stays, or name "
			"it with --address",
			i->name);
	if (!c->subnet.ip.a && ipv4_in_net(c->address, i->address))
		c->subnet = i->address;
	c->subnet.ip = ipv4_network(c->subnet);
	choose_ranges(c);
	if (!c->router.a && ipv4_in_net(i->router, c->subnet))
		c->router = i->router;
	if (!c->n_dns && c->router.a)
		find_dns(c);
	if (c->dhcp == DHCP_SERVER)
		default_range(c);
	if (!c->ssh_keys.n)
		find_own_keys(c);
	return 0;
}

static void set_defaults(struct cluster *c)
{
	c->core_dns = true;
	c->control_plane_takes_work = true;
	c->http_port = 8080;
	c->https_port = 8443;
	c->tftp_first_port = 49152;
	c->tftp_last_port = 49251;
	c->name = xstrdup("kubernetes");
	c->image = xstrdup("debian-13");
}

/* The text has to pass what `check` will say of it. */
static int check_text(const char *text, struct err *err)
{
	const struct inventory_text cluster = {"cluster.yaml", text, strlen(text)};
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(inventory_freep) struct inventory *inv = NULL;

	if (inventory_parse(&cluster, NULL, 0, &inv, &ps) == 0)
		return 0;
	return err_set(err, ERR_USAGE, "%s", ps.p[0].text);
}

static int refuse_existing(const struct paths *paths, struct err *err)
{
	_cleanup_(freep) char *file = xasprintf("%s/cluster.yaml", paths->config);

	if (access(file, F_OK) < 0)
		return 0;
	err_set(err, ERR_REFUSED,
		"%s is there already and is not overwritten; edit it, or name another folder with "
		"--config",
		file);
	if (!secrets_exist(paths->state))
		err_set(err, ERR_REFUSED,
			"%s is there already, and its keys are not in %s/secrets: restore the "
			"backup of %s; or, where no cluster was made with them, `provision init "
			"--keys` makes new ones",
			file, paths->state, paths->state);
	return -1;
}

static int write_config(const char *config_dir, const char *text, struct err *err)
{
	_cleanup_(freep) char *nodes = xasprintf("%s/nodes", config_dir);
	_cleanup_(freep) char *file = xasprintf("%s/cluster.yaml", config_dir);

	if (dir_make(AT_FDCWD, nodes, 0755, err) < 0)
		return -1;
	return file_write(AT_FDCWD, file, text, strlen(text), 0644, err);
}

/* --keys: the keys alone. That is loud, because it is what somebody types who lost them. */
static int make_keys(const struct cmd_context *ctx, struct err *err)
{
	const char *state = ctx->paths.state;

	if (secrets_exist(state))
		return err_set(err, ERR_REFUSED,
			       "%s/secrets has keys already; they are never replaced", state);
	if (secrets_init(state, err) < 0)
		return -1;
	fprintf(stderr,
		"new keys in %s/secrets: a cluster made with the old ones does not know them; if "
		"there is one,\nrestore the backup of %s instead\n",
		state, state);
	return 0;
}

/* What README says, in its order. */
static void print_next(const struct cluster *c)
{
	const bool flannel = c->flavour == FLAVOUR_KUBEADM && !c->kubeconfig &&
			     (!c->network || streq(c->network, "flannel"));
	char net[IPV4_NET_TEXT_SIZE];

	printf("next: provision assets build, provision assets add %s, %sprovisiond, "
	       "provision add-node MAC",
	       c->flavour == FLAVOUR_K3S ? "k3s" : "kubernetes",
	       flannel ? "provision assets add flannel, " : "");
	/* the first node becomes the cluster, and its address must never change */
	if (!c->kubeconfig)
		printf(" --name pantry --address %s",
		       ipv4_net_format(cluster_example_address(c, NULL, 0), net));
	printf("\n");
}

static void report(const struct cmd_context *ctx, const struct cluster *c)
{
	_cleanup_(strv_release) struct strv lines = {0};
	char ip[IPV4_TEXT_SIZE];

	ipv4_format(c->address, ip);
	if (ctx->json) {
		_cleanup_json_ json_t *j = json_object();
		_cleanup_(freep) char *file = xasprintf("%s/cluster.yaml", ctx->paths.config);

		jsonx_put_string(j, "file", file);
		jsonx_put_string(j, "interface", c->interfaces.v[0]);
		jsonx_put_string(j, "address", ip);
		cmd_print_json(j);
		return;
	}
	printf("%s/cluster.yaml: %s on %s, dhcp %s\n", ctx->paths.config, ip, c->interfaces.v[0],
	       dhcp_mode_name(c->dhcp));
	if (!c->ssh_keys.n)
		printf("no public key was found, and without one no node is added: write it into "
		       "sshKeys of\n%s/cluster.yaml, or give it with provision add-node "
		       "--ssh-key\n",
		       ctx->paths.config);
	if (c->dhcp == DHCP_OFF)
		dhcp_advice(c->address, c->http_port, &lines);
	for (size_t i = 0; i < lines.n; i++)
		puts(lines.v[i]);
	print_next(c);
}

static int run_init(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_(cluster_release) struct cluster c = {0};
	_cleanup_(freep) char *text = NULL;
	bool keys = false, others = false;
	int opt;

	set_defaults(&c);
	while ((opt = cmd_getopt(&cmd_init, ctx, argc, argv, options, err)) != -1) {
		if (opt == '?')
			return err->kind == ERR_NONE ? 0 : -1;
		if (opt == OPT_KEYS)
			keys = true;
		else if (set_option(opt, &c, err) < 0)
			return -1;
		others = others || opt != OPT_KEYS;
	}
	if (cmd_need_args(&cmd_init, argc, 0, err) < 0)
		return -1;
	if (keys && others)
		return err_set(err, ERR_USAGE,
			       "--keys makes the keys alone: no other option goes "
			       "with it");
	if (keys)
		return make_keys(ctx, err);
	if (refuse_existing(&ctx->paths, err) < 0 || look_around(&c, err) < 0)
		return -1;
	if (!c.version)
		c.version = xstrdup(c.flavour == FLAVOUR_K3S ? K3S_DEFAULT_VERSION
							     : KUBEADM_DEFAULT_VERSION);
	text = cluster_to_yaml(&c);
	/* the file last: after a power cut the command is typed again */
	if (check_text(text, err) < 0 || secrets_init(ctx->paths.state, err) < 0 ||
	    write_config(ctx->paths.config, text, err) < 0)
		return -1;
	report(ctx, &c);
	return 0;
}

const struct command cmd_init = {
	.name = "init",
	.summary =
		"Write a commented cluster.yaml from what this host's network looks like, and make "
		"the keys",
	.usage = "[OPTIONS]\n"
		 "--keys\n"
		 "\n"
		 "  --interface IF      that the nodes are on (default: wired, with the default "
		 "route)\n"
		 "  --address IP        of this host there (default: the interface's own)\n"
		 "  --dhcp MODE         proxy (default: beside another server), server, or off\n"
		 "  --range A-B         addresses to give, with --dhcp server\n"
		 "  --lan-subnet NET --router IP --dns IP --domain NAME --ntp HOST\n"
		 "                      what nodes are told (default: as this host has it)\n"
		 "  --name NAME         of the cluster\n"
		 "  --flavour NAME      kubeadm (default) or k3s\n"
		 "  --version VERSION   of Kubernetes, like " KUBEADM_DEFAULT_VERSION "\n"
		 "  --endpoint H:P      where the nodes reach the API\n"
		 "  --kubeconfig FILE   of a cluster that exists already\n"
		 "  --network NAME      pod network: flannel (default), bridge, none, or a "
		 "manifest\n"
		 "  --no-coredns        leave CoreDNS out\n"
		 "  --image NAME        system of the nodes (default: debian-13)\n"
		 "  --ssh-key FILE      who may log in as root (default: your own ~/.ssh/*.pub)\n"
		 "  --keys              make the keys alone, where there are none: not for a "
		 "cluster "
		 "whose\n"
		 "                      keys were lost, which needs the backup of the state "
		 "directory\n",
	.run = run_init,
};
