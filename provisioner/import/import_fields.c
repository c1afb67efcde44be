/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import_fields.h"

#include "buf.h"
#include "limits.h"

#include <string.h>

/* A row of a table, without its braces. */
#define VALUE(key)            key, IMPORT_VALUE, NULL, NULL
#define MAP(key, members)     key, IMPORT_MAP, members, NULL
#define LIST(key, members)    key, IMPORT_LIST, members, NULL
#define REFUSED(key, because) key, IMPORT_REFUSED, NULL, because
#define SPOILS(key, because)  key, IMPORT_SPOILS, NULL, because
#define END                   NULL, IMPORT_VALUE, NULL, NULL

static const char disks_why[] =
	"disks are claimed by `storage:` of the node's record, with the operator's consent by "
	"serial, and never by a template";
static const char sugar_why[] =
	"is a service of Container Linux; a systemd unit takes its place, written by hand";
static const char filesystem_why[] =
	"names a file system of the config; the pools of the node's record take its place";
static const char local_why[] =
	"names a file that Butane reads when it translates, and Matchbox's directory has none; "
	"copy "
	"it below files/ of the configuration directory, and write this into a template";

static const struct import_field verification[] = {{VALUE("hash")}, {END}};
static const struct import_field header[] = {{VALUE("name")}, {VALUE("value")}, {END}};
static const struct import_field resource[] = {{VALUE("source")},
					       {VALUE("inline")},
					       {VALUE("compression")},
					       {LIST("http_headers", header)},
					       {MAP("verification", verification)},
					       {SPOILS("local", local_why)},
					       {END}};
static const struct import_field owner[] = {{VALUE("id")}, {VALUE("name")}, {END}};
static const struct import_field file[] = {{VALUE("path")},
					   {VALUE("overwrite")},
					   {"contents", IMPORT_CONTENTS, resource, NULL},
					   {"append", IMPORT_CONTENTS, resource, NULL},
					   {"mode", IMPORT_MODE, NULL, NULL},
					   {MAP("user", owner)},
					   {MAP("group", owner)},
					   {SPOILS("filesystem", filesystem_why)},
					   {END}};
static const struct import_field directory[] = {{VALUE("path")},
						{VALUE("overwrite")},
						{"mode", IMPORT_MODE, NULL, NULL},
						{MAP("user", owner)},
						{MAP("group", owner)},
						{SPOILS("filesystem", filesystem_why)},
						{END}};
static const struct import_field link_entry[] = {{VALUE("path")},
						 {VALUE("target")},
						 {VALUE("hard")},
						 {VALUE("overwrite")},
						 {MAP("user", owner)},
						 {MAP("group", owner)},
						 {SPOILS("filesystem", filesystem_why)},
						 {END}};
static const struct import_field storage[] = {{LIST("files", file)},
					      {LIST("directories", directory)},
					      {LIST("links", link_entry)},
					      {REFUSED("disks", disks_why)},
					      {REFUSED("raid", disks_why)},
					      {REFUSED("luks", disks_why)},
					      {REFUSED("filesystems", disks_why)},
					      {REFUSED("trees", local_why)},
					      {END}};
static const struct import_field dropin[] = {
	{VALUE("name")}, {VALUE("contents")}, {SPOILS("contents_local", local_why)}, {END}};
static const struct import_field unit[] = {{VALUE("name")},
					   {VALUE("enabled")},
					   {VALUE("mask")},
					   {VALUE("contents")},
					   {SPOILS("contents_local", local_why)},
					   {LIST("dropins", dropin)},
					   {END}};
static const struct import_field systemd[] = {{LIST("units", unit)}, {END}};
static const struct import_field user[] = {
	{VALUE("name")},
	{VALUE("ssh_authorized_keys")},
	{REFUSED("ssh_authorized_keys_local", local_why)},
	{VALUE("password_hash")},
	{VALUE("uid")},
	{VALUE("gecos")},
	{VALUE("home_dir")},
	{VALUE("no_create_home")},
	{VALUE("primary_group")},
	{VALUE("groups")},
	{VALUE("no_user_group")},
	{VALUE("no_log_init")},
	{VALUE("shell")},
	{VALUE("should_exist")},
	{VALUE("system")},
	{REFUSED("ssh_authorized_keys_local", "names files that Butane reads when it translates")},
	{REFUSED("create", "is of Ignition 1; its keys stand beside it since Ignition 2")},
	{END}};
static const struct import_field group[] = {{VALUE("name")},          {VALUE("gid")},
					    {VALUE("password_hash")}, {VALUE("should_exist")},
					    {VALUE("system")},        {END}};
static const struct import_field passwd[] = {{LIST("users", user)}, {LIST("groups", group)}, {END}};
static const struct import_field arguments[] = {
	{VALUE("should_exist")}, {VALUE("should_not_exist")}, {END}};
static const struct import_field config[] = {{"merge", IMPORT_CONTENTS, resource, NULL},
					     {"replace", IMPORT_CONTENTS, resource, NULL},
					     {END}};
static const struct import_field timeouts[] = {
	{VALUE("http_response_headers")}, {VALUE("http_total")}, {END}};
static const struct import_field tls[] = {
	{"certificate_authorities", IMPORT_CONTENTS, resource, NULL}, {END}};
static const struct import_field security[] = {{MAP("tls", tls)}, {END}};
static const struct import_field proxy[] = {
	{VALUE("http_proxy")}, {VALUE("https_proxy")}, {VALUE("no_proxy")}, {END}};
static const struct import_field ignition[] = {{"version", IMPORT_DROPPED, NULL, NULL},
					       {MAP("config", config)},
					       {MAP("timeouts", timeouts)},
					       {MAP("security", security)},
					       {MAP("proxy", proxy)},
					       {END}};
static const char boot_device_why[] =
	"lays out the disk that Fedora CoreOS is installed on; here the record's `storage:` does";

const struct import_field import_document[] = {
	{"variant", IMPORT_DROPPED, NULL, NULL},
	{"version", IMPORT_DROPPED, NULL, NULL},
	{MAP("ignition", ignition)},
	{MAP("storage", storage)},
	{MAP("systemd", systemd)},
	{MAP("passwd", passwd)},
	{MAP("kernel_arguments", arguments)},
	{REFUSED("boot_device", boot_device_why)},
	{REFUSED("grub", "sets passwords of a boot loader that this system does not start with")},
	{REFUSED("etcd", sugar_why)},
	{REFUSED("flannel", sugar_why)},
	{REFUSED("docker", sugar_why)},
	{REFUSED("update", sugar_why)},
	{REFUSED("locksmith", sugar_why)},
	{END}};

const struct import_field *import_field_find(const struct import_field *members, const char *key)
{
	for (; members->key; members++)
		if (streq(members->key, key))
			return members;
	return NULL;
}

char *import_key(const char *ignition_key)
{
	struct buf b;

	buf_init(&b, LIMIT_YAML_BYTES);
	for (const char *c = ignition_key; *c; c++) {
		if (*c >= 'A' && *c <= 'Z') {
			buf_addc(&b, '_');
			buf_addc(&b, (char)(*c - 'A' + 'a'));
		} else {
			buf_addc(&b, *c);
		}
	}
	return buf_take(&b);
}
