/* SPDX-License-Identifier: Apache-2.0 */
#include "machine.h"

#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#include "fsio.h"

/* What board makers leave in the field. */
static const char *const fillers[] = {
	"Not Specified",
	"To be filled by O.E.M.",
	"To Be Filled By O.E.M.",
	"System Serial Number",
	"Default string",
	"None",
	"0",
	"0123456789",
	"Not Applicable",
};

static char *read_dmi(const char *sys, const char *name)
{
	_cleanup_(freep) char *path = xasprintf("%s/class/dmi/id/%s", sys, name);
	_cleanup_(freep) char *text = NULL;
	struct err err = ERR_INIT;
	size_t len;

	if (file_read(AT_FDCWD, path, 4096, &text, &len, &err) < 0) {
		err_release(&err);
		return NULL;
	}
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] > '~')
			return NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(fillers); i++) {
		if (strcasecmp(text, fillers[i]) == 0)
			return NULL;
	}
	return len > 0 && len <= 128 ? TAKE_PTR(text) : NULL;
}

void machine_read(const char *sys, struct machine *ret_machine)
{
	_cleanup_(freep) char *net = xasprintf("%s/class/net", sys);
	_cleanup_(freep) char *efi = xasprintf("%s/firmware/efi", sys);
	struct machine m = {0};

	netif_list(net, &m.cards);
	m.uuid = read_dmi(sys, "product_uuid");
	for (char *p = m.uuid; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	m.serial = read_dmi(sys, "product_serial");
	m.uefi = access(efi, F_OK) == 0;
#if defined(__aarch64__)
	m.arch = ARCH_ARM64;
#else
	m.arch = ARCH_AMD64;
#endif
	*ret_machine = m;
}

void machine_release(struct machine *m)
{
	netif_list_release(&m->cards);
	free(m->uuid);
	free(m->serial);
	*m = (struct machine){0};
}
