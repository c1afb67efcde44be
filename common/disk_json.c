/* SPDX-License-Identifier: Apache-2.0 */
/* The disk report: struct disk as JSON, checked on the way in as a stranger's. */
#include "disk.h"

#include "limits.h"

#include <string.h>

/* Serial numbers and models have 20 to 40 characters in ATA, SCSI and NVMe; udev's names join them.
 */
#define LIMIT_DISK_TEXT 256

/* Empty is absent, as on the way in, so that both sides take the same fingerprint. */
static void put_text(json_t *j, const char *key, const char *s)
{
	jsonx_put_string(j, key, s && *s ? s : NULL);
}

static json_t *signatures_to_json(const struct disk_signature *s, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *j = json_object();

		put_text(j, "type", s[i].type);
		put_text(j, "uuid", s[i].uuid);
		put_text(j, "label", s[i].label);
		json_object_set_new(j, "offset", json_integer((json_int_t)s[i].offset));
		json_array_append_new(list, j);
	}
	return list;
}

json_t *disk_to_json(const struct disk *d)
{
	json_t *j = json_object(), *partitions = json_array();

	put_text(j, "name", d->name);
	put_text(j, "serial", d->serial);
	put_text(j, "wwn", d->wwn);
	put_text(j, "byId", d->by_id);
	put_text(j, "model", d->model);
	json_object_set_new(j, "size", json_integer((json_int_t)d->size));
	json_object_set_new(j, "sector", json_integer(d->sector));
	json_object_set_new(j, "rotational", json_boolean(d->rotational));
	json_object_set_new(j, "removable", json_boolean(d->removable));
	json_object_set_new(j, "readOnly", json_boolean(d->read_only));
	put_text(j, "transport", transport_name(d->transport));
	put_text(j, "unreadable", d->unreadable);
	json_object_set_new(j, "signatures", signatures_to_json(d->signatures, d->n_signatures));
	for (size_t i = 0; i < d->n_partitions; i++) {
		const struct disk_partition *p = &d->partitions[i];
		json_t *jp = json_object();

		json_object_set_new(jp, "number", json_integer(p->number));
		json_object_set_new(jp, "start", json_integer((json_int_t)p->start));
		json_object_set_new(jp, "size", json_integer((json_int_t)p->size));
		put_text(jp, "uuid", p->uuid);
		put_text(jp, "type", p->type);
		put_text(jp, "name", p->name);
		json_object_set_new(jp, "signatures",
				    signatures_to_json(p->signatures, p->n_signatures));
		json_array_append_new(partitions, jp);
	}
	json_object_set_new(j, "partitions", partitions);
	return j;
}

json_t *disk_list_to_json(const struct disk_list *l)
{
	json_t *list = json_array();

	for (size_t i = 0; i < l->n; i++)
		json_array_append_new(list, disk_to_json(&l->d[i]));
	return list;
}

static void get_text(struct jsonx_reader *r, const char *key, char **ret)
{
	jsonx_opt_string(r, key, ret);
	if (*ret && strlen(*ret) > LIMIT_DISK_TEXT)
		jsonx_fail(r, key, "is longer than %d bytes", LIMIT_DISK_TEXT);
	/* an empty serial is none: it must not make two disks the same */
	if (*ret && !**ret) {
		free(*ret);
		*ret = NULL;
	}
}

static int signature_from_json(const json_t *j, const char *path, struct disk_signature *s,
			       struct err *err)
{
	struct jsonx_reader r;

	jsonx_begin(&r, j, path, err);
	get_text(&r, "type", &s->type);
	get_text(&r, "uuid", &s->uuid);
	get_text(&r, "label", &s->label);
	jsonx_opt_u64(&r, "offset", INT64_MAX, &s->offset);
	if (!s->type)
		jsonx_fail(&r, "type", "is missing");
	return jsonx_done(&r);
}

static int signatures_from_json(const json_t *list, const char *path, struct disk_signature **s,
				size_t *n, struct err *err)
{
	json_t *j;
	size_t i;

	json_array_foreach ((json_t *)list, i, j) {
		_cleanup_(freep) char *at = xasprintf("%s.signatures[%zu]", path, i);

		if (signature_from_json(j, at, ARRAY_APPEND(*s, *n), err) < 0)
			return -1;
	}
	return 0;
}

static int partition_from_json(const json_t *j, const char *path, struct disk_partition *p,
			       struct err *err)
{
	const json_t *signatures;
	uint64_t number = 0;
	struct jsonx_reader r;

	jsonx_begin(&r, j, path, err);
	jsonx_u64(&r, "number", UINT16_MAX, &number);
	jsonx_u64(&r, "start", INT64_MAX, &p->start);
	jsonx_u64(&r, "size", INT64_MAX, &p->size);
	get_text(&r, "uuid", &p->uuid);
	get_text(&r, "type", &p->type);
	get_text(&r, "name", &p->name);
	signatures = jsonx_opt_array(&r, "signatures", LIMIT_SIGNATURES);
	p->number = (unsigned int)number;
	if (jsonx_done(&r) < 0)
		return -1;
	return signatures_from_json(signatures, path, &p->signatures, &p->n_signatures, err);
}

static int disk_from_json(const json_t *j, const char *path, struct disk *d, struct err *err)
{
	const json_t *signatures, *partitions;
	_cleanup_(freep) char *transport = NULL;
	uint64_t sector = 512;
	struct jsonx_reader r;
	json_t *p;
	size_t i;

	jsonx_begin(&r, j, path, err);
	get_text(&r, "name", &d->name);
	get_text(&r, "serial", &d->serial);
	get_text(&r, "wwn", &d->wwn);
	get_text(&r, "byId", &d->by_id);
	get_text(&r, "model", &d->model);
	jsonx_u64(&r, "size", INT64_MAX, &d->size);
	jsonx_opt_u64(&r, "sector", 65536, &sector);
	jsonx_opt_bool(&r, "rotational", &d->rotational);
	jsonx_opt_bool(&r, "removable", &d->removable);
	jsonx_opt_bool(&r, "readOnly", &d->read_only);
	jsonx_string(&r, "transport", &transport);
	get_text(&r, "unreadable", &d->unreadable);
	signatures = jsonx_opt_array(&r, "signatures", LIMIT_SIGNATURES);
	partitions = jsonx_opt_array(&r, "partitions", LIMIT_SIGNATURES);
	d->sector = (uint32_t)sector;
	d->transport = transport ? transport_parse(transport) : TRANSPORT_ANY;
	if (d->transport == TRANSPORT_INVALID) {
		d->transport = TRANSPORT_ANY;
		jsonx_fail(&r, "transport", "is not known here");
	}
	if (jsonx_done(&r) < 0)
		return -1;
	json_array_foreach ((json_t *)partitions, i, p) {
		_cleanup_(freep) char *at = xasprintf("%s.partitions[%zu]", path, i);

		if (partition_from_json(p, at, ARRAY_APPEND(d->partitions, d->n_partitions), err) <
		    0)
			return -1;
	}
	return signatures_from_json(signatures, path, &d->signatures, &d->n_signatures, err);
}

int disk_list_from_json(const json_t *j, const char *path, struct disk_list *ret_list,
			struct err *err)
{
	_cleanup_(disk_list_release) struct disk_list l = {0};
	json_t *jd;
	size_t i;

	if (json_typeof(j) != JSON_ARRAY)
		return err_set(err, ERR_PROTOCOL, "%s is not a list", path);
	if (json_array_size(j) > LIMIT_DISKS)
		return err_set(err, ERR_PROTOCOL, "%s has more than %d disks", path, LIMIT_DISKS);
	json_array_foreach ((json_t *)j, i, jd) {
		_cleanup_(freep) char *at = xasprintf("%s[%zu]", path, i);

		if (disk_from_json(jd, at, ARRAY_APPEND(l.d, l.n), err) < 0)
			return -1;
	}
	*ret_list = l;
	l = (struct disk_list){0};
	return 0;
}
