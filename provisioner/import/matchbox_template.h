/* SPDX-License-Identifier: Apache-2.0 */
/* The Ignition or Butane file of a Matchbox profile, as one group gets it, as a template of ours.
 */
#ifndef PROVISION_MATCHBOX_TEMPLATE_H
#define PROVISION_MATCHBOX_TEMPLATE_H

#include "import/matchbox_dir.h"

/* NULL: the profile names none, or it cannot be carried over, which is told. */
struct matchbox_texts {
	char *template; /* YAML */
	char *generic, *cloud;
	struct strv arguments; /* kernel arguments that the template's file asks for */
};

/* The group's own texts, for a node of this image. tell_profile: what is the same for all groups of
 * the profile is told as well. ret is filled; the caller frees what is in it. */
void matchbox_template_make(int dirfd, const struct matchbox_group *g,
			    const struct matchbox_profile *p, const char *image, bool tell_profile,
			    struct matchbox_texts *ret, struct problems *left) _nonnull_;
/* The whole file: where it is from, the nodes that it is for, the content. Caller frees. */
char *matchbox_template_text(const struct matchbox_profile *p, const char *content,
			     const struct strv *nodes) _must_check_ _nonnull_;

#endif
