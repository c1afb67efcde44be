/* SPDX-License-Identifier: Apache-2.0 */
/* The Ignition or Butane file of a Matchbox profile, as one group gets it, as a template of ours.
 */
#ifndef PROVISION_MATCHBOX_TEMPLATE_H
#define PROVISION_MATCHBOX_TEMPLATE_H

#include "import/matchbox_dir.h"

/* The template's content as YAML; NULL when the profile names no file, when it cannot be read or is
 * refused, or when nothing of it remains. tell_profile: what is the same for all groups of the
 * profile is told as well. Caller frees. */
char *matchbox_template_make(int dirfd, const struct matchbox_group *g,
			     const struct matchbox_profile *p, bool tell_profile,
			     struct problems *left) _must_check_ _nonnull_;
/* The whole file: where it is from, the nodes that it is for, the content. Caller frees. */
char *matchbox_template_text(const struct matchbox_profile *p, const char *content,
			     const struct strv *nodes) _must_check_ _nonnull_;
/* What becomes of a file of cloud/ or generic/. */
void matchbox_template_tell_raw(const char *folder, const char *file,
				struct problems *left) _nonnull_;

#endif
