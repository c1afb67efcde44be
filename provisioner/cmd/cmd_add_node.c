/* SPDX-License-Identifier: Apache-2.0 */
/* provision add-node MAC */
#include "cmd/cmd.h"

#include "buf.h"
#include "cluster_text.h"
#include "cmd/pool_words.h"
#include "cmd/ssh_key_file.h"
#include "grant.h"
#include "inventory_edit.h"
#include "live_image.h"
#include "node_yaml.h"
#include "op.h"
#include "plan_build.h"
#include "workspace.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	OPT_NAME,
	OPT_ROLE,
	OPT_ADDRESS,
	OPT_ARCH,
	OPT_MAC,
	OPT_LABEL,
	OPT_TAINT,
	OPT_DISK,
	OPT_POOL,
	OPT_ERASE,
	OPT_IMAGE,
	OPT_SSH_KEY,
	OPT_ARGUMENT,
	OPT_CONFIRM,
	OPT_DISCARD,
};

static const struct option options[] = {
	{"name", required_argument, NULL, OPT_NAME},
	{"role", required_argument, NULL, OPT_ROLE},
	{"address", required_argument, NULL, OPT_ADDRESS},
	{"arch", required_argument, NULL, OPT_ARCH},
	{"mac", required_argument, NULL, OPT_MAC},
	{"label", required_argument, NULL, OPT_LABEL},
	{"taint", required_argument, NULL, OPT_TAINT},
	{"disk", required_argument, NULL, OPT_DISK},
	{"pool", required_argument, NULL, OPT_POOL},
	{"erase", required_argument, NULL, OPT_ERASE},
	{"image", required_argument, NULL, OPT_IMAGE},
	{"ssh-key", required_argument, NULL, OPT_SSH_KEY},
	{"kernel-argument", required_argument, NULL, OPT_ARGUMENT},
	{"confirm", no_argument, NULL, OPT_CONFIRM},
	{"discard-cluster-state", no_argument, NULL, OPT_DISCARD},
	{0},
};

struct wish {
	struct node node;
	bool role_said;
	struct strv erase;
	bool confirm, discard;
};

static void wish_release(struct wish *w)
{
	node_release(&w->node);
	strv_release(&w->erase);
}

static int add_mac(struct node *n, const char *text, struct err *err)
{
	struct mac mac;

	if (mac_parse(text, &mac, err) < 0)
		return -1;
	*ARRAY_APPEND(n->macs, n->n_macs) = mac;
	return 0;
}

static int add_label(struct node *n, struct err *err)
{
	const char *equals = strchr(optarg, '=');

	if (!equals)
		return err_set(err, ERR_USAGE, "--label is written key=value, not \"%.60s\"",
			       optarg);
	*ARRAY_APPEND(n->labels, n->n_labels) =
		(struct label){xstrndup(optarg, (size_t)(equals - optarg)), xstrdup(equals + 1)};
	return 0;
}

static int add_taint(struct node *n, struct err *err)
{
	struct label taint;

	if (taint_parse(optarg, &taint) < 0)
		return err_set(err, ERR_USAGE,
			       "--taint is written key=value:NoSchedule, not \"%.60s\"", optarg);
	*ARRAY_APPEND(n->taints, n->n_taints) = taint;
	return 0;
}

/* pools[0] is the system's, made when the first pool or disk is named. */
static struct pool_spec *new_pool(struct node *n)
{
	struct pool_spec *p = ARRAY_APPEND(n->pools, n->n_pools);

	p->data = p->metadata = PROFILE_INVALID;
	return p;
}

static struct pool_spec *system_pool(struct node *n)
{
	if (!n->n_pools)
		new_pool(n)->name = xstrdup(POOL_SYSTEM);
	return &n->pools[0];
}

static int add_disk(struct node *n, struct err *err)
{
	struct pool_spec *p = system_pool(n);
	struct disk_spec spec;

	if (disk_spec_parse(optarg, &spec, err) < 0)
		return err_wrap(err, "--disk");
	*ARRAY_APPEND(p->disks, p->n_disks) = spec;
	return 0;
}

static int add_pool(struct node *n, struct err *err)
{
	system_pool(n);
	if (pool_words_parse(optarg, new_pool(n), err) < 0)
		return err_wrap(err, "--pool");
	return 0;
}

static int set_role(struct wish *w, struct err *err)
{
	w->node.role = role_parse(optarg);
	w->role_said = true;
	if (w->node.role == ROLE_INVALID)
		return err_set(err, ERR_USAGE, "--role is control-plane or worker, not \"%.40s\"",
			       optarg);
	return 0;
}

static int set_arch(struct node *n, struct err *err)
{
	n->arch = arch_parse(optarg);
	if (n->arch == ARCH_INVALID)
		return err_set(err, ERR_USAGE, "--arch is amd64 or arm64, not \"%.40s\"", optarg);
	return 0;
}

static int set_option(int opt, struct wish *w, struct err *err)
{
	struct node *n = &w->node;

	switch (opt) {
	case OPT_NAME:
		paths_set(&n->name, optarg);
		return 0;
	case OPT_IMAGE:
		paths_set(&n->image, optarg);
		return 0;
	case OPT_ROLE:
		return set_role(w, err);
	case OPT_ADDRESS:
		return ipv4_net_parse(optarg, &n->address, err);
	case OPT_ARCH:
		return set_arch(n, err);
	case OPT_MAC:
		return add_mac(n, optarg, err);
	case OPT_LABEL:
		return add_label(n, err);
	case OPT_TAINT:
		return add_taint(n, err);
	case OPT_DISK:
		return add_disk(n, err);
	case OPT_POOL:
		return add_pool(n, err);
	case OPT_ERASE:
		strv_add(&w->erase, optarg);
		return 0;
	case OPT_SSH_KEY:
		return ssh_key_word_add(optarg, &n->ssh_keys, err);
	case OPT_ARGUMENT:
		strv_add(&n->kernel_arguments, optarg);
		return 0;
	case OPT_CONFIRM:
		w->confirm = true;
		return 0;
	case OPT_DISCARD:
		w->discard = true;
		return 0;
	default:
		BUG("an option of the table without a case");
	}
}

/* The first node of a cluster of ours makes it. */
static int choose_role(const struct inventory *inv, struct wish *w, struct err *err)
{
	char net[IPV4_NET_TEXT_SIZE];

	if (w->role_said)
		return 0;
	w->node.role = inv->cluster.kubeconfig || inventory_count_control_planes(inv)
			       ? ROLE_WORKER
			       : ROLE_CONTROL_PLANE;
	if (w->node.role == ROLE_CONTROL_PLANE && !w->node.address.ip.a)
		return err_set(err, ERR_USAGE,
			       "the cluster has no control plane yet, so this node becomes it, and "
			       "that needs an address that never changes: --address %s (or say "
			       "--role worker)",
			       ipv4_net_format(cluster_example_address(&inv->cluster, inv->nodes,
								       inv->n_nodes),
					       net));
	return 0;
}

/* The option that a key of the record comes from; NULL when it is none of them. */
static const char *option_of(const char *text)
{
	static const struct {
		const char *key, *option;
	} rows[] = {
		{"address: ", "--address"}, {"labels: ", "--label"},
		{"taints: ", "--taint"},    {"sshKeys: ", "--ssh-key"},
		{"image: ", "--image"},     {"kernelArguments: ", "--kernel-argument"},
		{"mac: ", "--mac"},         {"role: ", "--role"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (startswith(text, rows[i].key))
			return rows[i].option;
	return NULL;
}

/* All of them in one sentence. What is wrong with the new file is told by option: there is no such
 * file for its lines to be looked up in. */
static void tell_problems(const struct problems *ps, const char *file, enum err_kind kind,
			  struct err *err)
{
	_cleanup_(freep) char *all = NULL;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < ps->n; i++) {
		const struct problem *p = &ps->p[i];
		const char *option = option_of(p->text);
		_cleanup_(freep) char *line = problem_format(p);

		buf_adds(&b, i ? "; " : "");
		if (!streq(p->file, file))
			buf_adds(&b, line);
		else if (option)
			buf_addf(&b, "%s%s", option, strchr(p->text, ':'));
		else
			buf_adds(&b, p->text);
	}
	all = buf_take(&b);
	err_set(err, kind, "%s", all);
}

/* The text of the record as `check` would judge it, before it is written. */
static int check_record(const struct inventory *inv, const struct node *n, struct err *err)
{
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(node_release) struct node copy = {0};
	_cleanup_(yaml_item_freep) struct yaml_item *root = NULL;
	_cleanup_(freep) char *text = node_to_yaml(n, inv), *file = inventory_new_file(n);
	struct settings s = {file, &ps};

	root = yaml_parse(text, strlen(text), file, &ps);
	if (root)
		node_read(&s, root, n->name, &copy);
	if (!ps.n)
		return 0;
	tell_problems(&ps, file, ERR_USAGE, err);
	return -1;
}

static int open_intent(const struct cmd_context *ctx, const struct wish *w, json_t **ret,
		       struct err *err)
{
	_cleanup_json_ json_t *args = json_object();

	jsonx_put_string(args, "node", w->node.name);
	jsonx_put_string(args, "kind", "install");
	jsonx_put_strv(args, "erase", &w->erase);
	json_object_set_new(args, "confirm", json_boolean(w->confirm));
	json_object_set_new(args, "discardClusterState", json_boolean(w->discard));
	return op_call(&ctx->paths, "intent-open", args, ret, err);
}

/* Writes the record and opens the intent: both, or nothing. */
static int add(const struct cmd_context *ctx, const struct inventory *inv, const struct wish *w,
	       json_t **ret, struct err *err)
{
	const bool keys = grant_is_needed(&inv->cluster, &w->node);
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(freep) char *file = inventory_new_file(&w->node);
	_cleanup_(freep) char *path = xasprintf("%s/%s", ctx->paths.config, file);

	if (inventory_add_node(ctx->paths.config, inv, &w->node, &ps, err) < 0) {
		if (ps.n)
			tell_problems(&ps, file, ERR_CONFIG, err);
		return -1;
	}
	if ((!keys || grant_check(ctx->paths.state, err) == 0) &&
	    open_intent(ctx, w, ret, err) == 0)
		return keys ? grant_ask(ctx->paths.state, w->node.name, err) : 0;
	unlink(path);
	return -1;
}

static void report(const struct cmd_context *ctx, const struct inventory *inv, const struct wish *w,
		   json_t *reply)
{
	_cleanup_(freep) char *file = inventory_new_file(&w->node);
	_cleanup_(freep) char *path = xasprintf("%s/%s", ctx->paths.config, file);
	char mac[MAC_TEXT_SIZE];
	const char *more;

	mac_format(&w->node.macs[0], mac);
	if (ctx->json) {
		jsonx_put_string(reply, "file", path);
		cmd_print_json(reply);
		return;
	}
	printf("%s: %s %s\n", path, role_name(w->node.role), mac);
	if (image_is_live(node_image(&w->node, &inv->cluster)))
		printf("power it on within 7 days, network boot first: its image is started from "
		       "there at every boot\n");
	else
		printf("power it on, network boot first; it is installed once, within 7 days\n");
	if (w->confirm)
		printf("it will show a code: provision approve %s CODE\n", w->node.name);
	printf("what happens to its disks: provision plan %s\n", w->node.name);
	more = json_string_value(json_object_get(reply, "message"));
	if (more)
		printf("%s\n", more);
}

static int run_add(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_(wish_release) struct wish w = {.node = {.role = ROLE_WORKER, .arch = ARCH_AMD64}};
	_cleanup_(inventory_freep) struct inventory *inv = NULL;
	_cleanup_json_ json_t *reply = NULL;
	int opt;

	while ((opt = cmd_getopt(&cmd_add_node, ctx, argc, argv, options, err)) != -1) {
		if (opt == '?')
			return err->kind == ERR_NONE ? 0 : -1;
		if (set_option(opt, &w, err) < 0)
			return -1;
	}
	if (cmd_need_args(&cmd_add_node, argc, 1, err) < 0 ||
	    add_mac(&w.node, argv[optind], err) < 0 ||
	    workspace_inventory(&ctx->paths, &inv, err) < 0)
		return -1;
	if (!w.node.name)
		w.node.name = inventory_free_name(inv, &w.node.macs[w.node.n_macs - 1]);
	if (choose_role(inv, &w, err) < 0 || check_record(inv, &w.node, err) < 0 ||
	    add(ctx, inv, &w, &reply, err) < 0)
		return -1;
	report(ctx, inv, &w, reply);
	return 0;
}

const struct command cmd_add_node = {
	.name = "add-node",
	.summary = "Write a node's file and open the intent to install it once",
	.usage = "MAC [OPTIONS]\n"
		 "\n"
		 "  --name NAME          (default: node- and the end of the MAC)\n"
		 "  --role ROLE          control-plane or worker (default: the first node of a "
		 "cluster\n"
		 "                       of its own is the control plane)\n"
		 "  --address A.B.C.D/N  static; without it by DHCP\n"
		 "  --arch ARCH          amd64 (default) or arm64\n"
		 "  --mac MAC            of a further network card; repeatable\n"
		 "  --label K=V  --taint K=V:EFFECT  --ssh-key KEY  --kernel-argument WORD\n"
		 "                       repeatable; KEY is a public key's line, or the file that "
		 "has it\n"
		 "  --disk SPEC          of the system pool; repeatable: serial=S, wwn=W, byId=B, "
		 "or a\n"
		 "                       rule such as transport=nvme,size>=500G,count=2, or all\n"
		 "  --pool WORDS         a data pool: "
		 "name=tank,mount=/srv/tank,data=raid1,disk=serial=A,\n"
		 "                       disk=serial=B; repeatable\n"
		 "  --erase SERIAL       permits to erase what this disk holds, this once; "
		 "repeatable\n"
		 "  --image NAME         instead of the cluster's\n"
		 "  --confirm            wait for the code that the machine shows\n"
		 "  --discard-cluster-state  of a control plane that was removed before: what its "
		 "etcd\n"
		 "                       holds may be lost\n",
	.run = run_add,
};
