/* SPDX-License-Identifier: Apache-2.0 */
#include "apply.h"

#include "ign_config.h"
#include "ignition_schema.h"
#include "log.h"

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

int apply_run(int argc, char **argv)
{
	struct err err = ERR_INIT;
	int r, code;

	if (argc == 2 && streq(argv[1], "--help")) {
		r = print(APPLY_USAGE, &err);
	} else if (argc == 2 && streq(argv[1], "--fields")) {
		r = print_fields(&err);
	} else if (argc == 3 && streq(argv[1], "--print")) {
		r = print_config(argv[2], &err);
	} else {
		fputs(APPLY_USAGE, stderr);
		return err_exit_code(ERR_USAGE);
	}
	if (r == 0)
		return 0;
	code = err_exit_code(err.kind);
	log_err(&err);
	err_release(&err);
	return code;
}
