/* SPDX-License-Identifier: Apache-2.0 */
#include "claim_policy.h"

#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "limits.h"
#include "lsblk.h"
#include "parse.h"

/* SMBIOS texts; longer ones are rubbish */
#define NAME_MAX_LEN 256

static int read_macs(const json_t *list, struct claim *c, struct err *err)
{
	json_t *item;
	size_t i;

	json_array_foreach (list, i, item) {
		const char *text = json_string_value(item);

		if (!text)
			return err_set(err, ERR_PROTOCOL, "$.macs[%zu] is not a string", i);
		if (mac_parse(text, ARRAY_APPEND(c->macs, c->n_macs), err) < 0)
			return err_wrap(err, "$.macs[%zu]", i);
	}
	return c->n_macs ? 0 : err_set(err, ERR_PROTOCOL, "$.macs is empty");
}

/* What is shown to people later is made printable here, once. */
static int tidy(char **text, const char *path, struct err *err)
{
	char *shown;

	if (*text && strlen(*text) > NAME_MAX_LEN)
		return err_set(err, ERR_PROTOCOL, "%s is longer than %d bytes", path, NAME_MAX_LEN);
	shown = *text ? printable(*text, strlen(*text)) : xstrdup("");
	free(*text);
	*text = shown;
	return 0;
}

static int check_disks(const struct disk_list *disks, struct err *err)
{
	for (size_t i = 0; i < disks->n; i++) {
		const char *id = disk_id(&disks->d[i]);

		if (id && strlen(id) > NAME_MAX_LEN)
			return err_set(err, ERR_PROTOCOL,
				       "$.disks[%zu] has a serial longer than %d bytes", i,
				       NAME_MAX_LEN);
	}
	return 0;
}

int claim_from_json(const json_t *j, struct claim *ret, struct err *err)
{
	static const char *const firmwares[] = {"bios", "uefi"}, *const boots[] = {"netboot",
										   "installed"};
	_cleanup_(claim_release) struct claim c = {.arch = ARCH_INVALID};
	_cleanup_(freep) char *arch = NULL;
	const json_t *macs, *disks;
	int firmware = 0, boot = 0;
	struct jsonx_reader r;

	jsonx_begin(&r, j, "$", err);
	macs = jsonx_array(&r, "macs", LIMIT_MACS * 4);
	disks = jsonx_array(&r, "disks", LIMIT_DISKS);
	jsonx_opt_string(&r, "uuid", &c.uuid);
	jsonx_opt_string(&r, "serial", &c.serial);
	jsonx_string(&r, "arch", &arch);
	jsonx_opt_string(&r, "nonce", &c.nonce);
	jsonx_opt_enum(&r, "firmware", firmwares, ARRAY_SIZE(firmwares), &firmware);
	jsonx_opt_enum(&r, "boot", boots, ARRAY_SIZE(boots), &boot);
	if (jsonx_done(&r) < 0 || read_macs(macs, &c, err) < 0 ||
	    tidy(&c.uuid, "$.uuid", err) < 0 || tidy(&c.serial, "$.serial", err) < 0 ||
	    disk_list_from_json(disks, "$.disks", &c.disks, err) < 0 ||
	    check_disks(&c.disks, err) < 0)
		return -1;
	c.arch = arch_parse(arch);
	if (c.arch == ARCH_INVALID)
		return err_set(err, ERR_PROTOCOL, "$.arch is neither amd64 nor arm64");
	c.uefi = firmware == 1;
	c.installed = boot == 1;
	*ret = c;
	c = (struct claim){0};
	return 0;
}

int claim_from_report(const json_t *j, struct claim *ret, struct err *err)
{
	_cleanup_(claim_release) struct claim c = {.arch = ARCH_INVALID, .in_memory = true};
	static const char *const archs[ARCH_MAX] = {"amd64", "arm64"};
	const json_t *macs, *lsblk, *wipefs;
	int arch = ARCH_INVALID;
	struct jsonx_reader r;

	jsonx_begin(&r, j, "$", err);
	macs = jsonx_array(&r, "macs", LIMIT_MACS * 4);
	lsblk = jsonx_array(&r, "lsblk", LIMIT_DISKS);
	wipefs = jsonx_object(&r, "wipefs");
	jsonx_opt_string(&r, "uuid", &c.uuid);
	jsonx_opt_string(&r, "serial", &c.serial);
	jsonx_enum(&r, "arch", archs, ARCH_MAX, &arch);
	jsonx_opt_string(&r, "nonce", &c.nonce);
	if (jsonx_done(&r) < 0 || read_macs(macs, &c, err) < 0 ||
	    tidy(&c.uuid, "$.uuid", err) < 0 || tidy(&c.serial, "$.serial", err) < 0 ||
	    lsblk_read(lsblk, wipefs, &c.disks, err) < 0)
		return -1;
	c.arch = (enum arch)arch;
	*ret = c;
	c = (struct claim){0};
	return 0;
}

void claim_release(struct claim *c)
{
	free(c->macs);
	free(c->uuid);
	free(c->serial);
	free(c->nonce);
	disk_list_release(&c->disks);
	*c = (struct claim){0};
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Whether a disk stays with its machine: a stick that is plugged in or pulled makes no other. */
static bool is_built_in(const struct disk *d)
{
	return !d->removable && d->transport != TRANSPORT_USB;
}

static void name_hardware(const struct claim *c, bool built_in, struct hardware *ret)
{
	*ret = (struct hardware){.uuid = xstrdup(c->uuid), .serial = xstrdup(c->serial)};
	for (size_t i = 0; i < c->disks.n; i++) {
		const struct disk *d = &c->disks.d[i];

		if (disk_id(d) && (!built_in || is_built_in(d)))
			strv_add(&ret->disks, disk_id(d));
	}
	if (ret->disks.n)
		qsort(ret->disks.v, ret->disks.n, sizeof(*ret->disks.v), by_text);
}

void claim_hardware(const struct claim *c, struct hardware *ret)
{
	name_hardware(c, true, ret);
}

void claim_report(const struct claim *c, struct hardware *ret)
{
	name_hardware(c, false, ret);
}

static bool same_hardware(const struct intent *in, const struct claim *c)
{
	_cleanup_(hardware_release) struct hardware h = {0};

	claim_hardware(c, &h);
	return hardware_equal(&in->hardware, &h);
}

/* First of all the codes are compared, for each key anew: hardware is what a machine says of
 * itself.
 */
static bool waits_for_code(const struct intent *in, const char *code)
{
	return in->confirm && !streq_null(in->approved, code);
}

/* A key other than the one that has the plan. */
static int judge_new_key(const struct node *n, const struct intent *in, const struct claim *c,
			 const char *code, enum claim_verdict *ret, struct err *err)
{
	/* an installed system has the key that it was installed with */
	if (c->installed)
		return err_set(err, ERR_REFUSED,
			       "the plan of %s was claimed with another key: boot it from the "
			       "network",
			       n->name);
	if (!same_hardware(in, c))
		return err_set(err, ERR_REFUSED,
			       "the plan of %s was claimed by a machine with other hardware "
			       "(UUID, serial or disks); if this is the right one: provision "
			       "reinstall %s",
			       n->name, n->name);
	/* a machine in memory remembers no word over a boot, and joins anew after each */
	if (in->secret_out && !in->in_memory)
		return err_set(err, ERR_REFUSED,
			       "a join secret of %s was handed out already, so another key may "
			       "not have its plan any more: provision reinstall %s",
			       n->name, n->name);
	*ret = waits_for_code(in, code) ? CLAIM_ASK_CODE : CLAIM_NEW_KEY;
	return 0;
}

int claim_judge(const struct node *n, const struct intent *in, const struct claim *c,
		const uint8_t key[ED25519_KEY_SIZE], const char *code, int64_t now_ms,
		enum claim_verdict *ret, struct err *err)
{
	const bool same_key =
		in && in->has_key && in->plan && memcmp(in->key, key, ED25519_KEY_SIZE) == 0;

	if (same_key && in->state != INTENT_CANCELLED) {
		*ret = CLAIM_AGAIN;
		return 0;
	}
	if (!in || !(intent_is_live(in, now_ms) || intent_stands(in)))
		return err_set(err, ERR_NOT_FOUND,
			       "nobody asked for an installation of %s: provision reinstall %s",
			       n->name, n->name);
	if (in->state != INTENT_OPEN && in->in_memory != c->in_memory)
		return err_set(err, ERR_REFUSED,
			       "the plan of %s is for an image that %s: provision reinstall %s",
			       n->name, in->in_memory ? "runs in memory" : "is written to its disk",
			       n->name);
	if (in->state != INTENT_OPEN)
		return judge_new_key(n, in, c, code, ret, err);
	if (c->installed)
		return err_set(err, ERR_REFUSED,
			       "the installation of %s was asked for anew: boot it from the "
			       "network",
			       n->name);
	if (c->arch != n->arch)
		return err_set(err, ERR_REFUSED,
			       "the machine is %s and the file of %s says %s: set `arch: %s` in "
			       "it",
			       arch_name(c->arch), n->name, arch_name(n->arch), arch_name(c->arch));
	*ret = waits_for_code(in, code) ? CLAIM_ASK_CODE : CLAIM_FREEZE;
	return 0;
}

const char *claim_code(const uint8_t secret[32], const uint8_t key[ED25519_KEY_SIZE],
		       char text[CLAIM_CODE_SIZE])
{
	uint8_t out[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (!HMAC(EVP_sha256(), secret, 32, key, ED25519_KEY_SIZE, out, NULL))
		BUG("no HMAC");
	for (int i = 0; i < 4; i++)
		n = n << 8 | out[i];
	snprintf(text, CLAIM_CODE_SIZE, "%04u-%04u", n / 10000 % 10000, n % 10000);
	return text;
}

int claim_code_parse(const char *said, char text[CLAIM_CODE_SIZE], struct err *err)
{
	char digits[8];
	size_t n = 0;

	for (const char *p = said; *p; p++) {
		if (*p >= '0' && *p <= '9' && n < sizeof(digits))
			digits[n++] = *p;
		else if (*p != '-' && *p != ' ')
			n = SIZE_MAX;
		if (n > sizeof(digits))
			break;
	}
	if (n != sizeof(digits)) {
		_cleanup_(freep) char *shown = printable(said, strnlen(said, 20));

		return err_set(err, ERR_USAGE,
			       "%s is no code: a machine shows eight digits, such as 1234-5678",
			       shown);
	}
	snprintf(text, CLAIM_CODE_SIZE, "%.4s-%.4s", digits, digits + 4);
	return 0;
}
