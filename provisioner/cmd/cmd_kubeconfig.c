/* SPDX-License-Identifier: Apache-2.0 */
/* provision kubeconfig [--output FILE] */
#include "cmd/cmd.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "fsio.h"
#include "op.h"

enum { OPT_OUTPUT };

static const struct option options[] = {
	{"output", required_argument, NULL, OPT_OUTPUT},
	{0},
};

static int run_kubeconfig(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_json_ json_t *reply = NULL;
	const char *output = NULL, *text;
	int c;

	while ((c = cmd_getopt(&cmd_kubeconfig, ctx, argc, argv, options, err)) != -1) {
		if (c != OPT_OUTPUT)
			return err->kind == ERR_NONE ? 0 : -1;
		output = optarg;
	}
	if (cmd_need_args(&cmd_kubeconfig, argc, 0, err) < 0 ||
	    op_call(&ctx->paths, "kubeconfig", NULL, &reply, err) < 0)
		return -1;
	text = json_string_value(json_object_get(reply, "kubeconfig"));
	if (!text)
		return err_set(err, ERR_PROTOCOL, "the answer has no kubeconfig");
	if (output)
		return file_write(AT_FDCWD, output, text, strlen(text), 0600, err);
	if (ctx->json)
		cmd_print_json(reply);
	else
		fputs(text, stdout);
	return 0;
}

const struct command cmd_kubeconfig = {
	.name = "kubeconfig",
	.summary = "Print a kubeconfig with which the operator administers the cluster",
	.usage = "[--output FILE]\n"
		 "\n"
		 "For a cluster of ours a fresh one, signed by its CA and valid for a year; for a\n"
		 "cluster that exists already, the file that cluster.yaml names.\n"
		 "\n"
		 "--output  into this file (mode 0600) instead of standard output\n",
	.run = run_kubeconfig,
};
