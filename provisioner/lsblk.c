/* SPDX-License-Identifier: Apache-2.0 */
#include "lsblk.h"

#include "limits.h"
#include "parse.h"

#include <ctype.h>
#include <string.h>

/* As for the agent's report: what is longer is rubbish. */
#define TEXT_MAX 256
/* Of `start`, whatever the disk's own sectors are. */
#define START_UNIT 512

/* Printable ASCII without blanks around it, or NULL. Caller frees. */
static char *get_text(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));
	size_t len;

	if (!s)
		return NULL;
	while (*s == ' ')
		s++;
	len = strlen(s);
	while (len && s[len - 1] == ' ')
		len--;
	if (!len || len > TEXT_MAX)
		return NULL;
	for (size_t i = 0; i < len; i++)
		if (s[i] < ' ' || s[i] > '~')
			return NULL;
	return xstrndup(s, len);
}

/* A number, which older versions write in quotes. */
static int get_number(const json_t *j, const char *path, const char *key, uint64_t *ret,
		      struct err *err)
{
	const json_t *v = json_object_get(j, key);

	if (json_is_integer(v) && json_integer_value(v) >= 0) {
		*ret = (uint64_t)json_integer_value(v);
		return 0;
	}
	if (json_is_string(v) && parse_u64(json_string_value(v), INT64_MAX, ret, err) == 0)
		return 0;
	err_release(err);
	return err_set(err, ERR_PROTOCOL, "%s.%s is no number", path, key);
}

/* true, and 1 or "1" of older versions. */
static bool get_flag(const json_t *j, const char *key)
{
	const json_t *v = json_object_get(j, key);

	return json_is_true(v) || (json_is_integer(v) && json_integer_value(v)) ||
	       streq_null(json_string_value(v), "1");
}

static bool type_is(const json_t *j, const char *type)
{
	return streq_null(json_string_value(json_object_get(j, "type")), type);
}

static char *lower(char *s)
{
	for (char *p = s; p && *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return s;
}

static enum disk_transport transport_of(const char *tran, const char *name)
{
	static const struct {
		const char *word;
		enum disk_transport transport;
	} words[] =
		{
			{"sata", TRANSPORT_SATA}, {"ata", TRANSPORT_SATA},
			{"nvme", TRANSPORT_NVME}, {"usb", TRANSPORT_USB},
			{"sas", TRANSPORT_SCSI},  {"spi", TRANSPORT_SCSI},
			{"fc", TRANSPORT_SCSI},   {"iscsi", TRANSPORT_SCSI},
			{"mmc", TRANSPORT_MMC},   {"virtio", TRANSPORT_VIRTIO},
		},
	  names[] = {
		  {"vd", TRANSPORT_VIRTIO},
		  {"nvme", TRANSPORT_NVME},
		  {"mmcblk", TRANSPORT_MMC},
		  {"sd", TRANSPORT_SCSI},
	  };

	for (size_t i = 0; tran && i < ARRAY_SIZE(words); i++)
		if (streq(words[i].word, tran))
			return words[i].transport;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (startswith(name, names[i].word))
			return names[i].transport;
	return TRANSPORT_ANY;
}

static int read_offset(const json_t *j, const char *path, uint64_t *ret, struct err *err)
{
	const char *text = json_string_value(json_object_get(j, "offset"));
	unsigned long long value;
	char *end = NULL;

	if (!text || !startswith(text, "0x") || !isxdigit((unsigned char)text[2]) ||
	    strlen(text) > 2 + 15)
		return err_set(err, ERR_PROTOCOL, "%s.offset is no number like 0x10040", path);
	value = strtoull(text + 2, &end, 16);
	if (*end)
		return err_set(err, ERR_PROTOCOL, "%s.offset is no number like 0x10040", path);
	*ret = value;
	return 0;
}

/* What the tools printed, and the names of devices that were met: each counts once, or a short
 * report could name the signatures of one device any number of times. */
struct printed {
	const json_t *wipefs;
	json_t *seen;
};

/* What wipefs told of the device. *ret_why: why that counts as unreadable, else untouched. */
static int read_signatures(const struct printed *in, const char *name, struct disk_signature **s,
			   size_t *n, const char **ret_why, struct err *err)
{
	const json_t *said = json_object_get(in->wipefs, name), *list;
	json_t *j;
	size_t i;

	list = json_object_get(said, "signatures");
	if (!json_is_array(list)) {
		*ret_why = "wipefs does not tell what is on it";
		return 0;
	}
	if (json_array_size(list) > LIMIT_SIGNATURES)
		return err_set(err, ERR_PROTOCOL, "$.wipefs.%s has more than %d signatures", name,
			       LIMIT_SIGNATURES);
	json_array_foreach ((json_t *)list, i, j) {
		_cleanup_(freep) char *path = xasprintf("$.wipefs.%s.signatures[%zu]", name, i);
		struct disk_signature *one = ARRAY_APPEND(*s, *n);

		one->type = get_text(j, "type");
		if (!one->type)
			return err_set(err, ERR_PROTOCOL, "%s.type is missing", path);
		one->uuid = lower(get_text(j, "uuid"));
		one->label = get_text(j, "label");
		if (read_offset(j, path, &one->offset, err) < 0)
			return -1;
	}
	return 0;
}

/* A kernel name: fit for a path below /dev and for a line of text. */
static int read_name(const struct printed *in, const json_t *j, const char *path, char **ret,
		     struct err *err)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "_-";
	const char *s = json_string_value(json_object_get(j, "name"));

	if (!s || !*s || strlen(s) > LIMIT_NAME || strspn(s, fine) != strlen(s) || *s == '-')
		return err_set(err, ERR_PROTOCOL, "%s.name is no name of a device", path);
	if (json_object_get(in->seen, s))
		return err_set(err, ERR_PROTOCOL, "%s.name is another's", path);
	json_object_set_new(in->seen, s, json_true());
	*ret = xstrdup(s);
	return 0;
}

/* The digits at the end of "sda12" and "nvme0n1p3". */
static unsigned int number_of(const char *name)
{
	size_t len = strlen(name), digits = 0;

	while (digits < len && digits < 4 && isdigit((unsigned char)name[len - 1 - digits]))
		digits++;
	return digits ? (unsigned int)strtoul(name + len - digits, NULL, 10) : 0;
}

static int read_partition(const struct printed *in, const json_t *j, const char *path,
			  struct disk *d, const char **ret_why, struct err *err)
{
	struct disk_partition *p = ARRAY_APPEND(d->partitions, d->n_partitions);
	_cleanup_(freep) char *name = NULL;
	uint64_t start = 0;

	if (read_name(in, j, path, &name, err) < 0 ||
	    get_number(j, path, "size", &p->size, err) < 0)
		return -1;
	/* not told by versions before 2.38 */
	if (!json_is_null(json_object_get(j, "start")) && json_object_get(j, "start") &&
	    get_number(j, path, "start", &start, err) < 0)
		return -1;
	if (start > INT64_MAX / START_UNIT)
		return err_set(err, ERR_PROTOCOL, "%s.start is too large", path);
	p->number = number_of(name);
	p->start = start * START_UNIT;
	p->uuid = lower(get_text(j, "partuuid"));
	p->type = lower(get_text(j, "parttype"));
	p->name = get_text(j, "partlabel");
	return read_signatures(in, name, &p->signatures, &p->n_signatures, ret_why, err);
}

static int read_children(const struct printed *in, const json_t *j, const char *path,
			 struct disk *d, const char **ret_why, struct err *err)
{
	const json_t *list = json_object_get(j, "children");
	json_t *child;
	size_t i;

	if (list && !json_is_array(list))
		return err_set(err, ERR_PROTOCOL, "%s.children is no list", path);
	if (json_array_size(list) > LIMIT_SIGNATURES)
		return err_set(err, ERR_PROTOCOL, "%s has more than %d children", path,
			       LIMIT_SIGNATURES);
	json_array_foreach ((json_t *)list, i, child) {
		_cleanup_(freep) char *at = xasprintf("%s.children[%zu]", path, i);

		/* an array, a volume: in use, and what it is made of is found as signatures */
		if (!type_is(child, "part"))
			*ret_why = "something runs on top of it";
		else if (read_partition(in, child, at, d, ret_why, err) < 0)
			return -1;
	}
	return 0;
}

static int read_disk(const struct printed *in, const json_t *j, const char *path, struct disk *d,
		     struct err *err)
{
	_cleanup_(freep) char *tran = get_text(j, "tran");
	const char *why = NULL;
	uint64_t sector = 512;

	if (read_name(in, j, path, &d->name, err) < 0 ||
	    get_number(j, path, "size", &d->size, err) < 0 ||
	    get_number(j, path, "log-sec", &sector, err) < 0)
		return -1;
	if (sector > 65536)
		return err_set(err, ERR_PROTOCOL, "%s.log-sec is too large", path);
	d->sector = (uint32_t)sector;
	d->serial = get_text(j, "serial");
	d->wwn = get_text(j, "wwn");
	if (d->wwn && startswith(d->wwn, "0x"))
		lower(d->wwn);
	d->model = get_text(j, "model");
	d->rotational = get_flag(j, "rota");
	d->removable = get_flag(j, "rm");
	d->read_only = get_flag(j, "ro");
	d->transport = transport_of(tran, d->name);
	if (read_signatures(in, d->name, &d->signatures, &d->n_signatures, &why, err) < 0 ||
	    read_children(in, j, path, d, &why, err) < 0)
		return -1;
	d->unreadable = xstrdup(why);
	return 0;
}

/* One output of lsblk. */
static int read_one(const struct printed *in, const json_t *output, const char *path,
		    struct disk_list *l, struct err *err)
{
	const json_t *list = json_object_get(output, "blockdevices");
	json_t *j;
	size_t i;

	if (!json_is_array(list))
		return err_set(err, ERR_PROTOCOL, "%s.blockdevices is no list", path);
	json_array_foreach ((json_t *)list, i, j) {
		_cleanup_(freep) char *at = xasprintf("%s.blockdevices[%zu]", path, i);

		if (!type_is(j, "disk"))
			continue;
		if (l->n == LIMIT_DISKS)
			return err_set(err, ERR_PROTOCOL, "%s: more than %d disks", path,
				       LIMIT_DISKS);
		if (read_disk(in, j, at, ARRAY_APPEND(l->d, l->n), err) < 0)
			return -1;
	}
	return 0;
}

int lsblk_read(const json_t *lsblk, const json_t *wipefs, struct disk_list *ret_disks,
	       struct err *err)
{
	_cleanup_(disk_list_release) struct disk_list l = {0};
	_cleanup_json_ json_t *seen = json_object();
	const struct printed in = {wipefs, seen};
	json_t *output;
	size_t i;

	if (json_typeof(lsblk) != JSON_ARRAY || json_array_size(lsblk) > LIMIT_DISKS)
		return err_set(err, ERR_PROTOCOL, "$.lsblk is no list of at most %d outputs",
			       LIMIT_DISKS);
	if (json_typeof(wipefs) != JSON_OBJECT)
		return err_set(err, ERR_PROTOCOL, "$.wipefs is no object");
	json_array_foreach ((json_t *)lsblk, i, output) {
		_cleanup_(freep) char *path = xasprintf("$.lsblk[%zu]", i);

		if (read_one(&in, output, path, &l, err) < 0)
			return -1;
	}
	*ret_disks = l;
	l = (struct disk_list){0};
	return 0;
}
