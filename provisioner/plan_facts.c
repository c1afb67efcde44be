/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_facts.h"

int plan_facts_read(struct store *s, const struct node *n, const struct intent *in,
		    struct plan_facts *ret, struct err *err)
{
	_cleanup_(freep) char *maker = NULL;
	struct plan_facts f = {.reinstall = in && in->kind == INTENT_REINSTALL};

	if (store_cluster_initialised(s, n->name, &f.initialised, err) < 0 ||
	    store_cluster_maker(s, n->name, &maker, err) < 0)
		return -1;
	f.first_control_plane = n->role == ROLE_CONTROL_PLANE && !maker;
	*ret = f;
	return 0;
}

json_t *plan_facts_to_json(const struct plan_facts *f)
{
	json_t *j = json_object();

	json_object_set_new(j, "reinstall", json_boolean(f->reinstall));
	json_object_set_new(j, "initialised", json_boolean(f->initialised));
	json_object_set_new(j, "firstControlPlane", json_boolean(f->first_control_plane));
	return j;
}

int plan_facts_from_json(const json_t *j, struct plan_facts *ret, struct err *err)
{
	struct plan_facts f = {0};
	struct jsonx_reader r;

	jsonx_begin(&r, j, "$.facts", err);
	jsonx_opt_bool(&r, "reinstall", &f.reinstall);
	jsonx_opt_bool(&r, "initialised", &f.initialised);
	jsonx_opt_bool(&r, "firstControlPlane", &f.first_control_plane);
	if (jsonx_done(&r) < 0)
		return -1;
	*ret = f;
	return 0;
}
