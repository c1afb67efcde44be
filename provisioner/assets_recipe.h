/* SPDX-License-Identifier: Apache-2.0 */
/* The recipes in provisioner/image, which make loaders, node images and boot environments. */
#ifndef PROVISION_ASSETS_RECIPE_H
#define PROVISION_ASSETS_RECIPE_H

#include "image.h"
#include "node.h"

struct recipe_wish {
	const char *recipes;    /* folder of the recipes */
	const char *source;     /* what node-agent is compiled from */
	const char *assets_dir; /* gets the results */
	const char *release;    /* of Debian: "13" or "12" */
	enum arch arch;
	bool refresh; /* ask the mirror anew, whatever the cache has */
};

/* The release of Debian that an image's name asks for ("13" for "debian-13"), or NULL: no recipe
 * makes that image. Static. */
const char *recipe_release(const char *image) _nonnull_;
/* Runs the recipes one after the other, saying on stdout what is done. Needs root. ERR_IO with
 * the recipe's own last line when one fails. */
int recipes_run(const struct recipe_wish *wish, struct err *err) _must_check_ _nonnull_;

#endif
