/* SPDX-License-Identifier: Apache-2.0 */
#include "live_image.h"

#include <string.h>

/* Flatcar's root file system is inside its initrd. */
static const struct {
	const char *name;
	const char *files[4];
} kinds[LIVE_KIND_MAX] = {
	[LIVE_FLATCAR] = {"flatcar", {"vmlinuz", "initrd"}},
	[LIVE_FCOS] = {"fcos", {"vmlinuz", "initrd", "rootfs.img"}},
	[LIVE_IGNITION] = {"ignition", {"vmlinuz", "initrd", "rootfs.img"}},
};

/* Part of a path and of URLs, so no slash, and nothing that would have to be escaped. */
static bool is_word(const char *s)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

	return *s && *s != '.' && !s[strspn(s, allowed)];
}

enum live_kind live_kind_of(const char *image)
{
	for (int i = 0; i < LIVE_KIND_MAX; i++) {
		size_t len = strlen(kinds[i].name);

		if (startswith(image, kinds[i].name) && image[len] == '-' &&
		    is_word(image + len + 1))
			return (enum live_kind)i;
	}
	return LIVE_NONE;
}

bool image_is_live(const char *image)
{
	return live_kind_of(image) != LIVE_NONE;
}

const char *live_kind_name(enum live_kind kind)
{
	if ((unsigned int)kind >= LIVE_KIND_MAX)
		BUG("kind of a live image out of range");
	return kinds[kind].name;
}

const char *const *live_kind_files(enum live_kind kind)
{
	if ((unsigned int)kind >= LIVE_KIND_MAX)
		BUG("kind of a live image out of range");
	return kinds[kind].files;
}

char *live_image_name(enum live_kind kind, const char *version)
{
	return xasprintf("%s-%s", live_kind_name(kind), version);
}
