/* SPDX-License-Identifier: Apache-2.0 */
#include "render/render_plan.h"

#include "buf.h"

#include <string.h>

/* One table: the widest cell of each column decides. */
#define COLUMNS 3

struct table {
	char *(*rows)[COLUMNS];
	size_t n;
};

static void add_row(struct table *t, char *a, char *b, char *c)
{
	char *(*row)[COLUMNS] = ARRAY_APPEND(t->rows, t->n);

	(*row)[0] = a;
	(*row)[1] = b;
	(*row)[2] = c;
}

static void print_table(struct table *t, struct buf *out)
{
	size_t width[COLUMNS] = {0};

	for (size_t i = 0; i < t->n; i++)
		for (size_t k = 0; k < COLUMNS; k++)
			if (strlen(t->rows[i][k]) > width[k])
				width[k] = strlen(t->rows[i][k]);
	for (size_t i = 0; i < t->n; i++) {
		buf_addf(out, "  %-*s  %-*s  %s\n", (int)width[0], t->rows[i][0], (int)width[1],
			 t->rows[i][1], t->rows[i][2]);
		for (size_t k = 0; k < COLUMNS; k++)
			free(t->rows[i][k]);
	}
	free(t->rows);
	*t = (struct table){0};
}

/* The profile of data or metadata; what stands without a word in the record is the default. */
static void describe_profile(const struct pool_spec *s, bool metadata, struct buf *out)
{
	enum btrfs_profile said = metadata ? s->metadata : s->data;
	unsigned int devices = pool_spec_devices(s);

	buf_addf(out, ", %s ", metadata ? "metadata" : "data");
	if (said != PROFILE_INVALID)
		buf_adds(out, profile_name(said));
	else if (devices)
		buf_addf(out, "%s (default)", profile_name(profile_default(devices, metadata)));
	else
		buf_addf(out, "%s on one disk, %s on more (default)",
			 profile_name(profile_default(1, metadata)),
			 profile_name(profile_default(2, metadata)));
}

static void describe_pool(const struct plan_pool *pool, bool resolved, struct buf *out)
{
	const struct pool_spec *s = &pool->spec;

	buf_addf(out, "%s %s: btrfs", pool->adopt ? "keep pool" : "make pool", s->name);
	describe_profile(s, false, out);
	describe_profile(s, true, out);
	buf_addf(out, ", compression %s", s->compression ? s->compression : COMPRESSION_DEFAULT);
	if (s->mount)
		buf_addf(out, ", at %s", s->mount);
	for (size_t i = 0; i < s->n_subvolumes; i++)
		buf_addf(out, ", %s%s%s", s->subvolumes[i].name,
			 s->subvolumes[i].mount ? " at " : "",
			 s->subvolumes[i].mount ? s->subvolumes[i].mount : "");
	if (pool->adopt)
		buf_addf(out, "; adopted by its UUID %s, nothing on it is changed", pool->fs_uuid);
	buf_adds(out, resolved ? "\n" : "; its disks by rule:\n");
}

static void describe_rules(const struct plan_pool *pool, struct buf *out)
{
	for (size_t i = 0; i < pool->spec.n_disks; i++) {
		const struct disk_spec *d = &pool->spec.disks[i];
		_cleanup_(freep) char *rule = disk_spec_format(d);
		bool bare = streq(rule, "count=1");

		buf_addf(out, "  %s\n", bare ? "the machine's one fixed disk" : rule);
	}
}

static const char *reason(const struct plan_disk *d)
{
	if (d->action == ACTION_KEEP)
		return " (not named by any pool)";
	if (d->action == ACTION_ADOPT)
		return " (its pool is kept)";
	if (!d->holds)
		return "";
	if (d->consent)
		return " (erasing it was permitted by serial)";
	return d->consent_needed ? " (WAITS for --erase)" : " (this node's own system)";
}

static void add_disk(struct table *t, const struct plan_disk *d)
{
	static const char *const words[ACTION_MAX] = {"ERASE", "keep", "adopt"};
	char *place = d->pool ? xasprintf("pool %s", d->pool) : xstrdup("-");

	add_row(t, xstrdup(words[d->action]), place, xasprintf("%s%s", d->description, reason(d)));
}

static void describe_kube(const struct plan *p, struct buf *out)
{
	const struct plan_kube *k = &p->kube;

	buf_addf(out, "%s %s: ", flavour_name(k->flavour), k->version);
	if (k->action == KUBE_INIT)
		buf_addf(out, "makes the cluster %s", k->cluster_name);
	else if (k->action == KUBE_JOIN)
		buf_addf(out, "joins the cluster %s", k->cluster_name);
	else
		buf_adds(out, "no cluster");
	buf_addf(out, " as %s", role_name(k->role));
	if (k->endpoint)
		buf_addf(out, ", endpoint %s", k->endpoint);
	if (k->action == KUBE_INIT)
		buf_addf(out, ", pod network %s", k->network);
	buf_addc(out, '\n');
}

char *render_plan(const struct plan *p)
{
	char mac[MAC_TEXT_SIZE], net[IPV4_NET_TEXT_SIZE];
	struct table t = {0};
	struct buf out;

	buf_init(&out, SIZE_MAX / 2);
	buf_addf(&out, "node %s (%s), %s%s\n", p->node, mac_format(&p->macs[0], mac),
		 arch_name(p->arch), p->reinstall ? ", reinstall" : "");
	buf_addf(&out, "image %s%s, address %s\n", p->rootfs.path, p->in_memory ? " in memory" : "",
		 p->network.address.ip.a ? ipv4_net_format(p->network.address, net) : "by DHCP");
	describe_kube(p, &out);
	buf_addc(&out, '\n');
	for (size_t i = 0; i < p->n_pools; i++) {
		describe_pool(&p->pools[i], p->resolved, &out);
		if (!p->resolved)
			describe_rules(&p->pools[i], &out);
	}
	if (!p->resolved) {
		buf_adds(&out,
			 "\nThe machine has not asked for its plan yet; then the serials stand "
			 "here. A disk that holds\nanything is erased only after its serial "
			 "was named (--erase SERIAL).\n");
		return buf_take(&out);
	}
	buf_adds(&out, "\ndisks:\n");
	for (size_t i = 0; i < p->n_disks; i++)
		add_disk(&t, &p->disks[i]);
	print_table(&t, &out);
	return buf_take(&out);
}
