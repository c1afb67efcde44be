/* SPDX-License-Identifier: Apache-2.0 */
#include "import/matchbox_boot.h"

#include "live_image.h"
#include "plan.h"

#include <string.h>

/* Written for every boot by the scripts in ipxe-scripts/. */
static const char *const own_arguments[] = {
	"initrd",
	"ignition.firstboot",
	"ignition.platform.id",
	"ignition.config.url",
	"coreos.live.rootfs_url",
	"coreos.config.url",
	"coreos.first_boot",
	"flatcar.config.url",
	"flatcar.first_boot",
	"flatcar.oem.id",
	"rd.neednet",
	"ip",
};

static bool is_own(const char *argument)
{
	for (size_t i = 0; i < ARRAY_SIZE(own_arguments); i++) {
		size_t len = strlen(own_arguments[i]);

		if (startswith(argument, own_arguments[i]) &&
		    (!argument[len] || argument[len] == '='))
			return true;
	}
	return false;
}

static const char *argument_problem(const char *argument)
{
	if (startswith(argument, "coreos.inst.") || startswith(argument, "coreos.inst="))
		return "installs Fedora CoreOS on a disk; here it runs in memory at every boot, "
		       "and the disks are the pools of the record";
	if (strstr(argument, "${"))
		return "holds a setting of iPXE, which a record has not";
	if (strstr(argument, "{{"))
		return "holds an action of a Go template, which a record has not";
	if (!kernel_argument_is_valid(argument))
		return "is no single kernel argument like console=ttyS0,115200";
	return NULL;
}

static void read_arguments(const struct matchbox_profile *p, struct node *n, struct problems *left)
{
	for (size_t i = 0; i < p->args.n; i++) {
		const char *argument = p->args.v[i], *why;

		if (is_own(argument))
			continue;
		why = argument_problem(argument);
		if (why)
			problems_add(left, p->file, 0, 0, "$.boot.args[%zu]: %s", i, why);
		else if (!strv_has(&n->kernel_arguments, argument))
			strv_add(&n->kernel_arguments, argument);
	}
}

/* The first word of digits and dots of a path, as versions stand in folders and file names. */
static char *version_of(const char *path)
{
	for (const char *c = path; *c; c++) {
		size_t len = strspn(c, "0123456789.");

		if (c > path && !strchr("/-_", c[-1]))
			continue;
		while (len && c[len - 1] == '.')
			len--;
		if (len >= 3 && memchr(c, '.', len) && c[0] != '.')
			return xstrndup(c, len);
	}
	return NULL;
}

void matchbox_boot_read(const struct matchbox_profile *p, struct node *n, struct problems *left)
{
	const char *kernel = p->kernel;
	_cleanup_(freep) char *version = kernel ? version_of(kernel) : NULL;
	enum live_kind kind = LIVE_NONE;

	read_arguments(p, n, left);
	if (!kernel) {
		problems_add(left, p->file, 0, 0,
			     "$.boot.kernel: is absent; the cluster's own image is taken");
		return;
	}
	if (strstr(kernel, "flatcar"))
		kind = LIVE_FLATCAR;
	else if (strstr(kernel, "fedora-coreos"))
		kind = LIVE_FCOS;
	if (strstr(kernel, "arm64") || strstr(kernel, "aarch64"))
		n->arch = ARCH_ARM64;
	if (kind == LIVE_NONE)
		problems_add(left, p->file, 0, 0,
			     "$.boot.kernel: is of neither Flatcar nor Fedora CoreOS; the "
			     "cluster's own image is taken, or name one as image: in the record");
	else if (!version)
		problems_add(left, p->file, 0, 0,
			     "$.boot.kernel: names no version; name one as image: %s-VERSION in "
			     "the record",
			     live_kind_name(kind));
	else
		n->image = live_image_name(kind, version);
}
