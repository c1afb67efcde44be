/* SPDX-License-Identifier: Apache-2.0 */
#include "render/render_ipxe.h"

#include "fsio.h"
#include "limits.h"
#include "text_template.h"

#include <errno.h>
#include <fcntl.h>

struct ipxe_scripts {
	struct text_template *t[IPXE_SCRIPT_MAX];
};

static const char *const files[IPXE_SCRIPT_MAX] = {
	[IPXE_BOOT] = "ipxe-scripts/boot.ipxe",
	[IPXE_INSTALL] = "ipxe-scripts/install.ipxe",
	[IPXE_DISK] = "ipxe-scripts/disk.ipxe",
	[IPXE_UNKNOWN] = "ipxe-scripts/unknown.ipxe",
	[IPXE_AUTOEXEC] = "ipxe-scripts/autoexec.ipxe",
	[IPXE_FLATCAR] = "ipxe-scripts/flatcar.ipxe",
	[IPXE_FCOS] = "ipxe-scripts/fcos.ipxe",
	[IPXE_IGNITION] = "ipxe-scripts/ignition.ipxe",
	[GRUB_BOOT] = "grub-configs/boot.cfg",
	[GRUB_INSTALL] = "grub-configs/install.cfg",
	[GRUB_DISK] = "grub-configs/disk.cfg",
	[GRUB_UNKNOWN] = "grub-configs/unknown.cfg",
	[GRUB_FLATCAR] = "grub-configs/flatcar.cfg",
	[GRUB_FCOS] = "grub-configs/fcos.cfg",
	[GRUB_IGNITION] = "grub-configs/ignition.cfg",
};

/* The names of struct ipxe_values' members, in their order. */
static const char *const names[] = {"node", "mac",   "mac_dash",  "arch",  "http",
				    "host", "url",   "image",     "boot",  "ca",
				    "time", "nonce", "arguments", "reason"};

struct ipxe_scripts *ipxe_scripts_free(struct ipxe_scripts *s)
{
	if (!s)
		return NULL;
	for (int i = 0; i < IPXE_SCRIPT_MAX; i++)
		text_template_free(s->t[i]);
	free(s);
	return NULL;
}

int ipxe_scripts_set(struct ipxe_scripts **s, enum ipxe_script which, const char *file,
		     const char *text, struct err *err)
{
	struct text_template *t = NULL;

	if (text_template_parse(text, file, names, ARRAY_SIZE(names), &t, err) < 0)
		return -1;
	if (!*s)
		*s = xcalloc(1, sizeof(**s));
	text_template_free((*s)->t[which]);
	(*s)->t[which] = t;
	return 0;
}

/* The operator's own where there is one, else the shipped one, which in the source tree has its
 * folder below the program's. */
static int read_script(const char *data_dir, const char *config_dir, const char *file,
		       char **ret_text, struct err *err)
{
	_cleanup_(freep) char *own = xasprintf("%s/%s", config_dir, file);
	_cleanup_(freep) char *source = xasprintf("%s/provisioner/%s", data_dir, file);
	_cleanup_(freep) char *shipped = xasprintf("%s/%s", data_dir, file);
	const char *const places[] = {own, source, shipped};

	for (size_t i = 0;; i++) {
		size_t len = 0;

		if (file_read(AT_FDCWD, places[i], LIMIT_YAML_BYTES, ret_text, &len, err) == 0)
			return 0;
		if (err->errnum != ENOENT || i + 1 == ARRAY_SIZE(places))
			return -1;
		err_release(err);
	}
}

int ipxe_scripts_load(const char *data_dir, const char *config_dir, struct ipxe_scripts **ret,
		      struct err *err)
{
	struct ipxe_scripts *s = xcalloc(1, sizeof(*s));

	for (int i = 0; i < IPXE_SCRIPT_MAX; i++) {
		_cleanup_(freep) char *text = NULL;

		if (read_script(data_dir, config_dir, files[i], &text, err) < 0 ||
		    ipxe_scripts_set(&s, (enum ipxe_script)i, files[i], text, err) < 0) {
			ipxe_scripts_free(s);
			return -1;
		}
	}
	*ret = s;
	return 0;
}

enum ipxe_script ipxe_script_of(enum live_kind live, bool grub)
{
	switch (live) {
	case LIVE_FLATCAR:
		return grub ? GRUB_FLATCAR : IPXE_FLATCAR;
	case LIVE_FCOS:
		return grub ? GRUB_FCOS : IPXE_FCOS;
	case LIVE_IGNITION:
		return grub ? GRUB_IGNITION : IPXE_IGNITION;
	default:
		return grub ? GRUB_INSTALL : IPXE_INSTALL;
	}
}

void render_ipxe(const struct ipxe_scripts *s, enum ipxe_script which, const struct ipxe_values *v,
		 struct buf *out)
{
	const char *const values[] = {v->node, v->mac,   v->mac_dash,  v->arch,  v->http,
				      v->host, v->url,   v->image,     v->boot,  v->ca,
				      v->time, v->nonce, v->arguments, v->reason};

	_Static_assert(ARRAY_SIZE(values) == ARRAY_SIZE(names), "a name for every value");
	if (!s->t[which])
		BUG("a script that was not loaded");
	text_template_render(s->t[which], values, out);
}
