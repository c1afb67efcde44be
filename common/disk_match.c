/* SPDX-License-Identifier: Apache-2.0 */
#include "disk_match.h"

#include "buf.h"
#include "limits.h"

#include <string.h>

static bool model_matches(const char *pattern, const char *model)
{
	size_t len = strlen(pattern);

	if (!model)
		return false;
	if (len && pattern[len - 1] == '*')
		return strncmp(pattern, model, len - 1) == 0;
	return streq(pattern, model);
}

static bool text_matches(const char *wanted, const char *is)
{
	return !wanted || (is && streq(wanted, is));
}

static bool matches(const struct disk_spec *s, const struct disk *d)
{
	if (!text_matches(s->serial, d->serial) || !text_matches(s->wwn, d->wwn) ||
	    !text_matches(s->by_id, d->by_id))
		return false;
	if (s->model && !model_matches(s->model, d->model))
		return false;
	if (d->size < s->size_min || (s->size_max && d->size > s->size_max))
		return false;
	if (s->rotational != TRI_ANY && (s->rotational == TRI_YES) != d->rotational)
		return false;
	if (s->transport != TRANSPORT_ANY && s->transport != d->transport)
		return false;
	if (disk_spec_is_identity(s))
		return true;
	/* the stick that somebody left in the machine is nobody's system disk */
	if (s->transport != TRANSPORT_USB && (d->removable || d->transport == TRANSPORT_USB))
		return false;
	return d->size > 0;
}

/* The end of a refusal: what the operator chooses from. */
static int refuse(const struct disk_list *list, struct err *err, const char *why)
{
	struct buf b;
	_cleanup_(freep) char *has = NULL;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < list->n && i < LIMIT_DISKS_TOLD; i++) {
		_cleanup_(freep) char *line = disk_describe(&list->d[i]);

		buf_addf(&b, "%s%s", i ? "; " : "", line);
	}
	if (list->n > LIMIT_DISKS_TOLD)
		buf_addf(&b, "; and %zu more", list->n - LIMIT_DISKS_TOLD);
	has = buf_take(&b);
	return err_set(err, ERR_REFUSED, "%s; this machine has %s", why,
		       list->n ? has : "no disks at all");
}

static int refuse_count(const struct disk_list *list, const struct disk_spec *s, size_t found,
			struct err *err)
{
	_cleanup_(freep) char *rule = disk_spec_format(s);
	_cleanup_(freep) char *why = NULL;

	if (disk_spec_is_identity(s) && !found)
		why = xasprintf("no disk is %s", rule);
	else if (disk_spec_is_identity(s))
		why = xasprintf("%zu disks are %s, one was meant", found, rule);
	else if (!found)
		why = xasprintf("no disk that is still free matches %s", rule);
	else if (found < s->count)
		why = xasprintf("the rule %s wants %u disks and finds %zu", rule, s->count, found);
	else
		why = xasprintf("the rule %s wants %u disk%s and %zu match: name the serial "
				"(--disk serial=...), or say all",
				rule, s->count, s->count == 1 ? "" : "s", found);
	return refuse(list, err, why);
}

static int take(const struct disk_spec *specs, size_t at, const struct disk_list *list, int *owner,
		struct err *err)
{
	const struct disk_spec *s = &specs[at];
	bool identity = disk_spec_is_identity(s);
	unsigned int wanted = identity ? 1 : s->count;
	size_t found = 0;

	for (size_t i = 0; i < list->n; i++) {
		if (!matches(s, &list->d[i]) || (owner[i] >= 0 && !identity))
			continue;
		found++;
		if (owner[i] >= 0) {
			_cleanup_(freep) char *a = disk_spec_format(&specs[owner[i]]);
			_cleanup_(freep) char *b = disk_spec_format(s);
			_cleanup_(freep) char *why = xasprintf("%s and %s are the same disk", a, b);

			return refuse(list, err, why);
		}
	}
	if (!found || (wanted && found != wanted))
		return refuse_count(list, s, found, err);
	for (size_t i = 0; i < list->n; i++)
		if (owner[i] < 0 && matches(s, &list->d[i]))
			owner[i] = (int)at;
	return 0;
}

/* Everything that a plan does to a disk names it by its id, so a chosen one needs one of its own.
 */
static int check_chosen(const struct disk_list *list, size_t at, struct err *err)
{
	const struct disk *d = &list->d[at];
	_cleanup_(freep) char *shown = disk_describe(d);
	_cleanup_(freep) char *why = NULL;

	if (!disk_id(d))
		why = xasprintf("the chosen disk %s has neither serial nor WWN, so no plan can "
				"name it",
				shown);
	else if (d->read_only)
		why = xasprintf("the chosen disk %s is read-only", shown);
	for (size_t i = 0; i < list->n && !why; i++)
		if (i != at && streq_null(disk_id(d), disk_id(&list->d[i])))
			why = xasprintf("the chosen disk %s has the same serial as another one",
					shown);
	return why ? refuse(list, err, why) : 0;
}

int disk_match(const struct disk_spec *specs, size_t n, const struct disk_list *list,
	       int *ret_owner, struct err *err)
{
	_cleanup_(freep) int *owner = xcalloc(list->n, sizeof(*owner));

	for (size_t i = 0; i < list->n; i++)
		owner[i] = -1;
	for (int identities = 1; identities >= 0; identities--)
		for (size_t i = 0; i < n; i++)
			if (disk_spec_is_identity(&specs[i]) == (identities == 1) &&
			    take(specs, i, list, owner, err) < 0)
				return -1;
	for (size_t i = 0; i < list->n; i++)
		if (owner[i] >= 0 && check_chosen(list, i, err) < 0)
			return -1;
	if (list->n)
		memcpy(ret_owner, owner, list->n * sizeof(*owner));
	return 0;
}
