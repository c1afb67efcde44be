/* SPDX-License-Identifier: Apache-2.0 */
#include "assets_recipe.h"

#include "fsio.h"
#include "runcmd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A recipe's argument list, growing. */
struct args {
	struct strv v;
};

static void add(struct args *a, const char *option, const char *value)
{
	strv_add(&a->v, option);
	if (value)
		strv_add(&a->v, value);
}

const char *recipe_release(const char *image)
{
	static const char *const releases[] = {"13", "12"};

	for (size_t i = 0; startswith(image, "debian-") && i < ARRAY_SIZE(releases); i++)
		if (streq(image + strlen("debian-"), releases[i]))
			return releases[i];
	return NULL;
}

/* Runs one recipe with its arguments, and says how long it took. Releases them. */
static int run(const struct recipe_wish *w, const char *recipe, const char *what, struct args *a,
	       bool refresh, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", w->recipes, recipe);
	_cleanup_(freep) const char **argv = NULL;
	struct timespec begin, end;
	int r;

	if (refresh)
		add(a, "--refresh", NULL);
	argv = xcalloc(a->v.n + 2, sizeof(*argv));
	argv[0] = path;
	for (size_t i = 0; i < a->v.n; i++)
		argv[i + 1] = a->v.v[i];
	printf("%s ...", what);
	fflush(stdout);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	r = runcmd_argv(argv, err);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf(r == 0 ? " %jd s\n" : " failed\n", (intmax_t)(end.tv_sec - begin.tv_sec));
	strv_release(&a->v);
	return r < 0 ? err_wrap(err, "%s", what) : 0;
}

static int make_loaders(const struct recipe_wish *w, struct err *err)
{
	_cleanup_(freep) char *out = xasprintf("%s/ipxe", w->assets_dir);
	struct args a = {0};

	add(&a, "--out", out);
	return run(w, "loaders.sh", "iPXE loaders", &a, w->refresh, err);
}

static int make_image(const struct recipe_wish *w, const char *image, struct err *err)
{
	struct args a = {0};

	add(&a, "--suite", w->release);
	add(&a, "--arch", arch_name(w->arch));
	add(&a, "--out", image);
	return run(w, "rootfs.sh", "node image", &a, w->refresh, err);
}

static int make_agent(const struct recipe_wish *w, const char *agent, struct err *err)
{
	struct args a = {0};

	add(&a, "--source", w->source);
	add(&a, "--suite", w->release);
	add(&a, "--arch", arch_name(w->arch));
	add(&a, "--out", agent);
	return run(w, "agent.sh", "node-agent", &a, w->refresh, err);
}

static int make_bootenv(const struct recipe_wish *w, const char *image, const char *agent,
			const char *name, struct err *err)
{
	_cleanup_(freep) char *out = xasprintf("%s/boot/%s", w->assets_dir, name);
	struct args a = {0};

	add(&a, "--image", image);
	add(&a, "--agent", agent);
	add(&a, "--out", out);
	return run(w, "bootenv.sh", "boot environment", &a, false, err);
}

int recipes_run(const struct recipe_wish *w, struct err *err)
{
	_cleanup_(freep) char *name = xasprintf("debian-%s-%s", w->release, arch_name(w->arch));
	_cleanup_(freep) char *image = xasprintf("%s/images/%s.tar.zst", w->assets_dir, name);
	/* A file on its way: no asset of its own. */
	_cleanup_(freep) char *agent = xasprintf("%s/.agent-%s", w->assets_dir, name);
	int r;

	if (dir_make(AT_FDCWD, w->assets_dir, 0755, err) < 0 || make_loaders(w, err) < 0 ||
	    make_image(w, image, err) < 0 || make_agent(w, agent, err) < 0)
		return -1;
	r = make_bootenv(w, image, agent, name, err);
	unlink(agent);
	return r;
}
