/* SPDX-License-Identifier: Apache-2.0 */
/* Where the programs keep things: four directories, each set by an option, else by the
 * environment, else by the build. */
#ifndef PROVISION_PATHS_H
#define PROVISION_PATHS_H

#include "err.h"

struct paths {
	char *config; /* --config, PROVISION_CONFIG: cluster.yaml and nodes/ */
	char *state;  /* --state, PROVISION_STATE: store/, secrets/, public/, assets/, tftp/ */
	char *run;    /* --run, PROVISION_RUN: the control socket */
	char *data;   /* --data, PROVISION_DATA: ignition-templates/ and ipxe-scripts/ */
};

/* Values of the environment, else the defaults of the build. Never overwrites with options: set
 * them with paths_set afterwards. */
void paths_init(struct paths *p) _nonnull_;
/* Replaces one of the members: paths_set(&p.config, optarg). */
void paths_set(char **member, const char *value) _nonnull_;
void paths_release(struct paths *p) _nonnull_;

/* Each gives a new string; the caller frees. */
char *paths_ctl(const struct paths *p) _nonnull_;    /* RUN/ctl */
char *paths_assets(const struct paths *p) _nonnull_; /* STATE/assets */
char *paths_tftp(const struct paths *p) _nonnull_;   /* STATE/tftp */

#endif
