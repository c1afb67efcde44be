/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The agent's storage steps by hand, for the tests on loop devices: each run is a program of its
 * own, so that a test can kill it at any point and run it again.
 *
 * storage [--disk SERIAL=DEVICE]... [--plan FILE] [--finished] [--keep PATH]... COMMAND ARGUMENT...
 */
#include "bootloader.h"
#include "btrfs.h"
#include "disks.h"
#include "fsio.h"
#include "fsmount.h"
#include "limits.h"
#include "log.h"
#include "part.h"
#include "unpack.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

struct state {
	struct disk_named named[16];
	size_t n_named;
	const char *plan_file;
	bool finished;
	struct strv kept;
	struct plan *plan;
	struct disk_list disks;
};

static int read_disks(struct state *s, struct err *err)
{
	struct disks_options o = {.named = s->named, .n_named = s->n_named};

	return disks_read(&o, &s->disks, err);
}

static int load_plan(struct state *s, struct err *err)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_json_ json_t *j = NULL;
	size_t len;

	if (!s->plan_file)
		BUG("a command that wants a plan ran without one");
	if (file_read(AT_FDCWD, s->plan_file, LIMIT_PLAN_BYTES, &text, &len, err) < 0 ||
	    jsonx_parse(text, len, s->plan_file, &j, err) < 0)
		return -1;
	return plan_from_json(j, &s->plan, err);
}

static int cmd_list(struct state *s, char **argv, struct err *err)
{
	_cleanup_json_ json_t *j = NULL;
	_cleanup_(freep) char *text = NULL;

	(void)argv;
	(void)err;
	j = disk_list_to_json(&s->disks);
	text = jsonx_pretty(j);
	fputs(text, stdout);
	return 0;
}

static void split(const char *text, struct strv *ret)
{
	_cleanup_(freep) char *copy = xstrdup(text);
	char *rest = copy, *word;

	while ((word = strsep(&rest, "+")))
		strv_add(ret, word);
}

/* The disk of the plan by its id. */
static struct plan_disk *plan_disk(struct plan *p, const char *id)
{
	for (size_t i = 0; i < p->n_disks; i++)
		if (streq_null(p->disks[i].id, id))
			return &p->disks[i];
	fprintf(stderr, "no disk %s\n", id);
	exit(2);
}

static void give_disks(struct plan *p, const char *pool, const char *ids, enum disk_action action)
{
	_cleanup_(strv_release) struct strv list = {0};

	split(ids, &list);
	for (size_t i = 0; i < list.n; i++) {
		struct plan_disk *d = plan_disk(p, list.v[i]);

		d->pool = xstrdup(pool);
		d->action = action;
		d->consent_needed = d->consent = d->holds && action == ACTION_ERASE;
	}
}

static void add_subvolumes(struct pool_spec *pool, const char *words)
{
	_cleanup_(strv_release) struct strv list = {0};

	split(words, &list);
	for (size_t i = 0; i < list.n; i++) {
		struct subvolume *v = ARRAY_APPEND(pool->subvolumes, pool->n_subvolumes);
		char *at = strchr(list.v[i], ':');

		v->name = at ? xstrndup(list.v[i], (size_t)(at - list.v[i])) : xstrdup(list.v[i]);
		v->mount = at ? xstrdup(at + 1) : NULL;
	}
}

static enum btrfs_profile profile_of(const char *word)
{
	enum btrfs_profile p = PROFILE_INVALID;
	struct err ignored = ERR_INIT;

	if (profile_parse(word, &p, &ignored) < 0)
		err_release(&ignored);
	return p;
}

/* "system,raid1,raid1,A+B,@:/+@home:/home[,mount][,UUID to adopt]" */
static void add_pool(struct plan *p, const char *text)
{
	_cleanup_(freep) char *copy = xstrdup(text);
	struct plan_pool *pool = ARRAY_APPEND(p->pools, p->n_pools);
	char *rest = copy;

	pool->spec.name = xstrdup(strsep(&rest, ","));
	pool->spec.data = profile_of(strsep(&rest, ","));
	pool->spec.metadata = profile_of(strsep(&rest, ","));
	const char *disks = strsep(&rest, ",");
	const char *subvolumes = strsep(&rest, ",");

	if (subvolumes && *subvolumes)
		add_subvolumes(&pool->spec, subvolumes);
	const char *mount = strsep(&rest, ",");

	pool->spec.mount = mount && *mount ? xstrdup(mount) : NULL;
	const char *uuid = strsep(&rest, ",");

	pool->fs_uuid = xstrdup(uuid);
	pool->adopt = uuid != NULL;
	give_disks(p, pool->spec.name, disks, uuid ? ACTION_ADOPT : ACTION_ERASE);
}

static void add_plan_disk(struct plan *p, const struct disk *d)
{
	struct plan_disk *pd = ARRAY_APPEND(p->disks, p->n_disks);

	pd->id = xstrdup(disk_id(d));
	pd->description = disk_describe(d);
	pd->action = ACTION_KEEP;
	pd->holds = disk_is_blank(d) ? NULL : disk_holds(d);
	disk_fingerprint(d, &pd->fingerprint);
}

/* new-plan NODE POOL...: with consent to everything, as the machine is now. */
static int cmd_new_plan(struct state *s, char **argv, struct err *err)
{
	_cleanup_(plan_freep) struct plan *p = plan_new();
	_cleanup_json_ json_t *j = NULL;
	_cleanup_(freep) char *text = NULL;

	p->node = xstrdup(*argv++);
	*ARRAY_APPEND(p->macs, p->n_macs) = (struct mac){{2, 0, 0, 0, 0, 1}};
	p->arch = ARCH_AMD64;
	p->url = xstrdup("https://127.0.0.1:8443");
	p->assets_url = xstrdup("http://127.0.0.1:8080/assets");
	p->resolved = true;
	p->kube.cluster_name = xstrdup("test");
	p->kube.version = xstrdup("1.31.4");
	p->rootfs.path = xstrdup("none");
	for (size_t i = 0; i < s->disks.n; i++)
		add_plan_disk(p, &s->disks.d[i]);
	while (*argv)
		add_pool(p, *argv++);
	j = plan_to_json(p);
	text = jsonx_pretty(j);
	return file_write(AT_FDCWD, s->plan_file, text, strlen(text), 0600, err);
}

static int cmd_check(struct state *s, char **argv, struct err *err)
{
	(void)argv;
	if (part_check(s->plan, &s->disks, err) < 0)
		return -1;
	return btrfs_check(s->plan, &s->disks, err);
}

static int cmd_partition(struct state *s, char **argv, struct err *err)
{
	(void)argv;
	return part_run(s->plan, &s->disks, NULL, err);
}

static int cmd_pools(struct state *s, char **argv, struct err *err)
{
	(void)argv;
	return btrfs_run(s->plan, &s->disks, s->finished, NULL, err);
}

/* What the agent does up to the pools, in one run, as after a power cut. */
static int cmd_all(struct state *s, char **argv, struct err *err)
{
	if (cmd_partition(s, argv, err) < 0)
		return -1;
	disk_list_release(&s->disks);
	if (read_disks(s, err) < 0)
		return -1;
	return cmd_pools(s, argv, err);
}

static int cmd_mount(struct state *s, char **argv, struct err *err)
{
	return fsmount_target(s->plan, &s->disks, argv[0], err);
}

static int cmd_unmount(struct state *s, char **argv, struct err *err)
{
	(void)s;
	return fsmount_release(argv[0], err);
}

static int cmd_bind(struct state *s, char **argv, struct err *err)
{
	(void)s;
	return fsmount_bind(argv[0], err);
}

static int cmd_fstab(struct state *s, char **argv, struct err *err)
{
	_cleanup_(fs_table_release) struct fs_table t = {0};
	_cleanup_(freep) char *text = NULL;

	(void)argv;
	if (fs_table_build(s->plan, &t, err) < 0)
		return -1;
	text = fs_table_format(&t);
	fputs(text, stdout);
	return 0;
}

static int cmd_bootloader(struct state *s, char **argv, struct err *err)
{
	return bootloader_run(s->plan, &s->disks, argv[0], NULL, err);
}

/* asset FILE: its entry in a manifest, on standard output. */
static int cmd_asset(struct state *s, char **argv, struct err *err)
{
	_cleanup_(asset_release) struct asset a = {.path = xstrdup(argv[0])};
	_cleanup_(freep) uint8_t *chunk = xmalloc(ASSET_CHUNK);
	_cleanup_json_ json_t *j = NULL;
	_cleanup_(freep) char *text = NULL;
	struct sha256_ctx *whole = sha256_new();
	FILE *f = fopen(argv[0], "re");
	size_t n;

	(void)s;
	if (!f)
		return err_set(err, ERR_IO, "cannot open %s", argv[0]);
	while ((n = fread(chunk, 1, ASSET_CHUNK, f)) > 0) {
		*ARRAY_APPEND(a.chunks, a.n_chunks) = sha256_of(chunk, n);
		sha256_add(whole, chunk, n);
		a.size += n;
	}
	fclose(f);
	a.digest = sha256_end(whole);
	sha256_free(whole);
	j = asset_to_json(&a);
	text = jsonx_pretty(j);
	fputs(text, stdout);
	return 0;
}

static void show_percent(uint64_t done, uint64_t total, const char *what, void *arg)
{
	unsigned int *last = arg, percent = (unsigned int)(done * 100 / total);

	(void)what;
	if (percent / 10 != *last / 10)
		printf("%u%%\n", percent);
	*last = percent;
}

/* unpack URL|FOLDER ASSET.json ROOT */
static int cmd_unpack(struct state *s, char **argv, struct err *err)
{
	_cleanup_(source_freep) struct source *source =
		strstr(argv[0], "://") ? source_http_new(argv[0], NULL) : source_dir_new(argv[0]);
	_cleanup_(asset_release) struct asset a = {0};
	_cleanup_(freep) char *text = NULL;
	_cleanup_json_ json_t *j = NULL;
	unsigned int last = 0;
	struct progress progress = {show_percent, &last};
	size_t len;

	(void)s;
	if (file_read(AT_FDCWD, argv[1], LIMIT_MANIFEST_BYTES, &text, &len, err) < 0 ||
	    jsonx_parse(text, len, argv[1], &j, err) < 0 || asset_from_json(j, "$", &a, err) < 0)
		return -1;
	return unpack(source, &a, argv[2], &s->kept, 20, &progress, err);
}

static const struct command {
	const char *name;
	int arguments;
	bool wants_plan;
	int (*run)(struct state *s, char **argv, struct err *err);
} commands[] = {
	{"list", 0, false, cmd_list},
	{"new-plan", 2, false, cmd_new_plan},
	{"check", 0, true, cmd_check},
	{"partition", 0, true, cmd_partition},
	{"pools", 0, true, cmd_pools},
	{"all", 0, true, cmd_all},
	{"mount", 1, true, cmd_mount},
	{"unmount", 1, false, cmd_unmount},
	{"bind", 1, false, cmd_bind},
	{"fstab", 0, true, cmd_fstab},
	{"bootloader", 1, true, cmd_bootloader},
	{"asset", 1, false, cmd_asset},
	{"unpack", 3, false, cmd_unpack},
};

static _noreturn_ void usage(const char *why)
{
	fprintf(stderr, "storage: %s\n", why);
	exit(2);
}

static void add_named(struct state *s, char *text)
{
	char *eq = strchr(text, '=');

	if (!eq || s->n_named == ARRAY_SIZE(s->named))
		usage("--disk wants SERIAL=DEVICE, at most 16 times");
	*eq = '\0';
	s->named[s->n_named++] = (struct disk_named){eq + 1, text, TRANSPORT_SATA};
}

static char **parse_options(struct state *s, int argc, char **argv)
{
	static const struct option options[] = {{"disk", required_argument, NULL, 'd'},
						{"plan", required_argument, NULL, 'p'},
						{"finished", no_argument, NULL, 'f'},
						{"keep", required_argument, NULL, 'k'},
						{NULL, 0, NULL, 0}};
	int c;

	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		if (c == 'd')
			add_named(s, optarg);
		else if (c == 'p')
			s->plan_file = optarg;
		else if (c == 'f')
			s->finished = true;
		else if (c == 'k')
			strv_add(&s->kept, optarg);
		else
			usage("unknown option");
	}
	return argv + optind;
}

static const struct command *find_command(const struct state *s, char **argv)
{
	for (size_t i = 0; argv[0] && i < ARRAY_SIZE(commands); i++) {
		const struct command *c = &commands[i];
		int n = 0;

		if (!streq(c->name, argv[0]))
			continue;
		while (argv[n + 1])
			n++;
		if (n < c->arguments || (c->wants_plan && !s->plan_file))
			usage("too few arguments");
		return c;
	}
	usage("unknown command");
}

int main(int argc, char **argv)
{
	struct state s = {0};
	struct err err = ERR_INIT;
	const struct command *c;
	int status = 0;

	log_open("storage", LOG_LEVEL_INFO);
	argv = parse_options(&s, argc, argv);
	c = find_command(&s, argv);
	if ((s.n_named > 0 && read_disks(&s, &err) < 0) ||
	    (c->wants_plan && load_plan(&s, &err) < 0) || c->run(&s, argv + 1, &err) < 0) {
		log_err(&err);
		status = err_exit_code(err.kind);
	}
	err_release(&err);
	disk_list_release(&s.disks);
	plan_free(s.plan);
	strv_release(&s.kept);
	return status;
}
