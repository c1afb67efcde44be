/* SPDX-License-Identifier: Apache-2.0 */
#include "ignition_schema.h"

#include "buf.h"

#include <string.h>

/* User and group ids; the last one means none to chown(2). */
#define ID_MAX 4294967294
/* Whatever is counted in seconds or pieces. */
#define COUNT_MAX INT32_MAX
/* MiB whose bytes fit into 63 bits. */
#define MIB_MAX  ((json_int_t)1 << 43)
#define MODE_MAX 07777
/* Setuid, setgid and sticky bits came with 3.4; Ignition drops them in older configs. */
#define MODE_MAX_OLD 0777

#define FIELDS(list) .fields = (list), .n = ARRAY_SIZE(list)

#define SOURCES "http, https and data:; s3, gs, arn and tftp are refused"

static const struct ign_field verification_fields[] = {
	{.name = "hash",
	 .type = IGN_STRING,
	 .check = ign_check_hash,
	 .note = "sha256 or sha512, of the unpacked content"},
};
static const struct ign_object verification = {FIELDS(verification_fields)};

static const struct ign_field header_fields[] = {
	{.name = "name",
	 .type = IGN_STRING,
	 .since = 1,
	 .required = true,
	 .check = ign_check_header_name},
	{.name = "value", .type = IGN_STRING, .since = 1, .check = ign_check_header_value},
};
static const struct ign_object header = {FIELDS(header_fields), .key = "name"};

/* Contents of files, with compression since 3.0, and other resources, since 3.1. */
static const struct ign_field contents_fields[] = {
	{.name = "source", .type = IGN_STRING, .check = ign_check_source, .note = SOURCES},
	{.name = "compression", .type = IGN_STRING, .check = ign_check_compression, .note = "gzip"},
	{.name = "httpHeaders", .type = IGN_OBJECTS, .since = 1, .object = &header},
	{.name = "verification", .type = IGN_OBJECT, .object = &verification},
};
static const struct ign_field resource_fields[] = {
	{.name = "source", .type = IGN_STRING, .check = ign_check_source, .note = SOURCES},
	{.name = "compression",
	 .type = IGN_STRING,
	 .since = 1,
	 .check = ign_check_compression,
	 .note = "gzip"},
	{.name = "httpHeaders", .type = IGN_OBJECTS, .since = 1, .object = &header},
	{.name = "verification", .type = IGN_OBJECT, .object = &verification},
};
static const struct ign_object contents = {FIELDS(contents_fields), .key = "source",
					   .check = ign_rule_resource};
static const struct ign_object resource = {FIELDS(resource_fields), .key = "source",
					   .check = ign_rule_resource};
static const struct ign_object required_resource = {FIELDS(resource_fields), .key = "source",
						    .check = ign_rule_required_resource};

static const struct ign_field config_fields[] = {
	{.name = "merge", .type = IGN_OBJECTS, .object = &required_resource},
	{.name = "replace", .type = IGN_OBJECT, .object = &resource},
};
static const struct ign_object config = {FIELDS(config_fields)};

static const struct ign_field timeouts_fields[] = {
	{.name = "httpResponseHeaders",
	 .type = IGN_INT,
	 .max = COUNT_MAX,
	 .note = "10 s by default"},
	{.name = "httpTotal", .type = IGN_INT, .max = COUNT_MAX, .note = "retries included"},
};
static const struct ign_object timeouts = {FIELDS(timeouts_fields)};

static const struct ign_field tls_fields[] = {
	{.name = "certificateAuthorities",
	 .type = IGN_OBJECTS,
	 .object = &required_resource,
	 .note = "beside the system's"},
};
static const struct ign_object tls = {FIELDS(tls_fields)};
static const struct ign_field security_fields[] = {
	{.name = "tls", .type = IGN_OBJECT, .object = &tls},
};
static const struct ign_object security = {FIELDS(security_fields)};

static const struct ign_field proxy_fields[] = {
	{.name = "httpProxy", .type = IGN_STRING, .since = 1, .check = ign_check_url},
	{.name = "httpsProxy", .type = IGN_STRING, .since = 1, .check = ign_check_url},
	{.name = "noProxy", .type = IGN_STRINGS, .since = 1, .check = ign_check_line},
};
static const struct ign_object proxy = {FIELDS(proxy_fields)};

static const struct ign_field ignition_fields[] = {
	{.name = "version", .type = IGN_STRING, .required = true, .note = "3.0.0 to " IGN_VERSION},
	{.name = "config", .type = IGN_OBJECT, .object = &config},
	{.name = "timeouts", .type = IGN_OBJECT, .object = &timeouts},
	{.name = "security", .type = IGN_OBJECT, .object = &security},
	{.name = "proxy", .type = IGN_OBJECT, .since = 1, .object = &proxy},
};
static const struct ign_object ignition = {FIELDS(ignition_fields)};

static const struct ign_field kernel_fields[] = {
	{.name = "shouldExist",
	 .type = IGN_STRINGS,
	 .since = 3,
	 .check = ign_check_line,
	 .group = "argument",
	 .note = "where the root has Debian's GRUB"},
	{.name = "shouldNotExist",
	 .type = IGN_STRINGS,
	 .since = 3,
	 .check = ign_check_line,
	 .group = "argument",
	 .note = "where the root has Debian's GRUB"},
};
static const struct ign_object kernel_arguments = {FIELDS(kernel_fields)};

static const struct ign_field partition_fields[] = {
	{.name = "number", .type = IGN_INT, .max = 128},
	{.name = "label", .type = IGN_STRING, .check = ign_check_partition_label},
	{.name = "sizeMiB", .type = IGN_INT, .max = MIB_MAX},
	{.name = "startMiB", .type = IGN_INT, .max = MIB_MAX},
	{.name = "typeGuid", .type = IGN_STRING, .check = ign_check_guid},
	{.name = "guid", .type = IGN_STRING, .check = ign_check_guid},
	{.name = "wipePartitionEntry", .type = IGN_BOOL},
	{.name = "shouldExist", .type = IGN_BOOL},
	{.name = "resize", .type = IGN_BOOL, .since = 2},
};
static const struct ign_object partition = {FIELDS(partition_fields), .key = "number",
					    .key2 = "label", .check = ign_rule_partition};

static const struct ign_field disk_fields[] = {
	{.name = "device", .type = IGN_STRING, .required = true, .check = ign_check_node_path},
	{.name = "wipeTable", .type = IGN_BOOL},
	{.name = "partitions", .type = IGN_OBJECTS, .object = &partition},
};
static const struct ign_object disk = {FIELDS(disk_fields), .key = "device",
				       .check = ign_rule_disk};

static const struct ign_field raid_fields[] = {
	{.name = "name", .type = IGN_STRING, .required = true, .check = ign_check_raid_name},
	{.name = "level", .type = IGN_STRING, .check = ign_check_raid_level, .required = true},
	{.name = "devices", .type = IGN_STRINGS, .check = ign_check_node_path, .required = true},
	{.name = "spares", .type = IGN_INT, .max = COUNT_MAX},
	{.name = "options", .type = IGN_STRINGS, .append = true},
};
static const struct ign_object raid = {FIELDS(raid_fields), .key = "name", .check = ign_rule_raid};

static const struct ign_field tang_fields[] = {
	{.name = "url", .type = IGN_STRING, .since = 2, .required = true, .check = ign_check_url},
	{.name = "thumbprint",
	 .type = IGN_STRING,
	 .since = 2,
	 .required = true,
	 .check = ign_check_line},
	{.name = "advertisement", .type = IGN_STRING, .since = 4, .check = ign_check_json_text},
};
static const struct ign_object tang = {FIELDS(tang_fields), .key = "url", .check = ign_rule_tang};

static const struct ign_field custom_fields[] = {
	{.name = "pin", .type = IGN_STRING, .since = 2, .check = ign_check_clevis_pin},
	{.name = "config", .type = IGN_STRING, .since = 2},
	{.name = "needsNetwork", .type = IGN_BOOL, .since = 2},
};
static const struct ign_object custom = {FIELDS(custom_fields), .check = ign_rule_clevis_custom};

static const struct ign_field clevis_fields[] = {
	{.name = "tang", .type = IGN_OBJECTS, .since = 2, .object = &tang},
	{.name = "tpm2", .type = IGN_BOOL, .since = 2},
	{.name = "threshold", .type = IGN_INT, .since = 2, .max = COUNT_MAX},
	{.name = "custom", .type = IGN_OBJECT, .since = 2, .object = &custom},
};
static const struct ign_object clevis = {FIELDS(clevis_fields)};

static const struct ign_field luks_fields[] = {
	{.name = "name",
	 .type = IGN_STRING,
	 .since = 2,
	 .required = true,
	 .check = ign_check_luks_name},
	{.name = "device",
	 .type = IGN_STRING,
	 .since = 2,
	 .required = true,
	 .check = ign_check_node_path},
	{.name = "keyFile", .type = IGN_OBJECT, .since = 2, .object = &resource},
	{.name = "label", .type = IGN_STRING, .since = 2, .check = ign_check_luks_label},
	{.name = "uuid", .type = IGN_STRING, .since = 2},
	{.name = "options", .type = IGN_STRINGS, .since = 2, .append = true},
	{.name = "discard", .type = IGN_BOOL, .since = 4},
	{.name = "openOptions", .type = IGN_STRINGS, .since = 4},
	{.name = "wipeVolume", .type = IGN_BOOL, .since = 2},
	{.name = "clevis", .type = IGN_OBJECT, .since = 2, .object = &clevis},
};
static const struct ign_object luks = {FIELDS(luks_fields), .key = "name", .check = ign_rule_luks};

static const struct ign_field filesystem_fields[] = {
	{.name = "device", .type = IGN_STRING, .required = true, .check = ign_check_node_path},
	{.name = "format", .type = IGN_STRING, .check = ign_check_filesystem_format},
	{.name = "path", .type = IGN_STRING, .check = ign_check_path_or_empty},
	{.name = "wipeFilesystem", .type = IGN_BOOL},
	{.name = "label", .type = IGN_STRING},
	{.name = "uuid", .type = IGN_STRING},
	{.name = "options", .type = IGN_STRINGS, .append = true},
	{.name = "mountOptions", .type = IGN_STRINGS, .since = 1, .append = true},
};
static const struct ign_object filesystem = {FIELDS(filesystem_fields), .key = "device",
					     .check = ign_rule_filesystem};

static const struct ign_field owner_fields[] = {
	{.name = "id", .type = IGN_INT, .max = ID_MAX},
	{.name = "name", .type = IGN_STRING, .check = ign_check_passwd_field},
};
static const struct ign_object owner = {FIELDS(owner_fields), .check = ign_rule_owner};

static const struct ign_field file_fields[] = {
	{.name = "path", .type = IGN_STRING, .required = true, .check = ign_check_node_path},
	{.name = "overwrite", .type = IGN_BOOL},
	{.name = "contents", .type = IGN_OBJECT, .object = &contents},
	{.name = "append", .type = IGN_OBJECTS, .object = &contents, .append = true},
	{.name = "mode", .type = IGN_INT, .max = MODE_MAX, .old_max = MODE_MAX_OLD},
	{.name = "user", .type = IGN_OBJECT, .object = &owner},
	{.name = "group", .type = IGN_OBJECT, .object = &owner},
};
static const struct ign_object file = {FIELDS(file_fields), .key = "path", .check = ign_rule_file};

static const struct ign_field directory_fields[] = {
	{.name = "path", .type = IGN_STRING, .required = true, .check = ign_check_path},
	{.name = "overwrite", .type = IGN_BOOL},
	{.name = "mode", .type = IGN_INT, .max = MODE_MAX, .old_max = MODE_MAX_OLD},
	{.name = "user", .type = IGN_OBJECT, .object = &owner},
	{.name = "group", .type = IGN_OBJECT, .object = &owner},
};
static const struct ign_object directory = {FIELDS(directory_fields), .key = "path"};

static const struct ign_field link_fields[] = {
	{.name = "path", .type = IGN_STRING, .required = true, .check = ign_check_node_path},
	{.name = "overwrite", .type = IGN_BOOL},
	{.name = "user", .type = IGN_OBJECT, .object = &owner},
	{.name = "group", .type = IGN_OBJECT, .object = &owner},
	{.name = "target", .type = IGN_STRING, .required = true, .check = ign_check_line},
	{.name = "hard", .type = IGN_BOOL},
};
static const struct ign_object link_object = {FIELDS(link_fields), .key = "path",
					      .check = ign_rule_link};

static const struct ign_field storage_fields[] = {
	{.name = "disks", .type = IGN_OBJECTS, .object = &disk, .stage = "disks"},
	{.name = "raid", .type = IGN_OBJECTS, .object = &raid, .stage = "disks"},
	{.name = "luks", .type = IGN_OBJECTS, .since = 2, .object = &luks, .stage = "disks"},
	{.name = "filesystems", .type = IGN_OBJECTS, .object = &filesystem, .stage = "disks"},
	{.name = "files", .type = IGN_OBJECTS, .object = &file, .group = "node", .stage = "files"},
	{.name = "directories",
	 .type = IGN_OBJECTS,
	 .object = &directory,
	 .group = "node",
	 .stage = "files"},
	{.name = "links",
	 .type = IGN_OBJECTS,
	 .object = &link_object,
	 .group = "node",
	 .stage = "files"},
};
static const struct ign_object storage = {FIELDS(storage_fields), .check = ign_rule_storage};

static const struct ign_field dropin_fields[] = {
	{.name = "name", .type = IGN_STRING, .required = true, .check = ign_check_dropin_name},
	{.name = "contents", .type = IGN_STRING, .check = ign_check_unit_text},
};
static const struct ign_object dropin = {FIELDS(dropin_fields), .key = "name"};

static const struct ign_field unit_fields[] = {
	{.name = "name", .type = IGN_STRING, .required = true, .check = ign_check_unit_name},
	{.name = "enabled", .type = IGN_BOOL},
	{.name = "mask", .type = IGN_BOOL},
	{.name = "contents", .type = IGN_STRING, .check = ign_check_unit_text},
	{.name = "dropins", .type = IGN_OBJECTS, .object = &dropin},
};
static const struct ign_object unit = {FIELDS(unit_fields), .key = "name"};
static const struct ign_field systemd_fields[] = {
	{.name = "units", .type = IGN_OBJECTS, .object = &unit},
};
static const struct ign_object systemd = {FIELDS(systemd_fields)};

static const struct ign_field user_fields[] = {
	{.name = "name", .type = IGN_STRING, .required = true, .check = ign_check_account},
	{.name = "passwordHash", .type = IGN_STRING, .check = ign_check_passwd_field},
	{.name = "sshAuthorizedKeys", .type = IGN_STRINGS},
	{.name = "uid", .type = IGN_INT, .max = ID_MAX},
	{.name = "gecos", .type = IGN_STRING, .check = ign_check_passwd_field},
	{.name = "homeDir", .type = IGN_STRING, .check = ign_check_passwd_path},
	{.name = "noCreateHome", .type = IGN_BOOL},
	{.name = "primaryGroup", .type = IGN_STRING, .check = ign_check_passwd_field},
	{.name = "groups", .type = IGN_STRINGS, .check = ign_check_account},
	{.name = "noUserGroup", .type = IGN_BOOL},
	{.name = "noLogInit", .type = IGN_BOOL},
	{.name = "shell", .type = IGN_STRING, .check = ign_check_passwd_path},
	{.name = "shouldExist", .type = IGN_BOOL, .since = 2},
	{.name = "system", .type = IGN_BOOL},
};
static const struct ign_object user = {FIELDS(user_fields), .key = "name"};
static const struct ign_field group_fields[] = {
	{.name = "name", .type = IGN_STRING, .required = true, .check = ign_check_account},
	{.name = "gid", .type = IGN_INT, .max = ID_MAX},
	{.name = "passwordHash", .type = IGN_STRING, .check = ign_check_passwd_field},
	{.name = "shouldExist", .type = IGN_BOOL, .since = 2},
	{.name = "system", .type = IGN_BOOL},
};
static const struct ign_object group = {FIELDS(group_fields), .key = "name"};
static const struct ign_field passwd_fields[] = {
	{.name = "users", .type = IGN_OBJECTS, .object = &user},
	{.name = "groups", .type = IGN_OBJECTS, .object = &group},
};
static const struct ign_object passwd = {FIELDS(passwd_fields)};

static const struct ign_field root_fields[] = {
	{.name = "ignition",
	 .type = IGN_OBJECT,
	 .required = true,
	 .object = &ignition,
	 .stage = "both"},
	{.name = "storage", .type = IGN_OBJECT, .object = &storage, .stage = ""},
	{.name = "systemd", .type = IGN_OBJECT, .object = &systemd, .stage = "files"},
	{.name = "passwd", .type = IGN_OBJECT, .object = &passwd, .stage = "files"},
	{.name = "kernelArguments",
	 .type = IGN_OBJECT,
	 .since = 3,
	 .object = &kernel_arguments,
	 .stage = "files"},
};
const struct ign_object ign_schema = {FIELDS(root_fields), .check = ign_rule_config};

const struct ign_field *ign_schema_field(const struct ign_object *object, const char *name)
{
	for (size_t i = 0; i < object->n; i++)
		if (streq(object->fields[i].name, name))
			return &object->fields[i];
	return NULL;
}

char *ign_schema_key(const struct ign_field *list, const json_t *element)
{
	const json_t *j = element;

	if (list->type == IGN_OBJECTS) {
		j = json_object_get(element, list->object->key);
		if (json_integer_value(j) != 0)
			return xasprintf("number:%lld", (long long)json_integer_value(j));
		if (list->object->key2)
			j = json_object_get(element, list->object->key2);
	}
	return xstrdup(json_is_string(j) ? json_string_value(j) : "");
}

static const char *const type_names[IGN_TYPE_MAX] = {
	[IGN_BOOL] = "boolean",
	[IGN_INT] = "number",
	[IGN_STRING] = "string",
	[IGN_OBJECT] = "object",
	[IGN_STRINGS] = "list of strings",
	[IGN_OBJECTS] = "list of objects",
};

/* One row of each leaf; of an object only what is in it, unless there is something to say of it. */
static void add_rows(struct buf *out, const struct ign_object *object, const char *path,
		     unsigned int since, const char *stage)
{
	for (size_t i = 0; i < object->n; i++) {
		const struct ign_field *f = &object->fields[i];
		bool list = f->type == IGN_STRINGS || f->type == IGN_OBJECTS;
		_cleanup_(freep) char *place =
			xasprintf("%s%s%s%s", path, path[0] ? "." : "", f->name, list ? "[]" : "");
		unsigned int from = f->since > since ? f->since : since;
		const char *in = f->stage ? f->stage : stage;

		if (!f->object || f->note || f->refused)
			buf_addf(out, "| `%s` | 3.%u | %s%s | %s | %s%s%s%s |\n", place, from,
				 type_names[f->type], f->required ? ", required" : "", in,
				 f->refused ? "refused: " : "yes", f->refused ? f->refused : "",
				 f->note ? ": " : "", f->note ? f->note : "");
		if (f->object)
			add_rows(out, f->object, place, from, in);
	}
}

char *ign_schema_markdown(void)
{
	struct buf out;

	buf_init(&out, (size_t)1024 * 1024);
	buf_adds(&out, "| Field | Since | Type | Stage | `node-agent apply` |\n"
		       "|---|---|---|---|---|\n");
	add_rows(&out, &ign_schema, "", 0, "");
	return buf_take(&out);
}
