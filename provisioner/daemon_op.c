/* SPDX-License-Identifier: Apache-2.0 */
/* Operations inside the daemon: the table of op_run.h with the daemon's own memory around it. */
#include "daemon.h"

#include "op_run.h"

struct call {
	struct daemon *d;
	struct site *site;
};

static void flush_unknown(void *arg)
{
	struct call *c = arg;
	struct err ignored = ERR_INIT;

	/* what cannot be written is asked for again; the answer is from the store either way */
	if (unknown_flush(c->d->web.unknown, c->d->web.store, &ignored) < 0)
		err_release(&ignored);
}

static bool drifts(void *arg, const struct node *n, const struct sha256 *basis)
{
	struct call *c = arg;
	struct site_node *sn = site_node_of(c->site, n);
	struct err why = ERR_INIT;

	if (!sn->basis_known) {
		sn->basis_known = true;
		if (site_basis(c->site, n, &sn->basis, &why) < 0)
			err_release(&why);
	}
	return !sha256_equal(&sn->basis, basis);
}

/* add-node writes the file and asks at once: faster than the watch on the directory. */
static int load_new_record(struct daemon *d, const char *op, const json_t *args, struct err *err)
{
	const char *node = json_string_value(json_object_get(args, "node"));
	_cleanup_site_ struct site *site = NULL;

	if (!streq(op, "intent-open") || !node)
		return 0;
	site = site_slot_get(d->web.sites);
	return inventory_by_name(site->inventory, node) ? 0 : daemon_reload(d, err);
}

int daemon_run_op(void *arg, const char *op, const json_t *args, json_t **ret_reply,
		  struct err *err)
{
	struct daemon *d = arg;
	struct call c = {.d = d};
	_cleanup_(freep) char *problem = NULL;
	struct op_context ctx = {
		.store = d->web.store,
		.now_ms = web_now_ms(),
		.daemon = true,
		.flush = flush_unknown,
		.drifts = drifts,
		.arg = &c,
	};
	int r;

	if (load_new_record(d, op, args, err) < 0)
		return -1;
	c.site = site_slot_get(d->web.sites);
	ctx.inventory = c.site->inventory;
	ctx.held = &c.site->held;
	ctx.config_problem = problem = daemon_config_problem(d);
	r = op_run(&ctx, op, args, ret_reply, err);
	site_unref(c.site);
	return r;
}
