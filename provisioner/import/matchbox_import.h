/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Matchbox's groups, profiles and Ignition files as node records and templates of ours.
 *
 * A group whose selector has a MAC address is a machine, and becomes nodes/ID.yaml. A group without
 * a selector matches every machine that asks; it never becomes a record, because here a machine is
 * installed only when a record names it. Its selectors beside that become labels, its metadata the
 * record's, and {{.name}} in its files "{{ metadata.name }}"; lists and maps are written into the
 * files where they are used. The template of a profile is templates/50-matchbox-ID.yaml for all its
 * nodes, or 50-matchbox-ID-NODE.yaml for each where they differ. Its files of generic/ and cloud/
 * become generic/NODE.txt and cloud/NODE.yaml.
 */
#ifndef PROVISION_MATCHBOX_IMPORT_H
#define PROVISION_MATCHBOX_IMPORT_H

#include "import/import_file.h"
#include "inventory.h"

/* What comes of it. Initialise with {0}. */
struct matchbox_import {
	struct import_file *files; /* relative to the configuration directory */
	size_t n_files;
	struct problems left; /* what was not carried over, and why */
	size_t n_nodes, n_templates;
};

/* Reads dir (Matchbox's data directory). Nothing is written. inv is the configuration that the
 * files are for: names and MACs in it are left alone. */
int matchbox_import(const char *dir, const struct inventory *inv, struct matchbox_import *ret,
		    struct err *err) _must_check_ _nonnull_;
void matchbox_import_release(struct matchbox_import *im) _nonnull_;

#endif
