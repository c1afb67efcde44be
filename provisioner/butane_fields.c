/* SPDX-License-Identifier: Apache-2.0 */
#include "butane_fields.h"

#include <stddef.h>

#define POOLS                                                                                      \
	"disks are claimed by storage: of the node's file, with the operator's consent for what "  \
	"they hold; `node-agent apply --stage disks` does it by hand"

static const struct butane_field owner[] = {
	{"id", "id", BUTANE_VALUE, NULL, NULL},
	{"name", "name", BUTANE_VALUE, NULL, NULL},
	{0},
};

static const struct butane_field verification[] = {
	{"hash", "hash", BUTANE_VALUE, NULL, NULL},
	{0},
};

static const struct butane_field header[] = {
	{"name", "name", BUTANE_VALUE, NULL, NULL},
	{"value", "value", BUTANE_VALUE, NULL, NULL},
	{0},
};

const struct butane_field butane_resource[] = {
	{"inline", NULL, BUTANE_VALUE, NULL, NULL},
	{"local", NULL, BUTANE_VALUE, NULL, NULL},
	{"template", NULL, BUTANE_VALUE, NULL, NULL},
	{"source", "source", BUTANE_VALUE, NULL, NULL},
	{"compression", "compression", BUTANE_VALUE, NULL, NULL},
	{"http_headers", "httpHeaders", BUTANE_MAPS, header, NULL},
	{"verification", "verification", BUTANE_MAP, verification, NULL},
	{0},
};

static const struct butane_field directory[] = {
	{"path", "path", BUTANE_VALUE, NULL, NULL},
	{"overwrite", "overwrite", BUTANE_VALUE, NULL, NULL},
	{"mode", "mode", BUTANE_VALUE, NULL, NULL},
	{"user", "user", BUTANE_MAP, owner, NULL},
	{"group", "group", BUTANE_MAP, owner, NULL},
	{0},
};

const struct butane_field butane_file[] = {
	{"path", "path", BUTANE_VALUE, NULL, NULL},
	{"overwrite", "overwrite", BUTANE_VALUE, NULL, NULL},
	{"mode", "mode", BUTANE_VALUE, NULL, NULL},
	{"user", "user", BUTANE_MAP, owner, NULL},
	{"group", "group", BUTANE_MAP, owner, NULL},
	{"contents", "contents", BUTANE_MAP, butane_resource, NULL},
	{"append", "append", BUTANE_MAPS, butane_resource, NULL},
	{0},
};

const struct butane_field butane_link[] = {
	{"path", "path", BUTANE_VALUE, NULL, NULL},
	{"overwrite", "overwrite", BUTANE_VALUE, NULL, NULL},
	{"user", "user", BUTANE_MAP, owner, NULL},
	{"group", "group", BUTANE_MAP, owner, NULL},
	{"target", "target", BUTANE_VALUE, NULL, NULL},
	{"hard", "hard", BUTANE_VALUE, NULL, NULL},
	{0},
};

static const struct butane_field tree[] = {
	{"local", NULL, BUTANE_VALUE, NULL, NULL},
	{"path", NULL, BUTANE_VALUE, NULL, NULL},
	{0},
};

const struct butane_field butane_storage[] = {
	{"directories", "directories", BUTANE_MAPS, directory, NULL},
	{"files", "files", BUTANE_MAPS, butane_file, NULL},
	{"links", "links", BUTANE_MAPS, butane_link, NULL},
	{"trees", NULL, BUTANE_MAPS, tree, NULL},
	{"disks", NULL, BUTANE_MAPS, NULL, POOLS},
	{"raid", NULL, BUTANE_MAPS, NULL, POOLS},
	{"luks", NULL, BUTANE_MAPS, NULL, POOLS},
	{"filesystems", NULL, BUTANE_MAPS, NULL, POOLS},
	{0},
};

const struct butane_field butane_dropin[] = {
	{"name", "name", BUTANE_VALUE, NULL, NULL},
	{"contents", "contents", BUTANE_VALUE, NULL, NULL},
	{"contents_local", NULL, BUTANE_VALUE, NULL, NULL},
	{0},
};

const struct butane_field butane_unit[] = {
	{"name", "name", BUTANE_VALUE, NULL, NULL},
	{"enabled", "enabled", BUTANE_VALUE, NULL, NULL},
	{"mask", "mask", BUTANE_VALUE, NULL, NULL},
	{"contents", "contents", BUTANE_VALUE, NULL, NULL},
	{"contents_local", NULL, BUTANE_VALUE, NULL, NULL},
	{"dropins", "dropins", BUTANE_MAPS, butane_dropin, NULL},
	{0},
};

static const struct butane_field systemd[] = {
	{"units", "units", BUTANE_MAPS, butane_unit, NULL},
	{0},
};

const struct butane_field butane_user[] = {
	{"name", "name", BUTANE_VALUE, NULL, NULL},
	{"password_hash", "passwordHash", BUTANE_VALUE, NULL, NULL},
	{"ssh_authorized_keys", "sshAuthorizedKeys", BUTANE_VALUES, NULL, NULL},
	{"ssh_authorized_keys_local", NULL, BUTANE_VALUES, NULL, NULL},
	{"uid", "uid", BUTANE_VALUE, NULL, NULL},
	{"gecos", "gecos", BUTANE_VALUE, NULL, NULL},
	{"home_dir", "homeDir", BUTANE_VALUE, NULL, NULL},
	{"no_create_home", "noCreateHome", BUTANE_VALUE, NULL, NULL},
	{"primary_group", "primaryGroup", BUTANE_VALUE, NULL, NULL},
	{"groups", "groups", BUTANE_VALUES, NULL, NULL},
	{"no_user_group", "noUserGroup", BUTANE_VALUE, NULL, NULL},
	{"no_log_init", "noLogInit", BUTANE_VALUE, NULL, NULL},
	{"shell", "shell", BUTANE_VALUE, NULL, NULL},
	{"should_exist", "shouldExist", BUTANE_VALUE, NULL, NULL},
	{"system", "system", BUTANE_VALUE, NULL, NULL},
	{0},
};

static const struct butane_field group[] = {
	{"name", "name", BUTANE_VALUE, NULL, NULL},
	{"gid", "gid", BUTANE_VALUE, NULL, NULL},
	{"password_hash", "passwordHash", BUTANE_VALUE, NULL, NULL},
	{"should_exist", "shouldExist", BUTANE_VALUE, NULL, NULL},
	{"system", "system", BUTANE_VALUE, NULL, NULL},
	{0},
};

static const struct butane_field passwd[] = {
	{"users", "users", BUTANE_MAPS, butane_user, NULL},
	{"groups", "groups", BUTANE_MAPS, group, NULL},
	{0},
};

static const struct butane_field kernel_arguments[] = {
	{"should_exist", "shouldExist", BUTANE_VALUES, NULL, NULL},
	{"should_not_exist", "shouldNotExist", BUTANE_VALUES, NULL, NULL},
	{0},
};

static const struct butane_field config[] = {
	{"merge", "merge", BUTANE_MAPS, butane_resource, NULL},
	{"replace", "replace", BUTANE_MAP, butane_resource, NULL},
	{0},
};

static const struct butane_field timeouts[] = {
	{"http_response_headers", "httpResponseHeaders", BUTANE_VALUE, NULL, NULL},
	{"http_total", "httpTotal", BUTANE_VALUE, NULL, NULL},
	{0},
};

static const struct butane_field tls[] = {
	{"certificate_authorities", "certificateAuthorities", BUTANE_MAPS, butane_resource, NULL},
	{0},
};

static const struct butane_field security[] = {
	{"tls", "tls", BUTANE_MAP, tls, NULL},
	{0},
};

static const struct butane_field proxy[] = {
	{"http_proxy", "httpProxy", BUTANE_VALUE, NULL, NULL},
	{"https_proxy", "httpsProxy", BUTANE_VALUE, NULL, NULL},
	{"no_proxy", "noProxy", BUTANE_VALUES, NULL, NULL},
	{0},
};

static const struct butane_field ignition[] = {
	{"config", "config", BUTANE_MAP, config, NULL},
	{"timeouts", "timeouts", BUTANE_MAP, timeouts, NULL},
	{"security", "security", BUTANE_MAP, security, NULL},
	{"proxy", "proxy", BUTANE_MAP, proxy, NULL},
	{0},
};

const struct butane_field butane_top[] = {
	{"ignition", "ignition", BUTANE_MAP, ignition, NULL},
	{"storage", "storage", BUTANE_MAP, butane_storage, NULL},
	{"systemd", "systemd", BUTANE_MAP, systemd, NULL},
	{"passwd", "passwd", BUTANE_MAP, passwd, NULL},
	{"kernel_arguments", "kernelArguments", BUTANE_MAP, kernel_arguments, NULL},
	{0},
};
