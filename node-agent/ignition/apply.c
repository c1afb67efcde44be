/* SPDX-License-Identifier: Apache-2.0 */
#include "apply.h"

#include "ign_config.h"
#include "ign_disks.h"
#include "ign_stage.h"
#include "ignition_schema.h"
#include "log.h"

#include <getopt.h>
#include <stdio.h>

static int print(const char *text, struct err *err)
{
	if (fputs(text, stdout) < 0 || fflush(stdout) < 0)
		return err_set(err, ERR_IO, "cannot write to standard output");
	return 0;
}

static int print_fields(struct err *err)
{
	_cleanup_(freep) char *text = ign_schema_markdown();

	return print(text, err);
}

static int print_config(const char *file, struct err *err)
{
	_cleanup_json_ json_t *config = NULL;
	_cleanup_(freep) char *text = NULL;
	struct ign_fetch *fetch = NULL;

	if (ign_config_load(file, &config, &fetch, err) < 0)
		return -1;
	ign_fetch_free(fetch);
	text = jsonx_pretty(config);
	return print(text, err);
}

struct options {
	const char *stage, *root, *config;
	bool help, fields, print, installed;
};

static int parse(int argc, char **argv, struct options *o, struct err *err)
{
	static const struct option known[] = {
		{"help", no_argument, NULL, 'h'},
		{"fields", no_argument, NULL, 'f'},
		{"print", no_argument, NULL, 'p'},
		{"stage", required_argument, NULL, 's'},
		{"root", required_argument, NULL, 'r'},
		{"installed", no_argument, NULL, 'i'},
		{0},
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		o->help = o->help || c == 'h';
		o->fields = o->fields || c == 'f';
		o->print = o->print || c == 'p';
		o->installed = o->installed || c == 'i';
		if (c == 's')
			o->stage = optarg;
		if (c == 'r')
			o->root = optarg;
		if (c == '?')
			return err_set(err, ERR_USAGE, "apply: %s is not known, or lacks its value",
				       argv[optind - 1]);
	}
	if (argc - optind > 1)
		return err_set(err, ERR_USAGE, "apply: more than one config: %s", argv[optind + 1]);
	o->config = argv[optind];
	return 0;
}

static int stage_files(const struct options *o, const json_t *config, struct ign_fetch *fetch,
		       struct err *err)
{
	if (o->installed)
		return ign_stage_installed(config, fetch, o->root, err);
	return ign_stage_files(config, fetch, o->root, err);
}

static int stage_disks(const struct options *o, const json_t *config, struct ign_fetch *fetch,
		       struct err *err)
{
	(void)o;
	return ign_stage_disks(config, fetch, err);
}

static const struct stage {
	const char *name;
	bool needs_root;
	int (*run)(const struct options *o, const json_t *config, struct ign_fetch *fetch,
		   struct err *err);
} stages[] = {
	{"disks", false, stage_disks},
	{"files", true, stage_files},
};

static const struct stage *find_stage(const char *name, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(stages); i++)
		if (streq(stages[i].name, name))
			return &stages[i];
	err_set(err, ERR_USAGE, "apply: no stage is called %s", name);
	return NULL;
}

static int run_stage(const struct options *o, struct err *err)
{
	const struct stage *stage = find_stage(o->stage, err);
	_cleanup_json_ json_t *config = NULL;
	struct ign_fetch *fetch = NULL;
	int r;

	if (!stage)
		return -1;
	/* never guessed: the running system has to be named too */
	if (stage->needs_root && !o->root)
		return err_set(err, ERR_USAGE,
			       "apply: --root is missing: the root of the system to write to");
	if (ign_config_load(o->config, &config, &fetch, err) < 0)
		return -1;
	r = stage->run(o, config, fetch, err);
	ign_fetch_free(fetch);
	return r;
}

static int run(const struct options *o, struct err *err)
{
	if (o->help)
		return print(APPLY_USAGE, err);
	if (o->fields)
		return print_fields(err);
	if (!o->config)
		return err_set(err, ERR_USAGE, "apply: no config: a file, or - for standard input");
	if (o->print)
		return print_config(o->config, err);
	if (!o->stage)
		return err_set(err, ERR_USAGE, "apply: --stage is missing: disks or files");
	return run_stage(o, err);
}

int apply_run(int argc, char **argv)
{
	struct options o = {0};
	struct err err = ERR_INIT;
	int code;

	if (parse(argc, argv, &o, &err) == 0 && run(&o, &err) == 0)
		return 0;
	code = err_exit_code(err.kind);
	log_err(&err);
	if (err.kind == ERR_USAGE)
		fputs("see node-agent apply --help\n", stderr);
	err_release(&err);
	return code;
}
