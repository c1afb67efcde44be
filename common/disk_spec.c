/* SPDX-License-Identifier: Apache-2.0 */
/* struct disk_spec: the rule, as text and as JSON. */
#include "disk.h"

#include "buf.h"
#include "limits.h"
#include "parse.h"

#include <ctype.h>
#include <string.h>

static const char *const transports[TRANSPORT_MAX] = {
	[TRANSPORT_ANY] = "any",   [TRANSPORT_SATA] = "sata", [TRANSPORT_NVME] = "nvme",
	[TRANSPORT_SCSI] = "scsi", [TRANSPORT_USB] = "usb",   [TRANSPORT_VIRTIO] = "virtio",
	[TRANSPORT_MMC] = "mmc",
};

const char *const disk_spec_keys[] = {"serial",  "wwn",        "byId",      "model", "minSize",
				      "maxSize", "rotational", "transport", "count"};
const size_t n_disk_spec_keys = ARRAY_SIZE(disk_spec_keys);

const char *transport_name(enum disk_transport t)
{
	if ((unsigned int)t >= TRANSPORT_MAX)
		BUG("transport out of range");
	return transports[t];
}

enum disk_transport transport_parse(const char *word)
{
	for (int i = 0; i < TRANSPORT_MAX; i++)
		if (streq(transports[i], word))
			return (enum disk_transport)i;
	return TRANSPORT_INVALID;
}

void disk_spec_init(struct disk_spec *s)
{
	*s = (struct disk_spec){.rotational = TRI_ANY, .transport = TRANSPORT_ANY, .count = 1};
}

void disk_spec_release(struct disk_spec *s)
{
	free(s->serial);
	free(s->wwn);
	free(s->by_id);
	free(s->model);
	disk_spec_init(s);
}

void disk_spec_copy(struct disk_spec *dst, const struct disk_spec *src)
{
	*dst = *src;
	dst->serial = xstrdup(src->serial);
	dst->wwn = xstrdup(src->wwn);
	dst->by_id = xstrdup(src->by_id);
	dst->model = xstrdup(src->model);
}

bool disk_spec_is_identity(const struct disk_spec *s)
{
	return s->serial || s->wwn || s->by_id;
}

/* What people write in place of a property, and what they mean by it. */
static const char *meant_by(const char *key)
{
	if (streq(key, "size"))
		return "minSize or maxSize";
	if (streq(key, "device") || streq(key, "path") || streq(key, "dev"))
		return "serial";
	return nearest_name(key, disk_spec_keys, ARRAY_SIZE(disk_spec_keys));
}

static void set_word(char **field, const char *value, bool lower)
{
	free(*field);
	*field = xstrdup(value);
	for (char *p = *field; lower && *p; p++)
		*p = (char)tolower((unsigned char)*p);
}

/* /dev/sda of today is /dev/sdb after the next boot, and then another disk is erased. */
static int refuse_device_name(const char *word, struct err *err)
{
	static const char by_id[] = "/dev/disk/by-id/";

	if (startswith(word, by_id))
		return err_set(err, ERR_USAGE, "\"%.120s\" is written byId=%.100s", word,
			       word + strlen(by_id));
	return err_set(err, ERR_USAGE,
		       "\"%.60s\" may be another disk at the next boot; name the disk's serial, "
		       "serial=...: `lsblk -dno NAME,SERIAL` on the machine tells it, or provision "
		       "plan NODE after its claim",
		       word);
}

static int refuse_key(const char *key, struct err *err)
{
	const char *near = meant_by(key);
	struct buf all;

	if (near)
		return err_set(err, ERR_USAGE,
			       "\"%.40s\" is no property of a disk; did you mean %s?", key, near);
	buf_init(&all, SIZE_MAX / 2);
	for (size_t i = 0; i < n_disk_spec_keys; i++)
		buf_addf(&all, "%s%s", i ? ", " : "", disk_spec_keys[i]);
	err_set(err, ERR_USAGE, "\"%.40s\" is no property of a disk: %s", key, all.data);
	buf_release(&all);
	return -1;
}

int disk_spec_set(struct disk_spec *s, const char *key, const char *value, struct err *err)
{
	uint64_t n = 0;

	if (!*value)
		return err_set(err, ERR_USAGE, "%s has no value", key);
	if (startswith(value, "/dev/"))
		return refuse_device_name(value, err);
	if (streq(key, "serial"))
		set_word(&s->serial, value, false);
	else if (streq(key, "wwn"))
		set_word(&s->wwn, value, true);
	else if (streq(key, "byId"))
		set_word(&s->by_id, value, false);
	else if (streq(key, "model")) {
		if (value[strcspn(value, "*")] && value[strcspn(value, "*") + 1])
			return err_set(err, ERR_USAGE,
				       "model: a * stands only at the end, as in \"Samsung SSD*\"");
		set_word(&s->model, value, false);
	} else if (streq(key, "minSize"))
		return parse_size(value, &s->size_min, err);
	else if (streq(key, "maxSize"))
		return parse_size(value, &s->size_max, err);
	else if (streq(key, "rotational")) {
		if (streq(value, "true") || streq(value, "yes"))
			s->rotational = TRI_YES;
		else if (streq(value, "false") || streq(value, "no"))
			s->rotational = TRI_NO;
		else
			return err_set(err, ERR_USAGE, "rotational is true or false, not \"%.40s\"",
				       value);
	} else if (streq(key, "transport")) {
		s->transport = transport_parse(value);
		if (s->transport == TRANSPORT_INVALID) {
			const char *near = nearest_name(value, transports, TRANSPORT_MAX);

			s->transport = TRANSPORT_ANY;
			return err_set(err, ERR_USAGE,
				       "transport is one of sata, nvme, scsi, usb, virtio, mmc, "
				       "not \"%.40s\"%s%s%s",
				       value, near ? "; did you mean " : "", near ? near : "",
				       near ? "?" : "");
		}
	} else if (streq(key, "count")) {
		if (!streq(value, "all") && parse_u64(value, LIMIT_DISKS, &n, err) < 0)
			return -1;
		if (!streq(value, "all") && !n)
			return err_set(err, ERR_USAGE, "count is at least 1, or all");
		s->count = (unsigned int)n;
	} else {
		return refuse_key(key, err);
	}
	return 0;
}

/* One "key=value", "size>=500G" or "size<=2T". */
static int parse_word(const char *word, struct disk_spec *s, struct strv *seen, struct err *err)
{
	const char *equals = strchr(word, '=');
	_cleanup_(freep) char *said = NULL;
	const char *key;

	if (startswith(word, "/dev/"))
		return refuse_device_name(word, err);
	if (!equals && strpbrk(word, "<>"))
		return err_set(err, ERR_USAGE,
			       "\"%.60s\" is no rule; write it like size>=500G or size<=2T", word);
	if (!equals)
		return err_set(err, ERR_USAGE,
			       "\"%.60s\" is no disk; write it like serial=%.60s, or as a rule "
			       "like transport=nvme,size>=500G,count=2, or all",
			       word, word);
	said = xstrndup(word, (size_t)(equals - word));
	key = streq(said, "size>") ? "minSize" : streq(said, "size<") ? "maxSize" : said;
	if (strv_has(seen, key))
		return err_set(
			err, ERR_USAGE,
			"%.40s= is said twice of one disk; each disk is an entry, or a --disk, "
			"of its own",
			said);
	strv_add(seen, key);
	return disk_spec_set(s, key, equals + 1, err);
}

int disk_spec_parse(const char *text, struct disk_spec *ret_spec, struct err *err)
{
	_cleanup_(disk_spec_release) struct disk_spec s;
	_cleanup_(strv_release) struct strv seen = {0};
	const char *p = text;

	disk_spec_init(&s);
	if (streq(text, "all")) {
		s.count = 0;
		*ret_spec = s;
		return 0;
	}
	for (;;) {
		size_t len = strcspn(p, ",");
		_cleanup_(freep) char *word = xstrndup(p, len);

		if (parse_word(word, &s, &seen, err) < 0)
			return -1;
		if (!p[len])
			break;
		p += len + 1;
	}
	*ret_spec = s;
	disk_spec_init(&s);
	return 0;
}

/* "500G" when it is a whole number of them, so that disk_spec_parse gives the same bytes back. */
static void add_size(struct buf *b, const char *key, uint64_t bytes)
{
	static const char units[] = "KMGTP";
	char unit[2] = "";

	for (const char *u = units; *u && bytes && bytes % 1000 == 0; u++) {
		bytes /= 1000;
		unit[0] = *u;
	}
	buf_addf(b, ",%s%ju%s", key, (uintmax_t)bytes, unit);
}

char *disk_spec_format(const struct disk_spec *s)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	if (s->serial)
		buf_addf(&b, ",serial=%s", s->serial);
	if (s->wwn)
		buf_addf(&b, ",wwn=%s", s->wwn);
	if (s->by_id)
		buf_addf(&b, ",byId=%s", s->by_id);
	if (s->model)
		buf_addf(&b, ",model=%s", s->model);
	if (s->transport != TRANSPORT_ANY)
		buf_addf(&b, ",transport=%s", transport_name(s->transport));
	if (s->rotational != TRI_ANY)
		buf_addf(&b, ",rotational=%s", s->rotational == TRI_YES ? "true" : "false");
	if (s->size_min)
		add_size(&b, "size>=", s->size_min);
	if (s->size_max)
		add_size(&b, "size<=", s->size_max);
	if (!s->count && !b.len)
		buf_adds(&b, ",all");
	else if (!s->count)
		buf_adds(&b, ",count=all");
	else if (s->count > 1 || !b.len)
		buf_addf(&b, ",count=%u", s->count);
	memmove(b.data, b.data + 1, b.len);
	return buf_take(&b);
}

json_t *disk_spec_to_json(const struct disk_spec *s)
{
	json_t *j = json_object();

	jsonx_put_string(j, "serial", s->serial);
	jsonx_put_string(j, "wwn", s->wwn);
	jsonx_put_string(j, "byId", s->by_id);
	jsonx_put_string(j, "model", s->model);
	if (s->size_min)
		json_object_set_new(j, "minSize", json_integer((json_int_t)s->size_min));
	if (s->size_max)
		json_object_set_new(j, "maxSize", json_integer((json_int_t)s->size_max));
	if (s->rotational != TRI_ANY)
		json_object_set_new(j, "rotational", json_boolean(s->rotational == TRI_YES));
	if (s->transport != TRANSPORT_ANY)
		jsonx_put_string(j, "transport", transport_name(s->transport));
	json_object_set_new(j, "count", json_integer(s->count)); /* 0: all */
	return j;
}

int disk_spec_from_json(const json_t *j, const char *path, struct disk_spec *ret_spec,
			struct err *err)
{
	_cleanup_(disk_spec_release) struct disk_spec s;
	int transport = TRANSPORT_ANY;
	bool rotational = false;
	uint64_t count = 1;
	struct jsonx_reader r;

	disk_spec_init(&s);
	jsonx_begin(&r, j, path, err);
	jsonx_opt_string(&r, "serial", &s.serial);
	jsonx_opt_string(&r, "wwn", &s.wwn);
	jsonx_opt_string(&r, "byId", &s.by_id);
	jsonx_opt_string(&r, "model", &s.model);
	jsonx_opt_u64(&r, "minSize", INT64_MAX, &s.size_min);
	jsonx_opt_u64(&r, "maxSize", INT64_MAX, &s.size_max);
	jsonx_opt_bool(&r, "rotational", &rotational);
	jsonx_opt_enum(&r, "transport", transports, TRANSPORT_MAX, &transport);
	jsonx_opt_u64(&r, "count", LIMIT_DISKS, &count);
	if (json_is_boolean(json_object_get(j, "rotational")))
		s.rotational = rotational ? TRI_YES : TRI_NO;
	if (jsonx_done(&r) < 0)
		return -1;
	s.transport = (enum disk_transport)transport;
	s.count = (unsigned int)count;
	*ret_spec = s;
	disk_spec_init(&s);
	return 0;
}
