/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes out of a config on its way to a template what may not stand there: secrets, for templates
 * are kept in git, and what the check of a plan would refuse, for then nothing at all would be
 * imported. Pure.
 */
#ifndef PROVISION_IMPORT_STRIP_H
#define PROVISION_IMPORT_STRIP_H

#include "jsonx.h"
#include "problems.h"

struct import_strip {
	const char *file;      /* the name in problems */
	const json_t *texts;   /* what references stand for */
	const json_t *secrets; /* a list of further texts that are secrets */
	const char *image;     /* of the nodes that the config is for */
};

/* content: what butane_import gave, with the marks of go_template.h. Of a file, a link, a folder, a
 * unit, a dropin or a config to be merged all goes when a part of it does, of an account and the
 * config's own settings the part alone. Each is told in left by its path in content and its name.
 */
void import_strip(json_t *content, const struct import_strip *s, struct problems *left) _nonnull_;
/* Whether the text has the mark of a secret in it, or one of the secrets, a list of texts. */
bool import_has_secret(const char *text, const json_t *secrets) _must_check_ _nonnull_;

#endif
