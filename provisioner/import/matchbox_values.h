/* SPDX-License-Identifier: Apache-2.0 */
/* What the templates of a Matchbox group may name, and what it is called here. Pure. */
#ifndef PROVISION_MATCHBOX_VALUES_H
#define PROVISION_MATCHBOX_VALUES_H

#include "import/matchbox_dir.h"

/* Objects, owned. */
struct matchbox_values {
	json_t *all;        /* metadata, and over it the selector, as Matchbox lays them */
	json_t *references; /* name in all to its name here: "metadata.etcd_name", "node.mac";
			     * "secret.join_token" is one that may stand nowhere */
	json_t *texts;      /* name here to its text */
	json_t *secrets;    /* texts in lists and maps that may stand nowhere either */
};

void matchbox_values_read(const struct matchbox_group *g, struct matchbox_values *ret) _nonnull_;
void matchbox_values_release(struct matchbox_values *v) _nonnull_;
/* "join_token", "k8s_key": what stays out of a record's metadata and labels, for the first is
 * served to whoever asks and the others are read by everybody in the cluster. */
bool matchbox_sounds_secret(const char *name) _nonnull_;
/* An entry that sounds so, and whose value is not what anybody may know: the public half of a key,
 * a certificate, a path, a URL without a query, a number. */
bool matchbox_is_secret(const char *name, const json_t *value) _nonnull_;
/* The text of a value as Go prints it; NULL for a list, a map, and numbers that Go prints with an
 * exponent. Caller frees. */
char *matchbox_value_text(const json_t *value);
/* Why a value has no such text; NULL when it has. Static. */
const char *matchbox_value_problem(const json_t *value);
/* Whether that entry of the metadata becomes one of the record's. */
bool matchbox_is_metadata(const char *name, const json_t *value) _nonnull_;

#endif
