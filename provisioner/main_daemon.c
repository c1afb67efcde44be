/* SPDX-License-Identifier: Apache-2.0 */
/* provisiond: options -> config -> sockets -> drop user -> drop capabilities -> seccomp -> loop. */
#include <getopt.h>
#include <stdio.h>

#include "daemon.h"
#include "log.h"

static const char usage[] =
	"usage: provisiond [-d] [-n] [--config DIR] [--state DIR] [--run DIR] [--data DIR]\n"
	"                  [--user NAME]\n"
	"\n"
	"Serves what machines need to become nodes: DHCP, TFTP, HTTP and the API of their agents.\n"
	"\n"
	"  -n, --check     check the configuration, keys, user and ports, and end\n"
	"  -d, --debug     stay in the foreground with more to say (it never forks either way)\n"
	"  --config DIR    configuration directory (/etc/provision, or $PROVISION_CONFIG)\n"
	"  --state DIR     state directory (/var/lib/provision, or $PROVISION_STATE)\n"
	"  --run DIR       where the control socket is (/run/provision, or $PROVISION_RUN)\n"
	"  --data DIR      templates and iPXE scripts ($PROVISION_DATA)\n"
	"  --user NAME     whom to become when started by root (provision)\n"
	"  --help, --version\n";

struct options {
	struct paths paths;
	const char *user;
	bool check, debug, done;
};

static int read_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{"check", no_argument, NULL, 'n'},        {"debug", no_argument, NULL, 'd'},
		{"config", required_argument, NULL, 'c'}, {"state", required_argument, NULL, 's'},
		{"run", required_argument, NULL, 'r'},    {"data", required_argument, NULL, 'D'},
		{"user", required_argument, NULL, 'u'},   {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},      {NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "nd", longs, NULL)) != -1) {
		switch (c) {
		case 'n':
			o->check = true;
			break;
		case 'd':
			o->debug = true;
			break;
		case 'c':
			paths_set(&o->paths.config, optarg);
			break;
		case 's':
			paths_set(&o->paths.state, optarg);
			break;
		case 'r':
			paths_set(&o->paths.run, optarg);
			break;
		case 'D':
			paths_set(&o->paths.data, optarg);
			break;
		case 'u':
			o->user = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			o->done = true;
			return 0;
		case 'v':
			puts(PACKAGE_STRING);
			o->done = true;
			return 0;
		default:
			return -1;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "provisiond: there is no argument \"%s\"\n", argv[optind]);
		return -1;
	}
	return 0;
}

static int serve(struct options *o, struct err *err)
{
	struct daemon d = {.paths = o->paths};
	int r;

	r = daemon_open(&d, o->user, err);
	if (r == 0)
		r = daemon_drop(&d, err);
	if (r == 0)
		r = daemon_serve(&d, err);
	daemon_release(&d);
	return r;
}

int main(int argc, char **argv)
{
	struct options o = {.user = "provision"};
	_cleanup_(err_release) struct err err = ERR_INIT;
	int r = 0;

	paths_init(&o.paths);
	if (read_options(argc, argv, &o) < 0) {
		fputs(usage, stderr);
		paths_release(&o.paths);
		return err_exit_code(ERR_USAGE);
	}
	log_open("provisiond", o.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (!o.done)
		r = o.check ? daemon_check(&o.paths, o.user, &err) : serve(&o, &err);
	paths_release(&o.paths);
	if (r < 0) {
		log_err(&err);
		return err_exit_code(err.kind);
	}
	return 0;
}
