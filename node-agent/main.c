/* SPDX-License-Identifier: Apache-2.0 */
/*
 * node-agent. As process 1 it is the boot environment; on the installed node `node-agent firstboot`
 * is its unit's command; under the name of udhcpc's program it sets the address that was leased.
 */
#include <stdio.h>
#include <string.h>

#include "apply.h"
#include "boot.h"
#include "bootenv.h"
#include "disks.h"
#include "firstboot.h"
#include "install.h"
#include "log.h"
#include "netlease.h"

extern char **environ;

static const char usage[] =
	"usage: node-agent COMMAND\n"
	"\n"
	"  apply       carries out an Ignition config: node-agent apply --help\n"
	"  disks       what this machine's disks are and hold, as JSON\n"
	"  firstboot   joins the cluster; run by " INSTALL_UNIT "\n"
	"  --version   the version\n"
	"  --help      this text\n"
	"\n"
	"As the first process of a machine that was booted from the network, node-agent\n"
	"needs no command: it installs the machine as its provisioner says.\n";

static int print_disks(void)
{
	struct err err = ERR_INIT;
	struct disk_list disks;
	_cleanup_json_ json_t *j = NULL;
	_cleanup_(freep) char *text = NULL;
	int code;

	if (disks_read(NULL, &disks, &err) < 0) {
		code = err_exit_code(err.kind);
		log_err(&err);
		err_release(&err);
		return code;
	}
	j = disk_list_to_json(&disks);
	disk_list_release(&disks);
	text = jsonx_pretty(j);
	return fputs(text, stdout) < 0 || fflush(stdout) < 0 ? err_exit_code(ERR_IO) : 0;
}

static int lease(const char *event)
{
	struct err err = ERR_INIT;
	int code;

	if (netlease_event(event, (const char *const *)environ, &err) == 0)
		return 0;
	code = err_exit_code(err.kind);
	log_err(&err);
	err_release(&err);
	return code;
}

static int first_process(void)
{
	struct err err = ERR_INIT;

	if (bootenv_mount(&err) < 0) {
		log_err(&err);
		BUG("the boot environment has no file systems");
	}
	bootenv_supervise(boot_run);
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');

	log_open("node-agent", LOG_LEVEL_INFO);
	if (getpid() == 1)
		return first_process();
	name = name ? name + 1 : argv[0];
	if (streq(name, NETLEASE_PROGRAM))
		return lease(argc > 1 ? argv[1] : "");
	if (argc > 1 && streq(argv[1], "apply"))
		return apply_run(argc - 1, argv + 1);
	if (argc == 2 && streq(argv[1], "disks"))
		return print_disks();
	if (argc == 2 && streq(argv[1], "firstboot"))
		return firstboot_run();
	if (argc == 2 && streq(argv[1], "--version"))
		return puts("node-agent " PACKAGE_VERSION) < 0;
	if (argc == 2 && streq(argv[1], "--help"))
		return fputs(usage, stdout) < 0;
	fputs(usage, stderr);
	return err_exit_code(ERR_USAGE);
}
