/* SPDX-License-Identifier: Apache-2.0 */
#include "grub_config.h"

#include "buf.h"
#include "plan_ignition.h"

#include <string.h>

/* In a single-quoted shell word, a quote is written '\''. */
static void add_quoted(struct buf *b, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (*c == '\'')
			buf_adds(b, "'\\''");
		else
			buf_addc(b, *c);
	}
}

/* One of ours, unless the plan says that it is not to be there. */
static void add_own(struct buf *b, const struct strv *unwanted, const char *argument)
{
	if (!strv_has(unwanted, argument))
		buf_addf(b, " %s", argument);
}

char *grub_defaults_format(const struct plan *plan)
{
	_cleanup_(strv_release) struct strv wanted = {0}, unwanted = {0};
	bool console = false;
	struct buf b;

	plan_kernel_arguments(plan, "shouldExist", &wanted);
	plan_kernel_arguments(plan, "shouldNotExist", &unwanted);

	buf_init(&b, SIZE_MAX / 2);
	/* panic=: nobody sits in front of it, and at the next start it may find another intent */
	buf_adds(&b, "# Written at the installation, read by update-grub. Yours to change.\n"
		     "GRUB_DEFAULT=0\n"
		     "GRUB_TIMEOUT=1\n"
		     "GRUB_DISABLE_OS_PROBER=true\n"
		     "GRUB_DISABLE_RECOVERY=true\n"
		     "GRUB_TERMINAL='console serial'\n"
		     "GRUB_SERIAL_COMMAND='serial --unit=0 --speed=115200'\n"
		     "GRUB_CMDLINE_LINUX_DEFAULT=''\n"
		     "GRUB_CMDLINE_LINUX='");
	buf_adds(&b, strv_has(&unwanted, "panic=30") ? "" : "panic=30");
	for (size_t i = 0; i < wanted.n; i++)
		console = console || startswith(wanted.v[i], "console=");
	if (!console) {
		add_own(&b, &unwanted, "console=tty0");
		add_own(&b, &unwanted,
			plan->arch == ARCH_ARM64 ? "console=ttyAMA0" : "console=ttyS0,115200");
	}
	for (size_t i = 0; i < wanted.n; i++) {
		buf_addc(&b, ' ');
		add_quoted(&b, wanted.v[i]);
	}
	buf_adds(&b, "'\n");
	return buf_take(&b);
}

int grub_config_check(const char *text, const char *uuid, const char *subvolume, struct err *err)
{
	_cleanup_(freep) char *root = xasprintf(" root=UUID=%s ", uuid);
	_cleanup_(freep) char *flags = xasprintf(" rootflags=subvol=%s ", subvolume);
	bool initrd = false;

	for (const char *line = text; line; line = strchr(line, '\n')) {
		_cleanup_(freep) char *copy = NULL;
		_cleanup_(freep) char *padded = NULL;

		line += *line == '\n';
		line += strspn(line, " \t");
		copy = xstrndup(line, strcspn(line, "\n"));
		padded = xasprintf("%s ", copy);
		if (startswith(copy, "initrd"))
			initrd = true;
		if (startswith(copy, "linux") && !(strstr(padded, root) && strstr(padded, flags)))
			return err_set(err, ERR_IO,
				       "grub.cfg does not start the new system (%s of %s): %s",
				       subvolume, uuid, copy);
	}
	if (!initrd)
		return err_set(err, ERR_IO, "grub.cfg has no entry with an initrd");
	return 0;
}
