/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images that are started from the network at every boot and run in memory, with upstream's own
 * Ignition in their initramfs. The image's name says which: "flatcar-VERSION", "fcos-VERSION", or
 * "ignition-NAME" for any other. Pure.
 */
#ifndef PROVISION_LIVE_IMAGE_H
#define PROVISION_LIVE_IMAGE_H

#include "base.h"

enum live_kind {
	LIVE_NONE = -1, /* is written to a disk, by node-agent */
	LIVE_FLATCAR,   /* Flatcar Container Linux, its PXE image */
	LIVE_FCOS,      /* Fedora CoreOS, its live PXE image */
	LIVE_IGNITION,  /* kernel, initrd with dracut's module ignition, root file system */
	LIVE_KIND_MAX
};

/* By the name of the image; LIVE_NONE also for a prefix that nothing, or no plain word of
 * [A-Za-z0-9._-], follows. */
enum live_kind live_kind_of(const char *image) _nonnull_;
bool image_is_live(const char *image) _nonnull_;
/* "flatcar", "fcos", "ignition": the image's prefix, and the script's name in ipxe-scripts. */
const char *live_kind_name(enum live_kind kind);
/* Its files below boot/IMAGE-ARCH: "vmlinuz", "initrd", and "rootfs.img" where it has one;
 * NULL-terminated. Static. */
const char *const *live_kind_files(enum live_kind kind);
/* "flatcar-4081.2.1" of kind and version; caller frees. */
char *live_image_name(enum live_kind kind, const char *version) _must_check_ _nonnull_;

#endif
