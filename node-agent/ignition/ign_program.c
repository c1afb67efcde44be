/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_program.h"

#include <string.h>

#include "runcmd.h"

/* useradd that copies a large skeleton over a slow disk. */
#define LIMIT_S 120

int ign_program_run(const struct ign_root *r, const struct strv *argv, const char *input,
		    struct err *err)
{
	/* systemctl cannot tell without /proc that nobody runs there */
	static const char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_OFFLINE=1",
					  NULL};
	_cleanup_(freep) const char **list = xcalloc(argv->n + 3, sizeof(*list));
	struct runcmd cmd = {
		.argv = list,
		.env = env,
		.root = r->installed ? r->path : NULL,
		.input = input,
		.input_len = input ? strlen(input) : 0,
		.timeout_s = LIMIT_S,
	};
	size_t n = 0;

	list[n++] = argv->v[0];
	if (!r->installed) {
		list[n++] = "--root";
		list[n++] = r->path;
	}
	for (size_t i = 1; i < argv->n; i++)
		list[n++] = argv->v[i];
	return runcmd(&cmd, NULL, err);
}
