/* SPDX-License-Identifier: Apache-2.0 */
#include "render/ignition_spec.h"

#include "base64.h"
#include "buf.h"
#include "limits.h"
#include "parse.h"

#include <string.h>
#include <strings.h>

#define MEDIA_TYPE "application/vnd.coreos.ignition+json"

/* The bits above rwxrwxrwx. */
#define SPECIAL_BITS  07000
#define MODES_FILE    "/etc/tmpfiles.d/ignition-modes.conf"
#define MODES_HEADING "# Mode bits that the spec of this system's Ignition does not have.\n"

static const struct {
	const char *version, *type;
} specs[IGNITION_SPEC_MAX] = {
	[IGNITION_SPEC_3_3] = {"3.3.0", MEDIA_TYPE "; version=3.3.0"},
	[IGNITION_SPEC_3_4] = {"3.4.0", MEDIA_TYPE "; version=3.4.0"},
};

const char *ignition_spec_version(enum ignition_spec spec)
{
	if ((unsigned int)spec >= IGNITION_SPEC_MAX)
		BUG("spec of Ignition out of range");
	return specs[spec].version;
}

const char *ignition_spec_type(enum ignition_spec spec)
{
	if ((unsigned int)spec >= IGNITION_SPEC_MAX)
		BUG("spec of Ignition out of range");
	return specs[spec].type;
}

enum ignition_spec ignition_spec_parse(const char *text)
{
	for (int i = 0; i < IGNITION_SPEC_MAX; i++)
		if (streq(text, specs[i].version) ||
		    (strlen(text) == 3 && startswith(specs[i].version, text)))
			return (enum ignition_spec)i;
	return IGNITION_SPEC_INVALID;
}

/* "MAJOR.MINOR" at *at. */
static bool take_version(const char *at, uint64_t *major, uint64_t *minor)
{
	return parse_digits(&at, UINT32_MAX, major) && *at++ == '.' &&
	       parse_digits(&at, UINT32_MAX, minor);
}

/* What a client that reads up to this version of the spec is served. */
static enum ignition_spec for_reader_of(uint64_t major, uint64_t minor)
{
	if (major != 3 || minor < 3)
		return IGNITION_SPEC_INVALID;
	return minor == 3 ? IGNITION_SPEC_3_3 : IGNITION_SPEC_3_4;
}

/* Upstream's release notes: 2.11.0 made 3.3.0 stable, 2.15.0 made 3.4.0 stable. */
static enum ignition_spec for_program(uint64_t major, uint64_t minor)
{
	if (major < 2 || (major == 2 && minor < 11))
		return IGNITION_SPEC_INVALID;
	return major == 2 && minor < 15 ? IGNITION_SPEC_3_3 : IGNITION_SPEC_3_4;
}

/* One media range of len bytes (RFC 9110 section 12.5.1); false when it is not Ignition's. */
static bool range_version(const char *range, size_t len, uint64_t *major, uint64_t *minor)
{
	const char *end = range + len, *p;

	if (len < strlen(MEDIA_TYPE) || strncasecmp(range, MEDIA_TYPE, strlen(MEDIA_TYPE)) != 0)
		return false;
	for (p = range + strlen(MEDIA_TYPE); p < end; p++) {
		p += strspn(p, "; \t");
		if (strncasecmp(p, "version=", strlen("version=")) == 0) {
			p += strlen("version=");
			return take_version(p + (*p == '"'), major, minor);
		}
		p += strcspn(p, ";,");
	}
	return false;
}

int ignition_spec_choose(const char *accept, const char *user_agent, enum ignition_spec *ret,
			 struct err *err)
{
	enum ignition_spec best = IGNITION_SPEC_INVALID;
	uint64_t major = 0, minor = 0;
	bool named = false;

	for (const char *p = accept; p && *p; p += *p == ',') {
		const size_t len = strcspn(p += strspn(p, " \t"), ",");

		if (range_version(p, len, &major, &minor)) {
			const enum ignition_spec spec = for_reader_of(major, minor);

			named = true;
			best = spec > best ? spec : best;
		}
		p += len;
	}
	if (!named && user_agent && startswith(user_agent, "Ignition/") &&
	    take_version(user_agent + strlen("Ignition/"), &major, &minor)) {
		named = true;
		best = for_program(major, minor);
	}
	if (named && best == IGNITION_SPEC_INVALID)
		return err_set(
			err, ERR_USAGE,
			"this client reads older versions of Ignition's spec than 3.3, which "
			"is the oldest that is served; Ignition 2.11 and later read it");
	*ret = named ? best : IGNITION_SPEC_3_4;
	return 0;
}

static int not_in_3_3(const char *path, const char *what, struct err *err)
{
	return err_set(err, ERR_CONFIG, "%s: %s, which spec 3.3 of this client has not", path,
		       what);
}

/* A path that tmpfiles.d reads as nothing but itself. */
static bool is_plain_path(const char *path)
{
	for (const char *p = path; *p; p++)
		if ((unsigned char)*p <= ' ' || strchr("*?[]{}\\\"'%", *p))
			return false;
	return true;
}

static int lower_modes(json_t *storage, const char *kind, struct buf *lines, struct err *err)
{
	json_t *list = json_object_get(storage, kind), *j;
	size_t i;

	json_array_foreach (list, i, j) {
		_cleanup_(freep) char *at = xasprintf("$.storage.%s[%zu].mode", kind, i);
		const char *path = json_string_value(json_object_get(j, "path"));
		const json_int_t mode = json_integer_value(json_object_get(j, "mode"));

		if (path && streq(path, MODES_FILE))
			return err_set(err, ERR_CONFIG,
				       "$.storage.%s[%zu].path: " MODES_FILE
				       " holds what spec 3.3 cannot say; choose another name",
				       kind, i);
		if (!(mode & SPECIAL_BITS))
			continue;
		if (!path || !is_plain_path(path))
			return not_in_3_3(at,
					  "a special mode bit, of a path that tmpfiles.d "
					  "cannot name either",
					  err);
		buf_addf(lines, "z %s %04o - - -\n", path, (unsigned int)mode);
		json_object_set_new(j, "mode", json_integer(mode & 0777));
	}
	return 0;
}

static void add_modes_file(json_t *storage, const struct buf *lines)
{
	_cleanup_(freep) char *text = xasprintf(MODES_HEADING "%s", lines->data);
	_cleanup_(freep) char *encoded = base64_encode(text, strlen(text));
	_cleanup_(freep) char *source = xasprintf("data:;base64,%s", encoded);
	json_t *files = json_object_get(storage, "files");

	if (!files) {
		files = json_array();
		json_object_set_new(storage, "files", files);
	}
	json_array_append_new(files, json_pack("{s:s,s:i,s:b,s:{s:s}}", "path", MODES_FILE, "mode",
					       0644, "overwrite", 1, "contents", "source", source));
}

static int lower_luks(json_t *storage, struct err *err)
{
	json_t *list = json_object_get(storage, "luks"), *j, *tang;
	size_t i, k;

	json_array_foreach (list, i, j) {
		_cleanup_(freep) char *discard = xasprintf("$.storage.luks[%zu].discard", i);
		_cleanup_(freep) char *options = xasprintf("$.storage.luks[%zu].openOptions", i);
		json_t *servers = json_object_get(json_object_get(j, "clevis"), "tang");

		if (json_is_true(json_object_get(j, "discard")))
			return not_in_3_3(discard, "discard", err);
		if (json_array_size(json_object_get(j, "openOptions")))
			return not_in_3_3(options, "options for opening", err);
		json_object_del(j, "discard");
		json_object_del(j, "openOptions");
		json_array_foreach (servers, k, tang) {
			_cleanup_(freep) char *at = xasprintf(
				"$.storage.luks[%zu].clevis.tang[%zu].advertisement", i, k);

			if (json_is_string(json_object_get(tang, "advertisement")))
				return not_in_3_3(at, "a stored advertisement", err);
			json_object_del(tang, "advertisement");
		}
	}
	return 0;
}

int ignition_spec_lower(json_t *config, enum ignition_spec spec, struct err *err)
{
	json_t *storage = json_object_get(config, "storage");
	json_t *ignition = json_object_get(config, "ignition");
	struct buf lines;
	int r;

	json_object_set_new(ignition, "version", json_string(ignition_spec_version(spec)));
	if (spec != IGNITION_SPEC_3_3 || !storage)
		return 0;
	buf_init(&lines, LIMIT_PLAN_BYTES);
	r = lower_luks(storage, err) < 0 || lower_modes(storage, "directories", &lines, err) < 0 ||
			    lower_modes(storage, "files", &lines, err) < 0
		    ? -1
		    : 0;
	if (r == 0 && lines.len)
		add_modes_file(storage, &lines);
	buf_release(&lines);
	return r;
}
