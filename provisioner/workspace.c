/* SPDX-License-Identifier: Apache-2.0 */
#include "workspace.h"

#include "assets.h"
#include "interfaces.h"
#include "pod_network.h"
#include "secrets.h"

#include <errno.h>

void workspace_release(struct workspace *w)
{
	inventory_free(w->inventory);
	templates_free(w->templates);
	manifest_release(&w->manifest);
	free(w->url);
	free(w->assets_url);
	free(w->http);
	free(w->ca_pem);
	free(w->network_manifest);
	*w = (struct workspace){0};
}

int workspace_inventory(const struct paths *paths, struct inventory **ret, struct err *err)
{
	_cleanup_(problems_release) struct problems ps = {0};

	if (inventory_load(paths->config, ret, &ps) == 0)
		return 0;
	return problems_to_err(&ps, err);
}

/* cluster.yaml says it, or the first interface has it. */
static int own_address(const struct cluster *c, struct ipv4 *ret, struct err *err)
{
	_cleanup_(interfaces_release) struct interface_list list = {0};
	const struct interface *i = NULL;

	*ret = c->address;
	if (ret->a)
		return 0;
	if (interfaces_read(&list, err) < 0)
		return -1;
	if (c->interfaces.n)
		i = interfaces_find(&list, c->interfaces.v[0]);
	else if (interfaces_choose(&list, &i, err) < 0)
		return -1;
	if (!i || !i->address.ip.a)
		return err_set(err, ERR_CONFIG,
			       "cluster.yaml: the first of provisioner.interfaces has no address; "
			       "write provisioner: address: IP");
	*ret = i->address.ip;
	return 0;
}

/* What may not be there yet: nothing of it is an error here. */
static int optional(int result, struct err *err)
{
	if (result == 0)
		return 0;
	if (err->kind != ERR_NOT_FOUND && err->errnum != ENOENT)
		return -1;
	err_release(err);
	return 0;
}

int workspace_load(const struct paths *paths, struct workspace *w, struct err *err)
{
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(freep) char *assets = paths_assets(paths);
	const struct cluster *c;
	char text[IPV4_TEXT_SIZE];

	if (workspace_inventory(paths, &w->inventory, err) < 0)
		return -1;
	if (templates_load(paths->data, paths->config, &w->templates, &ps) < 0)
		return problems_to_err(&ps, err);
	c = &w->inventory->cluster;
	if (own_address(c, &w->address, err) < 0)
		return -1;
	ipv4_format(w->address, text);
	w->http = xasprintf("http://%s:%u", text, c->http_port);
	w->assets_url = xasprintf("%s/assets", w->http);
	w->url = xasprintf("https://%s:%u", text, c->https_port);
	if (optional(assets_load(paths->state, ASSETS_WAIT, &w->manifest, err), err) < 0 ||
	    optional(secrets_ca_pem(paths->state, &w->ca_pem, err), err) < 0)
		return -1;
	return pod_network_load(assets, w->inventory, &w->manifest, &w->network_manifest, err);
}

struct plan_facts workspace_facts(const struct workspace *w, const struct node *n)
{
	const struct inventory *inv = w->inventory;
	struct plan_facts f = {0};

	for (size_t i = 0; i < inv->n_nodes; i++) {
		if (inv->nodes[i].role != ROLE_CONTROL_PLANE)
			continue;
		f.first_control_plane = &inv->nodes[i] == n;
		break;
	}
	return f;
}

static struct plan_inputs inputs_of(const struct workspace *w, const struct plan_facts *facts)
{
	return (struct plan_inputs){
		.url = w->url,
		.assets_url = w->assets_url,
		.ca_pem = w->ca_pem,
		.facts = *facts,
		.templates = w->templates,
		.network_manifest = w->network_manifest,
	};
}

struct config_item *workspace_config(const struct workspace *w, const struct node *n,
				     struct problems *ps)
{
	const struct plan_facts facts = workspace_facts(w, n);
	const struct plan_inputs in = inputs_of(w, &facts);

	return plan_config(n, &w->inventory->cluster, &in, ps);
}

int workspace_plan(const struct workspace *w, const struct node *n, const struct plan_facts *facts,
		   struct plan **ret, struct err *err)
{
	const struct plan_inputs in = inputs_of(w, facts);

	return plan_build(n, &w->inventory->cluster, &w->manifest, &in, ret, err);
}
