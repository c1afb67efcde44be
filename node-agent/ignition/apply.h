/* SPDX-License-Identifier: Apache-2.0 */
/* `node-agent apply`: an Ignition config on the command line. */
#ifndef PROVISION_APPLY_H
#define PROVISION_APPLY_H

#include "err.h"

#define APPLY_USAGE                                                                                \
	"usage: node-agent apply --root DIR --stage files [--installed] CONFIG\n"                  \
	"       node-agent apply --stage disks CONFIG\n"                                           \
	"       node-agent apply --print CONFIG\n"                                                 \
	"       node-agent apply --fields\n"                                                       \
	"\n"                                                                                       \
	"  --stage      disks: partitions, arrays, volumes and file systems of the config;\n"      \
	"               erases what the config says may go, and nothing else\n"                    \
	"               files: mounts the config's file systems below the root, and makes its\n"   \
	"               users, files and units\n"                                                  \
	"  --root       the root of the system that they are made in; / is the running one\n"      \
	"  --installed  for a system that is started as it is: units are enabled and not only\n"   \
	"               preset, and what an earlier run has made is no error\n"                    \
	"  --print      the config that takes effect: what it merges is merged, all is checked\n"  \
	"  --fields     the fields of Ignition that are known, as a table in Markdown\n"           \
	"\n"                                                                                       \
	"CONFIG is a file, or - for standard input.\n"

/* argv[0] is "apply". Returns the exit status; errors are logged. */
int apply_run(int argc, char **argv) _nonnull_;

#endif
