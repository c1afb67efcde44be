/* SPDX-License-Identifier: Apache-2.0 */
#include "ignition_value.h"

#include "data_url.h"
#include "parse.h"
#include "verification.h"

#include <ctype.h>
#include <string.h>

/* What a message shows of a value: its beginning. */
#define SHOWN 60

static int fail(const json_t *value, const char *path, const char *why, struct err *err)
{
	const char *s = json_string_value(value);
	_cleanup_(freep) char *shown = printable(s, strnlen(s, SHOWN));

	return err_set(err, ERR_CONFIG, "%s: \"%s\" %s", path, shown, why);
}

static bool is_clean(const char *p)
{
	if (streq(p, "/"))
		return true;
	while (*p == '/') {
		size_t n = strcspn(p + 1, "/");

		if (n == 0 || (n == 1 && p[1] == '.') || (n == 2 && p[1] == '.' && p[2] == '.'))
			return false;
		p += 1 + n;
	}
	return *p == '\0';
}

int ign_check_path(const json_t *value, const char *path, struct err *err)
{
	const char *s = json_string_value(value);

	if (s[0] == '\0')
		return err_set(err, ERR_CONFIG, "%s: is empty; name an absolute path", path);
	if (s[0] != '/')
		return fail(value, path, "is not absolute; begin it with /", err);
	if (!is_clean(s))
		return fail(value, path,
			    "is not clean; write it without //, ., .. and / at the end", err);
	return 0;
}

int ign_check_node_path(const json_t *value, const char *path, struct err *err)
{
	if (streq(json_string_value(value), "/"))
		return fail(value, path, "is the root and can only be a directory", err);
	return ign_check_path(value, path, err);
}

int ign_check_path_or_empty(const json_t *value, const char *path, struct err *err)
{
	return json_string_value(value)[0] ? ign_check_path(value, path, err) : 0;
}

static bool has_host(const char *url)
{
	const char *host = strstr(url, "://");
	size_t n;

	if (!host)
		return false;
	host += 3;
	n = strcspn(host, "/?#");
	for (size_t i = 0; i < n; i++)
		if (host[i] == '@')
			return i + 1 < n && host[i + 1] != ':';
	return n > 0 && host[0] != ':';
}

int ign_check_url(const json_t *value, const char *path, struct err *err)
{
	const char *s = json_string_value(value);

	if (!startswith(s, "http://") && !startswith(s, "https://"))
		return fail(value, path, "is neither an http nor an https URL", err);
	if (!has_host(s))
		return fail(value, path, "names no host", err);
	for (const char *p = s; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return fail(value, path, "has a space or a control character", err);
	return 0;
}

int ign_check_source(const json_t *value, const char *path, struct err *err)
{
	static const char *const clouds[] = {"s3:", "gs:", "arn:", "tftp:"};
	const char *s = json_string_value(value);
	_cleanup_(freep) char *content = NULL;
	size_t len;

	if (s[0] == '\0')
		return 0;
	if (data_url_is(s))
		return data_url_decode(s, &content, &len, err) < 0 ? err_wrap(err, "%s", path) : 0;
	for (size_t i = 0; i < ARRAY_SIZE(clouds); i++)
		if (startswith(s, clouds[i]))
			return fail(value, path,
				    "is not supported: node-agent fetches by http and https only",
				    err);
	if (!startswith(s, "http://") && !startswith(s, "https://"))
		return fail(value, path, "is no http, https or data URL", err);
	return ign_check_url(value, path, err);
}

int ign_check_hash(const json_t *value, const char *path, struct err *err)
{
	struct verification *v = NULL;

	if (verification_new(json_string_value(value), &v, err) < 0)
		return err_wrap(err, "%s", path);
	verification_free(v);
	return 0;
}

int ign_check_header_name(const json_t *value, const char *path, struct err *err)
{
	const char *s = json_string_value(value);

	for (const char *p = s; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("!#$%&'*+-.^_`|~", *p))
			return fail(value, path, "is no name of an HTTP header", err);
	return *s ? 0 : err_set(err, ERR_CONFIG, "%s: is empty", path);
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return true;
	return false;
}

int ign_check_header_value(const json_t *value, const char *path, struct err *err)
{
	const char *s = json_string_value(value);

	if (*s && !has_control(s))
		return 0;
	return err_set(err, ERR_CONFIG,
		       "%s: is empty or has a control character; null leaves the header out", path);
}

int ign_check_guid(const json_t *value, const char *path, struct err *err)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	const char *s = json_string_value(value);
	bool good = strlen(s) == strlen(form);

	for (size_t i = 0; good && form[i]; i++)
		good = form[i] == '-' ? s[i] == '-' : isxdigit((unsigned char)s[i]);
	if (good || s[0] == '\0')
		return 0;
	return fail(value, path, "is not of the form 01234567-89AB-CDEF-EDCB-A98765432101", err);
}

int ign_check_partition_label(const json_t *value, const char *path, struct err *err)
{
	const char *s = json_string_value(value);

	if (strlen(s) > 36)
		return fail(value, path, "is longer than the 36 bytes of a partition's label", err);
	if (strchr(s, ':'))
		return fail(value, path, "has a colon, where a partition's label would end", err);
	return 0;
}

static int one_of(const json_t *value, const char *path, const char *const *words, size_t n,
		  const char *what, struct err *err)
{
	const char *s = json_string_value(value);
	struct strv list = {.v = (char **)(uintptr_t)words, .n = n};
	_cleanup_(freep) char *joined = NULL;
	_cleanup_(freep) char *why = NULL;

	for (size_t i = 0; i < n; i++)
		if (streq(words[i], s))
			return 0;
	joined = strv_join(&list, ", ");
	why = xasprintf("is no %s; one of: %s", what, joined);
	return fail(value, path, why, err);
}

int ign_check_raid_level(const json_t *value, const char *path, struct err *err)
{
	static const char *const levels[] = {"linear", "raid0",  "0",     "stripe", "raid1",
					     "1",      "mirror", "raid4", "4",      "raid5",
					     "5",      "raid6",  "6",     "raid10", "10"};

	return one_of(value, path, levels, ARRAY_SIZE(levels), "RAID level", err);
}

/* It becomes a file name below /dev/md or /dev/mapper, and an argument. */
static bool is_device_name(const char *s)
{
	return s[0] && s[0] != '-' && !strchr(s, '/') && !has_control(s) && !streq(s, ".") &&
	       !streq(s, "..");
}

int ign_check_raid_name(const json_t *value, const char *path, struct err *err)
{
	const char *s = json_string_value(value);

	if (is_device_name(startswith(s, "/dev/md/") ? s + strlen("/dev/md/") : s))
		return 0;
	return fail(value, path,
		    "is no name: not empty, no slash but in /dev/md/NAME, no - at its beginning",
		    err);
}

int ign_check_luks_name(const json_t *value, const char *path, struct err *err)
{
	if (is_device_name(json_string_value(value)))
		return 0;
	return fail(value, path, "is no name: not empty, no slash, no - at its beginning", err);
}

int ign_check_luks_label(const json_t *value, const char *path, struct err *err)
{
	if (strlen(json_string_value(value)) <= 47)
		return 0;
	return fail(value, path, "is longer than the 47 bytes of a LUKS label", err);
}

int ign_check_filesystem_format(const json_t *value, const char *path, struct err *err)
{
	static const char *const formats[] = {"ext4", "btrfs", "xfs", "vfat", "swap", "none"};

	if (json_string_value(value)[0] == '\0')
		return 0;
	return one_of(value, path, formats, ARRAY_SIZE(formats), "format", err);
}

int ign_check_clevis_pin(const json_t *value, const char *path, struct err *err)
{
	static const char *const pins[] = {"tpm2", "tang", "sss"};

	if (json_string_value(value)[0] == '\0')
		return 0;
	return one_of(value, path, pins, ARRAY_SIZE(pins), "clevis pin", err);
}

int ign_check_json_text(const json_t *value, const char *path, struct err *err)
{
	const char *s = json_string_value(value);
	json_error_t why;
	json_t *j;

	if (s[0] == '\0')
		return 0;
	j = json_loads(s, JSON_DECODE_ANY, &why);
	if (!j)
		return err_set(err, ERR_CONFIG, "%s: holds no valid JSON: %s", path, why.text);
	json_decref(j);
	return 0;
}

static bool is_file_name(const char *s, const char *const *suffixes, size_t n)
{
	if (s[0] == '.' || s[0] == '-' || strlen(s) > 255)
		return false;
	for (const char *p = s; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr(":_.\\@-", *p))
			return false;
	for (size_t i = 0; i < n; i++)
		if (endswith(s, suffixes[i]) && strlen(s) > strlen(suffixes[i]))
			return true;
	return false;
}

int ign_check_unit_name(const json_t *value, const char *path, struct err *err)
{
	static const char *const suffixes[] = {".service",   ".socket", ".device", ".mount",
					       ".automount", ".swap",   ".target", ".path",
					       ".timer",     ".slice",  ".scope",  ".snapshot"};

	if (is_file_name(json_string_value(value), suffixes, ARRAY_SIZE(suffixes)))
		return 0;
	return fail(value, path, "is no name of a systemd unit, such as thing.service", err);
}

int ign_check_dropin_name(const json_t *value, const char *path, struct err *err)
{
	static const char *const suffixes[] = {".conf"};

	if (is_file_name(json_string_value(value), suffixes, ARRAY_SIZE(suffixes)))
		return 0;
	return fail(value, path, "is no name of a drop-in, such as 10-thing.conf", err);
}

/* Past the end of a line that a backslash continues. */
static const char *end_of_value(const char *p)
{
	for (;;) {
		const char *end = p + strcspn(p, "\n");
		bool more = end > p && end[-1] == '\\';

		p = *end ? end + 1 : end;
		if (!more || *p == '\0')
			return p;
	}
}

static int fail_line(const char *path, size_t line, const char *why, struct err *err)
{
	return err_set(err, ERR_CONFIG, "%s: line %zu %s", path, line, why);
}

int ign_check_unit_text(const json_t *value, const char *path, struct err *err)
{
	const char *p = json_string_value(value);
	bool in_section = false;
	size_t line = 1;

	while (*p) {
		const char *next = end_of_value(p);
		size_t len = strcspn(p, "\n"), blank = strspn(p, " \t\r");

		if (blank >= len || strchr("#;", p[blank])) {
			next = *(p + len) ? p + len + 1 : p + len;
		} else if (p[blank] == '[') {
			const char *close = memchr(p, ']', len);
			const char *rest = close ? close + 1 : p;

			if (!close || rest + strspn(rest, " \t\r") < p + len)
				return fail_line(path, line, "is no [section]", err);
			in_section = true;
			next = *(p + len) ? p + len + 1 : p + len;
		} else if (!in_section) {
			return fail_line(path, line, "stands before the first [section]", err);
		} else if (!memchr(p, '=', len)) {
			return fail_line(path, line, "is no Name=value", err);
		}
		for (; p < next; p++)
			line += *p == '\n';
	}
	return 0;
}

int ign_check_account(const json_t *value, const char *path, struct err *err)
{
	const char *s = json_string_value(value);
	bool good = (isalpha((unsigned char)s[0]) || s[0] == '_') && strlen(s) <= 32;

	for (const char *p = s; good && *p; p++)
		good = isalnum((unsigned char)*p) || strchr("_.-", *p) || (*p == '$' && p[1] == 0);
	if (good)
		return 0;
	return fail(value, path,
		    "is no name of an account: a letter or _, then letters, digits, _ . -; at most "
		    "32",
		    err);
}

int ign_check_passwd_field(const json_t *value, const char *path, struct err *err)
{
	const char *s = json_string_value(value);

	if (!strchr(s, ':') && !has_control(s))
		return 0;
	/* not shown: it may be a password's hash */
	return err_set(err, ERR_CONFIG, "%s: has a colon or a control character", path);
}

int ign_check_passwd_path(const json_t *value, const char *path, struct err *err)
{
	const char *s = json_string_value(value);

	if (s[0] && s[0] != '/')
		return fail(value, path, "is not absolute; begin it with /", err);
	return ign_check_passwd_field(value, path, err);
}

int ign_check_line(const json_t *value, const char *path, struct err *err)
{
	const char *s = json_string_value(value);

	if (s[0] && !has_control(s))
		return 0;
	return fail(value, path, "is empty or has a control character", err);
}

int ign_check_compression(const json_t *value, const char *path, struct err *err)
{
	const char *s = json_string_value(value);

	if (s[0] == '\0' || streq(s, "gzip"))
		return 0;
	return fail(value, path, "is no compression; gzip, or leave it out", err);
}
