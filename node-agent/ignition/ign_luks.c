/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_luks.h"

#include "ign_device.h"
#include "limits.h"
#include "runcmd.h"
#include "signature.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

#define SIGNATURE "crypto_LUKS"

static const char *given(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s && *s ? s : NULL;
}

static const json_t *clevis_of(const json_t *j)
{
	return json_object_get(j, "clevis");
}

bool ign_luks_is_bound(const json_t *j)
{
	const json_t *c = clevis_of(j);

	return given(json_object_get(c, "custom"), "pin") ||
	       json_array_size(json_object_get(c, "tang")) > 0 ||
	       json_is_true(json_object_get(c, "tpm2")) ||
	       json_integer_value(json_object_get(c, "threshold")) != 0;
}

/* ---- what is there ---- */

static enum ign_luks_state reject(const char *why, const char **ret_why)
{
	*ret_why = why;
	return IGN_LUKS_REJECT;
}

enum ign_luks_state ign_luks_judge(const json_t *j, const struct disk_signature *list, size_t n,
				   const char **ret_why)
{
	const char *label = json_string_value(json_object_get(j, "label"));
	const char *uuid = json_string_value(json_object_get(j, "uuid"));
	const struct disk_signature *s = NULL;

	if (n == 0 || json_is_true(json_object_get(j, "wipeVolume")))
		return IGN_LUKS_FORMAT;
	for (size_t i = 0; i < n && !s; i++)
		if (streq(list[i].type, SIGNATURE))
			s = &list[i];
	if (!s)
		return reject("which is no LUKS volume", ret_why);
	if (ign_luks_is_bound(j))
		return reject("whose clevis binding cannot be compared", ret_why);
	if (!given(json_object_get(j, "keyFile"), "source"))
		return reject("and no keyFile is given that could open it", ret_why);
	if (label && !streq(label, s->label ? s->label : ""))
		return reject("whose label is another", ret_why);
	if (uuid && (!s->uuid || strcasecmp(uuid, s->uuid) != 0))
		return reject("whose uuid is another", ret_why);
	return IGN_LUKS_OPEN;
}

/* ---- commands ---- */

void ign_luks_format_command(const json_t *j, const char *device, const char *key,
			     struct ign_command *ret)
{
	const char *label = given(j, "label"), *uuid = given(j, "uuid");

	ign_command_add(ret, "cryptsetup", "luksFormat", "--type", "luks2", "--key-file", key);
	if (label)
		ign_command_add(ret, "--label", label);
	if (uuid)
		ign_command_add(ret, "--uuid", uuid);
	ign_command_add_list(ret, json_object_get(j, "options"));
	ign_command_add(ret, device);
}

void ign_luks_open_command(const json_t *j, const char *device, const char *key,
			   struct ign_command *ret)
{
	/* clevis has no option for discards: the setting is stored in the volume */
	ign_command_add(ret, "cryptsetup", "luksOpen", device,
			json_string_value(json_object_get(j, "name")), "--key-file", key,
			"--persistent");
	if (json_is_true(json_object_get(j, "discard")))
		ign_command_add(ret, "--allow-discards");
	ign_command_add_list(ret, json_object_get(j, "openOptions"));
}

static json_int_t threshold_of(const json_t *j)
{
	const json_t *t = json_object_get(clevis_of(j), "threshold");

	return json_is_integer(t) ? json_integer_value(t) : 1;
}

static json_t *tang_pin(const json_t *tang)
{
	json_t *pin = json_object();
	const char *adv = given(tang, "advertisement");
	json_t *parsed = adv ? json_loads(adv, JSON_REJECT_DUPLICATES, NULL) : NULL;

	jsonx_put_string(pin, "url", given(tang, "url"));
	jsonx_put_string(pin, "thp", given(tang, "thumbprint"));
	if (parsed)
		json_object_set_new(pin, "adv", parsed);
	return pin;
}

/* The configuration of clevis's pin for shared secrets, as text. Caller frees. */
static char *shared_secret(const json_t *j)
{
	_cleanup_json_ json_t *config = json_object();
	const json_t *servers = json_object_get(clevis_of(j), "tang"), *tang;
	json_t *pins = json_object(), *list = json_array();
	size_t i;

	json_array_foreach (servers, i, tang)
		json_array_append_new(list, tang_pin(tang));
	if (json_array_size(list) > 0)
		json_object_set(pins, "tang", list);
	json_decref(list);
	if (json_is_true(json_object_get(clevis_of(j), "tpm2")))
		json_object_set_new(pins, "tpm2", json_object());
	json_object_set_new(config, "pins", pins);
	json_object_set_new(config, "t", json_integer(threshold_of(j)));
	return jsonx_canonical(config);
}

void ign_luks_bind_command(const json_t *j, const char *device, const char *key,
			   struct ign_command *ret)
{
	const json_t *custom = json_object_get(clevis_of(j), "custom");
	const char *pin = given(custom, "pin");
	_cleanup_(freep) char *shared = pin ? NULL : shared_secret(j);

	ign_command_add(ret, "clevis", "luks", "bind", "-f", "-k", key, "-d", device,
			pin ? pin : "sss", pin ? given(custom, "config") : shared);
}

/* ---- planning ---- */

void ign_luks_release(struct ign_luks *l)
{
	free(l->path);
	ign_location_release(&l->place);
	ign_key_release(&l->key);
	*l = (struct ign_luks){.key = IGN_KEY_INIT};
}

static int drop(const void *p, size_t n, void *arg, struct err *err)
{
	(void)p;
	(void)n;
	(void)arg;
	(void)err;
	return 0;
}

/* clevis does not try again; and a server that does not answer is better known before the disks
 * are written. */
static int ask_tang(const struct ign_luks *l, struct ign_fetch *f, struct err *err)
{
	const json_t *tang;
	size_t i;

	json_array_foreach (json_object_get(clevis_of(l->j), "tang"), i, tang) {
		const char *base = given(tang, "url");
		size_t n = strlen(base);
		_cleanup_(freep) char *url =
			xasprintf("%s%sadv", base, base[n - 1] == '/' ? "" : "/");
		struct ign_request req = {.url = url, .max = LIMIT_IGN_TRUST, .on_data = drop};

		if (!given(tang, "advertisement") && ign_fetch_get(f, &req, err) < 0)
			return err_wrap(err, "%s.clevis.tang[%zu].url", l->path, i);
	}
	return 0;
}

static int check_programs(const struct ign_luks *l, struct err *err)
{
	_cleanup_(ign_command_release) struct ign_command cryptsetup = {0}, clevis = {0};

	ign_command_add(&cryptsetup, "cryptsetup");
	ign_command_add(&clevis, "clevis");
	if (ign_command_check(&cryptsetup, l->path, err) < 0)
		return -1;
	return ign_luks_is_bound(l->j) ? ign_command_check(&clevis, l->path, err) : 0;
}

static int has_discards(const char *node, bool *ret, struct err *err)
{
	const char *const argv[] = {"cryptsetup", "luksDump", "--dump-json-metadata", node, NULL};
	const struct runcmd cmd = {.argv = argv};
	_cleanup_(freep) char *text = NULL;
	_cleanup_json_ json_t *dump = NULL;
	const json_t *flag;
	size_t i;

	if (runcmd(&cmd, &text, err) < 0 ||
	    jsonx_parse(text, strlen(text), "the LUKS2 header", &dump, err) < 0)
		return -1;
	*ret = false;
	json_array_foreach (json_object_get(json_object_get(dump, "config"), "flags"), i, flag)
		*ret = *ret || streq_null(json_string_value(flag), "allow-discards");
	return 0;
}

/* What cryptsetup says no to is a refusal, not a broken disk. */
static int refused(struct err *err)
{
	if (err->kind == ERR_IO)
		err->kind = ERR_REFUSED;
	return -1;
}

/* What only cryptsetup can tell: the version, the setting, and whether the key opens it. */
static int check_volume(const struct ign_luks *l, struct err *err)
{
	const char *const is_luks2[] = {"cryptsetup", "isLuks",      "--type",
					"luks2",      l->place.node, NULL};
	const char *const try_key[] = {"cryptsetup", "open",      "--test-passphrase",
				       "--key-file", l->key.path, l->place.node,
				       NULL};
	bool wanted = json_is_true(json_object_get(l->j, "discard")), discards = false;

	if (runcmd_argv(is_luks2, err) < 0) {
		err_wrap(err, "%s: only LUKS2 is reused", l->path);
		return refused(err);
	}
	if (has_discards(l->place.node, &discards, err) < 0)
		return err_wrap(err, "%s", l->path);
	if (discards != wanted)
		return err_set(
			err, ERR_REFUSED,
			"%s.discard: the volume that is there has it %s; name what is there, or "
			"set wipeVolume if it may be lost",
			l->path, discards ? "set" : "not set");
	if (runcmd_argv(try_key, err) < 0) {
		err_wrap(err, "%s.keyFile: does not open the volume that is there", l->path);
		return refused(err);
	}
	return 0;
}

static int judge(const struct ign_luks *l, bool made, enum ign_luks_state *ret, struct err *err)
{
	struct disk_signature *list = NULL;
	const char *why = "";
	size_t n = 0;
	int r = 0;

	if (ign_location_signatures(&l->place, made, &list, &n, err) < 0)
		return err_wrap(err, "%s", l->path);
	*ret = ign_luks_judge(l->j, list, n, &why);
	if (*ret == IGN_LUKS_OPEN && !made && ign_location_is_new(&l->place)) {
		*ret = IGN_LUKS_REJECT;
		why = "in a partition that is made anew: its key can only be tried where it stays";
	}
	if (*ret == IGN_LUKS_REJECT) {
		_cleanup_(freep) char *holds = ign_signatures_text(list, n);

		r = err_set(err, ERR_REFUSED,
			    "%s: %s holds %s, %s; set wipeVolume if that may be lost", l->path,
			    l->place.node, holds, why);
	}
	ign_signatures_free(list, n);
	return r;
}

static int plan_volume(struct ign_scene *s, struct ign_luks *l, struct ign_fetch *f,
		       struct err *err)
{
	_cleanup_(freep) char *at = xasprintf("%s.device", l->path);
	_cleanup_(freep) char *opened = xasprintf("/dev/mapper/%s", l->name);
	enum ign_luks_state state = IGN_LUKS_FORMAT;

	if (ign_location_find(s, given(l->j, "device"), at, &l->place, err) < 0 ||
	    ign_location_take(s, &l->place, at, err) < 0 || check_programs(l, err) < 0)
		return -1;
	if (l->place.kind == IGN_LOCATION_VOLUME)
		return err_set(err, ERR_REFUSED, "%s: is an encrypted volume itself", at);
	if (access(opened, F_OK) == 0)
		return err_set(
			err, ERR_REFUSED,
			"%s.name: %s is there already; if it is not in use: cryptsetup close %s",
			l->path, opened, l->name);
	if (ign_location_writable(&l->place, err) < 0)
		return err_wrap(err, "%s", l->path);
	if (ign_key_get(f, l->j, l->path, &l->key, err) < 0 || ask_tang(l, f, err) < 0)
		return -1;
	if (ign_location_is_known(&l->place) && judge(l, false, &state, err) < 0)
		return -1;
	if (state == IGN_LUKS_OPEN && check_volume(l, err) < 0)
		return -1;
	if (l->key.made && !ign_luks_is_bound(l->j) && ign_key_can_keep(l->path, err) < 0)
		return -1;
	return ign_device_driver("/dev/mapper/control", "dm_mod", l->path, err);
}

int ign_luks_plan(struct ign_scene *s, const json_t *j, size_t index, struct ign_fetch *f,
		  struct ign_luks *ret, struct err *err)
{
	_cleanup_(ign_luks_release) struct ign_luks l = {
		.j = j, .name = given(j, "name"), .key = IGN_KEY_INIT};

	l.path = xasprintf("$.storage.luks[%zu]", index);
	if (plan_volume(s, &l, f, err) < 0)
		return -1;
	*ret = l;
	l = (struct ign_luks){.key = IGN_KEY_INIT};
	return 0;
}

/* ---- making ---- */

int ign_luks_clear(const struct ign_luks *l, struct err *err)
{
	if (!json_is_true(json_object_get(l->j, "wipeVolume")) ||
	    ign_location_clear(&l->place, err) == 0)
		return 0;
	return err_wrap(err, "%s", l->path);
}

static int wipe(const char *node, struct err *err)
{
	_cleanup_(closep) int fd = open(node, O_RDWR | O_EXCL | O_CLOEXEC);
	uint64_t size;
	uint32_t sector;

	if (fd < 0)
		return err_errno(err, errno == EBUSY ? ERR_BUSY : ERR_IO, errno, "cannot open %s",
				 node);
	if (ign_device_size(node, &size, &sector, err) < 0)
		return -1;
	return signatures_wipe(fd, 0, size, err);
}

/* Closes it and lets clevis open it, as the next boot will; not when a server that is not there yet
 * is needed for that. */
static int try_binding(const struct ign_luks *l, struct err *err)
{
	const char *const close_it[] = {"cryptsetup", "luksClose", l->name, NULL};
	const char *const unlock[] = {"clevis",      "luks", "unlock", "-d",
				      l->place.node, "-n",   l->name,  NULL};
	json_int_t pieces = json_is_true(json_object_get(clevis_of(l->j), "tpm2")) ? 1 : 0;
	const json_t *tang;
	size_t i;

	json_array_foreach (json_object_get(clevis_of(l->j), "tang"), i, tang)
		pieces += given(tang, "advertisement") ? 0 : 1;
	if (pieces < threshold_of(l->j))
		return 0;
	return runcmd_argv(close_it, err) < 0 ? -1 : runcmd_argv(unlock, err);
}

static int bind(const struct ign_luks *l, struct err *err)
{
	_cleanup_(ign_command_release) struct ign_command c = {0};
	const char *const remove_key[] = {"cryptsetup", "luksRemoveKey", l->place.node, l->key.path,
					  NULL};

	ign_luks_bind_command(l->j, l->place.node, l->key.path, &c);
	if (ign_command_run(&c, err) < 0 || try_binding(l, err) < 0)
		return -1;
	/* nobody asked for a key beside the binding */
	return l->key.made ? runcmd_argv(remove_key, err) : 0;
}

static int format(const struct ign_luks *l, struct err *err)
{
	_cleanup_(ign_command_release) struct ign_command c = {0};

	ign_luks_format_command(l->j, l->place.node, l->key.path, &c);
	if (wipe(l->place.node, err) < 0)
		return -1;
	/* before there is anything that only this key opens */
	if (l->key.made && !ign_luks_is_bound(l->j) && ign_key_keep(l->name, &l->key, err) < 0)
		return -1;
	return ign_command_run(&c, err);
}

static int make(const struct ign_luks *l, struct err *err)
{
	_cleanup_(ign_command_release) struct ign_command c = {0};
	enum ign_luks_state state = IGN_LUKS_FORMAT;

	if (judge(l, true, &state, err) < 0)
		return -1;
	if (state == IGN_LUKS_OPEN) {
		if (check_volume(l, err) < 0)
			return -1;
	} else if (format(l, err) < 0) {
		return -1;
	}
	ign_luks_open_command(l->j, l->place.node, l->key.path, &c);
	if (ign_command_run(&c, err) < 0)
		return -1;
	return state == IGN_LUKS_FORMAT && ign_luks_is_bound(l->j) ? bind(l, err) : 0;
}

int ign_luks_run(const struct ign_luks *l, struct err *err)
{
	if (make(l, err) == 0)
		return 0;
	return startswith(err_text(err), l->path) ? -1 : err_wrap(err, "%s", l->path);
}
