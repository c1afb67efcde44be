/* SPDX-License-Identifier: Apache-2.0 */
/* What a subcommand of `provision` is: cmd_NAME.c defines `const struct command cmd_NAME`, and
 * main_cli.c lists it. */
#ifndef PROVISION_CMD_H
#define PROVISION_CMD_H

#include "jsonx.h"
#include "paths.h"

#include <getopt.h>

struct cmd_context {
	struct paths paths;
	bool json; /* --json: the answer is JSON */
};

struct command {
	const char *name;    /* "add-node" */
	const char *summary; /* one line for `provision --help` */
	const char *usage;   /* "MAC [--name NAME] ..."; the whole help below the first line */
	/* argv[0] is the subcommand's name; getopt is reset. Prints what it has to say on stdout.
	 * -1 with err set when it failed; the main prints it. */
	int (*run)(struct cmd_context *ctx, int argc, char **argv, struct err *err);
};

extern const struct command cmd_init, cmd_add_node, cmd_remove_node, cmd_check, cmd_plan,
	cmd_render, cmd_assets, cmd_status, cmd_watch, cmd_events, cmd_approve, cmd_reinstall,
	cmd_cancel, cmd_kubeconfig, cmd_import;

/*
 * getopt_long for a subcommand: knows --help and the global options beside `options` (whose vals
 * are below CMD_OPTION_FIRST; an entry of zeroes ends them, NULL is none), wherever they stand.
 * Gives the option's val with optarg, -1 at the end, '?' with err set for a wrong one; `--help`
 * prints the usage and gives '?' with err empty.
 */
#define CMD_OPTION_FIRST 1000
int cmd_getopt(const struct command *cmd, struct cmd_context *ctx, int argc, char **argv,
	       const struct option *options, struct err *err) __attribute__((nonnull(1, 2, 4, 6)));
/* The same up to the first argument that is no option: for what stands before the subcommand. */
int cmd_getopt_leading(const struct command *cmd, struct cmd_context *ctx, int argc, char **argv,
		       const struct option *options, struct err *err)
	__attribute__((nonnull(1, 2, 4, 6)));
/* ERR_USAGE unless exactly n arguments are left after the options. */
int cmd_need_args(const struct command *cmd, int argc, int n,
		  struct err *err) _must_check_ _nonnull_;
/* The whole help of a command, on stdout. Up to its first empty line, `usage` has one form of the
 * command a line. */
void cmd_print_usage(const struct command *cmd) _nonnull_;
/* The lines about the global options. */
const char *cmd_global_help(void);
/* The frozen plan of the node's newest intent, with *ret_state its state; else, with *ret_state
 * left NULL, the plan that its record makes now. Caller frees both. */
struct plan;
int cmd_find_plan(const struct cmd_context *ctx, const char *node, struct plan **ret,
		  char **ret_state, struct err *err) _must_check_ _nonnull_;
/* Prints j with jsonx_pretty on stdout. */
void cmd_print_json(const json_t *j) _nonnull_;

#endif
