/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of the operator's for nodes, served as they are but for their references: generic/NAME.txt
 * and cloud/NAME.yaml of the configuration directory, where NAME is the node's name, or `default`
 * for all that have none of their own. "{{ name }}" is replaced by the values that templates have.
 */
#ifndef PROVISION_NODE_TEXTS_H
#define PROVISION_NODE_TEXTS_H

#include "buf.h"
#include "jsonx.h"
#include "problems.h"

enum node_text_kind { NODE_TEXT_GENERIC, NODE_TEXT_CLOUD, NODE_TEXT_KIND_MAX };

struct node_texts;

/* The folders of the texts, below the configuration directory. */
const char *node_text_folder(enum node_text_kind kind);
/* Reads both folders, which need not be there. 0, or -1 with problems added. */
int node_texts_load(const char *config_dir, struct node_texts **ret,
		    struct problems *ps) _must_check_ _nonnull_;
/* NULL-safe; gives NULL. */
struct node_texts *node_texts_free(struct node_texts *t);
/* Appends the node's text to out. ERR_NOT_FOUND names the file that would be it; ERR_CONFIG, with
 * file, line and column, for a name that values (an object; "a.b" names a member of a member) do
 * not have, or that is no single text. */
int node_texts_render(const struct node_texts *t, enum node_text_kind kind, const char *node,
		      const json_t *values, struct buf *out,
		      struct err *err) _must_check_ _nonnull_;

#endif
