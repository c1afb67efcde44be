/* SPDX-License-Identifier: Apache-2.0 */
/* struct plan_facts out of the store: the same for a claim and for a preview of it. */
#ifndef PROVISION_PLAN_FACTS_H
#define PROVISION_PLAN_FACTS_H

#include "plan_build.h"
#include "store.h"

/* in: the node's newest intent, NULL when it never had one. */
int plan_facts_read(struct store *s, const struct node *n, const struct intent *in,
		    struct plan_facts *ret, struct err *err) _must_check_
	__attribute__((nonnull(1, 2, 4, 5)));
json_t *plan_facts_to_json(const struct plan_facts *f) _nonnull_;
int plan_facts_from_json(const json_t *j, struct plan_facts *ret,
			 struct err *err) _must_check_ _nonnull_;

#endif
