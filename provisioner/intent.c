/* SPDX-License-Identifier: Apache-2.0 */
#include "intent.h"

#include <string.h>

#include "limits.h"

static const char *const states[INTENT_STATE_MAX] = {
	[INTENT_OPEN] = "open", [INTENT_CLAIMED] = "claimed",     [INTENT_WRITTEN] = "written",
	[INTENT_DONE] = "done", [INTENT_CANCELLED] = "cancelled", [INTENT_EXPIRED] = "expired",
};

static const char *const kinds[INTENT_KIND_MAX] = {
	[INTENT_INSTALL] = "install",
	[INTENT_REINSTALL] = "reinstall",
};

const char *intent_state_name(enum intent_state s)
{
	if ((unsigned int)s >= INTENT_STATE_MAX)
		BUG("intent state out of range");
	return states[s];
}

enum intent_state intent_state_parse(const char *word)
{
	for (int i = 0; i < INTENT_STATE_MAX; i++)
		if (streq(states[i], word))
			return (enum intent_state)i;
	return INTENT_INVALID;
}

const char *intent_kind_name(enum intent_kind k)
{
	if ((unsigned int)k >= INTENT_KIND_MAX)
		BUG("intent kind out of range");
	return kinds[k];
}

enum intent_kind intent_kind_parse(const char *word)
{
	for (int i = 0; i < INTENT_KIND_MAX; i++)
		if (streq(kinds[i], word))
			return (enum intent_kind)i;
	return INTENT_KIND_INVALID;
}

bool intent_is_live(const struct intent *in, int64_t now_ms)
{
	switch (in->state) {
	case INTENT_OPEN:
		return now_ms < in->expires_ms;
	case INTENT_CLAIMED:
	case INTENT_WRITTEN:
		return true;
	default:
		return false;
	}
}

bool intent_installs(const struct intent *in, int64_t now_ms)
{
	return in->state != INTENT_WRITTEN && intent_is_live(in, now_ms);
}

bool intent_stands(const struct intent *in)
{
	return in->in_memory && in->done_ms &&
	       (in->state == INTENT_CLAIMED || in->state == INTENT_DONE);
}

bool intent_is_ready(const struct intent *in)
{
	return in->state == INTENT_DONE && in->done_ms >= in->claimed_ms;
}

static bool same_text(const char *a, const char *b)
{
	return streq(a ? a : "", b ? b : "");
}

bool hardware_equal(const struct hardware *a, const struct hardware *b)
{
	const bool named = (a->uuid && *a->uuid) || (a->serial && *a->serial);

	if (!same_text(a->uuid, b->uuid) || !same_text(a->serial, b->serial) ||
	    a->disks.n != b->disks.n)
		return false;
	for (size_t i = 0; i < a->disks.n; i++)
		if (!streq(a->disks.v[i], b->disks.v[i]))
			return false;
	return named || a->disks.n > 0;
}

json_t *hardware_to_json(const struct hardware *h)
{
	json_t *j = json_object();

	jsonx_put_string(j, "uuid", h->uuid);
	jsonx_put_string(j, "serial", h->serial);
	jsonx_put_strv(j, "disks", &h->disks);
	return j;
}

int hardware_from_json(const json_t *j, const char *path, struct hardware *ret, struct err *err)
{
	_cleanup_(hardware_release) struct hardware h = {0};
	struct jsonx_reader r;

	jsonx_begin(&r, j, path, err);
	jsonx_opt_string(&r, "uuid", &h.uuid);
	jsonx_opt_string(&r, "serial", &h.serial);
	jsonx_opt_strv(&r, "disks", LIMIT_DISKS, &h.disks);
	if (jsonx_done(&r) < 0)
		return -1;
	*ret = h;
	h = (struct hardware){0};
	return 0;
}

void hardware_release(struct hardware *h)
{
	free(h->uuid);
	free(h->serial);
	strv_release(&h->disks);
	*h = (struct hardware){0};
}

void intent_release(struct intent *in)
{
	free(in->node);
	strv_release(&in->consents);
	strv_release(&in->codes);
	free(in->approved);
	hardware_release(&in->hardware);
	free(in->plan);
	free(in->token_id);
	*in = (struct intent){0};
}
