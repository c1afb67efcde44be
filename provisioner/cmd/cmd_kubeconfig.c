/* SPDX-License-Identifier: Apache-2.0 */
/* provision kubeconfig [--output FILE] */
#include "cmd/cmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fsio.h"
#include "kubeconfig.h"
#include "workspace.h"

enum { OPT_OUTPUT };

static const struct option options[] = {
	{"output", required_argument, NULL, OPT_OUTPUT},
	{0},
};

/* ~/.kube/config may hold the only access to another cluster; a link is not followed either. */
static int refuse_existing(const char *file, struct err *err)
{
	struct stat st;

	if (lstat(file, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(err, ERR_IO, errno, "%s", file);
	return err_set(err, ERR_REFUSED,
		       "%s is there already and is not overwritten: give --output another name; "
		       "`KUBECONFIG=%s:OTHER kubectl config view --flatten` makes one file of two",
		       file, file);
}

static int run_kubeconfig(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_(inventory_freep) struct inventory *inv = NULL;
	_cleanup_(secret_release) struct secret text = SECRET_INIT;
	const char *output = NULL;
	int c;

	while ((c = cmd_getopt(&cmd_kubeconfig, ctx, argc, argv, options, err)) != -1) {
		if (c != OPT_OUTPUT)
			return err->kind == ERR_NONE ? 0 : -1;
		output = optarg;
	}
	if (cmd_need_args(&cmd_kubeconfig, argc, 0, err) < 0 ||
	    (output && refuse_existing(output, err) < 0) ||
	    workspace_inventory(&ctx->paths, &inv, err) < 0 ||
	    kubeconfig_for_admin(ctx->paths.state, ctx->paths.config, &inv->cluster, &text, err) <
		    0)
		return -1;
	if (output)
		return file_write(AT_FDCWD, output, secret_reveal(&text), secret_length(&text),
				  0600, err);
	if (ctx->json) {
		_cleanup_json_ json_t *j = json_object();

		jsonx_put_string(j, "kubeconfig", secret_reveal(&text));
		cmd_print_json(j);
	} else {
		fputs(secret_reveal(&text), stdout);
	}
	return 0;
}

const struct command cmd_kubeconfig = {
	.name = "kubeconfig",
	.summary = "Print a kubeconfig with which the operator administers the cluster",
	.usage = "[--output FILE]\n"
		 "\n"
		 "For a cluster of ours a fresh one, signed by its CA and valid for a year: root "
		 "alone\n"
		 "can make it. For a cluster that exists already, the file that cluster.yaml "
		 "names.\n"
		 "\n"
		 "--output  into this new file (mode 0600) instead of standard output; a file that "
		 "is\n"
		 "          there is not overwritten\n",
	.run = run_kubeconfig,
};
