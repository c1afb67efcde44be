/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a new cluster.yaml, commented for the person who will read it in ten months. Pure. */
#ifndef PROVISION_CLUSTER_TEXT_H
#define PROVISION_CLUSTER_TEXT_H

#include "cluster.h"

/* What differs from the defaults is written, the rest stands as a comment. Caller frees. */
char *cluster_to_yaml(const struct cluster *c) _nonnull_;

#endif
