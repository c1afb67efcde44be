/* SPDX-License-Identifier: Apache-2.0 */
/* Butane's vocabulary as a table: what may be written where, and what Ignition calls it. */
#ifndef PROVISION_BUTANE_FIELDS_H
#define PROVISION_BUTANE_FIELDS_H

enum butane_kind { BUTANE_VALUE, BUTANE_VALUES, BUTANE_MAP, BUTANE_MAPS };

struct butane_field {
	const char *key;       /* NULL ends a table */
	const char *name;      /* Ignition 3.4's; NULL: it has none, code translates it */
	enum butane_kind kind; /* a value, a list of them, a map, a list of maps */
	const struct butane_field *below; /* of maps */
	const char *refused;              /* why a node's template cannot have it */
};

/* The tables that code has to know of, for what it translates there itself. */
extern const struct butane_field butane_top[], butane_resource[], butane_unit[], butane_dropin[],
	butane_user[], butane_storage[], butane_file[], butane_link[];

#endif
