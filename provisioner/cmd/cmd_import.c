/* SPDX-License-Identifier: Apache-2.0 */
/* provision import matchbox DIR */
#include "cmd/cmd.h"

#include "import/matchbox_import.h"
#include "workspace.h"

#include <stdio.h>

static json_t *left_to_json(const struct problems *left)
{
	json_t *list = json_array();

	for (size_t i = 0; i < left->n; i++) {
		json_t *j = json_object();

		jsonx_put_string(j, "file", left->p[i].file);
		if (left->p[i].line)
			json_object_set_new(j, "line", json_integer(left->p[i].line));
		jsonx_put_string(j, "text", left->p[i].text);
		json_array_append_new(list, j);
	}
	return list;
}

static void report_json(const struct matchbox_import *im, bool dry_run)
{
	_cleanup_json_ json_t *j = json_object();
	json_t *files = json_array();

	for (size_t i = 0; i < im->n_files; i++) {
		json_t *file = json_object();

		jsonx_put_string(file, "path", im->files[i].path);
		if (dry_run)
			jsonx_put_string(file, "text", im->files[i].text);
		json_array_append_new(files, file);
	}
	json_object_set_new(j, "files", files);
	json_object_set_new(j, "written", json_boolean(!dry_run && im->n_files > 0));
	json_object_set_new(j, "left", left_to_json(&im->left));
	cmd_print_json(j);
}

static void report_left(const struct problems *left)
{
	if (left->n)
		printf("\nnot carried over:\n");
	for (size_t i = 0; i < left->n; i++) {
		_cleanup_(freep) char *line = problem_format(&left->p[i]);

		printf("  %s\n", line);
	}
}

static void report(const struct cmd_context *ctx, const struct matchbox_import *im, bool dry_run)
{
	if (ctx->json) {
		report_json(im, dry_run);
		return;
	}
	for (size_t i = 0; i < im->n_files; i++) {
		if (dry_run)
			printf("%s%s:\n\n%s\n", i ? "\n" : "", im->files[i].path,
			       im->files[i].text);
		else
			printf("%s\n", im->files[i].path);
	}
	printf("%s%zu node%s, %zu template%s%s\n", im->n_files ? "\n" : "", im->n_nodes,
	       im->n_nodes == 1 ? "" : "s", im->n_templates, im->n_templates == 1 ? "" : "s",
	       dry_run ? "; nothing was written" : "");
	report_left(&im->left);
	if (im->n_nodes && !dry_run)
		printf("\nNothing is installed by this. next: look through the files, provision "
		       "check,\nprovision reinstall NODE for each machine that is to be "
		       "installed\n");
}

/* A record that `check` refuses would stop the daemon from taking anything new. */
static int check_stage(const struct import_stage *stage, const struct paths *paths, struct err *err)
{
	_cleanup_(problems_release) struct problems ps = {0};

	import_stage_check(stage, paths, &ps);
	if (!ps.n)
		return 0;
	problems_sort(&ps);
	problems_to_err(&ps, err);
	return err_wrap(err, "nothing was written, for `provision check` would not take it");
}

static int import_matchbox(const struct cmd_context *ctx, const char *dir, bool dry_run,
			   struct err *err)
{
	_cleanup_(matchbox_import_release) struct matchbox_import im = {0};
	_cleanup_(import_stage_release) struct import_stage stage = {0};
	_cleanup_(inventory_freep) struct inventory *inv = NULL;

	if (workspace_inventory(&ctx->paths, &inv, err) < 0 ||
	    matchbox_import(dir, inv, &im, err) < 0)
		return -1;
	if (im.n_files) {
		if (import_stage_make(ctx->paths.config, im.files, im.n_files, &stage, err) < 0)
			return -1;
		if (check_stage(&stage, &ctx->paths, err) < 0) {
			/* the error names lines of files that can be seen only so */
			if (dry_run)
				report(ctx, &im, dry_run);
			return -1;
		}
		if (!dry_run && import_stage_commit(&stage, im.files, im.n_files, err) < 0)
			return -1;
	}
	report(ctx, &im, dry_run);
	return 0;
}

static int run_import(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	enum { OPT_DRY_RUN };
	static const struct option options[] = {{"dry-run", no_argument, NULL, OPT_DRY_RUN}, {0}};
	bool dry_run = false;
	int opt;

	while ((opt = cmd_getopt(&cmd_import, ctx, argc, argv, options, err)) != -1) {
		if (opt == '?')
			return err->kind == ERR_NONE ? 0 : -1;
		dry_run = true;
	}
	if (cmd_need_args(&cmd_import, argc, 2, err) < 0)
		return -1;
	if (!streq(argv[optind], "matchbox"))
		return err_set(err, ERR_USAGE, "import takes matchbox, not \"%.40s\"",
			       argv[optind]);
	return import_matchbox(ctx, argv[optind + 1], dry_run, err);
}

const struct command cmd_import = {
	.name = "import",
	.summary = "Make node records and templates of another tool's files",
	.usage = "matchbox DIR [--dry-run]\n"
		 "\n"
		 "DIR is Matchbox's data directory, with groups/, profiles/ and ignition/. What "
		 "could not\n"
		 "be carried over is listed with its reason. Nothing that exists is overwritten, "
		 "and no\n"
		 "machine is installed by it.\n"
		 "\n"
		 "  --dry-run   print the files instead of writing them\n",
	.run = run_import,
};
