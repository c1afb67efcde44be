/* SPDX-License-Identifier: Apache-2.0 */
/* provision assets build|add|list|verify */
#include "cmd.h"

#include "assets.h"
#include "assets_add.h"
#include "assets_recipe.h"
#include "assets_fetch.h"
#include "assets_live.h"
#include "parse.h"
#include "secrets.h"
#include "tftp_files.h"
#include "workspace.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct assets_options {
	const char *debian; /* release */
	const char *source;
	const char *version;
	const char *mirror;
	const char *keyring;
	enum arch arch;
	bool refresh;
};

enum { OPT_SUITE, OPT_ARCH, OPT_SOURCE, OPT_REFRESH, OPT_VERSION, OPT_MIRROR, OPT_KEYRING };

static const struct option options[] = {
	{"suite", required_argument, NULL, OPT_SUITE},
	{"arch", required_argument, NULL, OPT_ARCH},
	{"source", required_argument, NULL, OPT_SOURCE},
	{"refresh", no_argument, NULL, OPT_REFRESH},
	{"version", required_argument, NULL, OPT_VERSION},
	{"mirror", required_argument, NULL, OPT_MIRROR},
	{"keyring", required_argument, NULL, OPT_KEYRING},
	{0},
};

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* PATH/sub when that is a folder, else NULL; caller frees. */
static char *folder_below(const char *path, const char *sub)
{
	char *below = xasprintf("%s/%s", path, sub);

	if (is_folder(below))
		return below;
	free(below);
	return NULL;
}

/* The installed source, or the tree that --data points into. */
static char *find_source(const struct cmd_context *ctx, const struct assets_options *o)
{
	char *source = o->source ? xstrdup(o->source) : folder_below(ctx->paths.data, "source");

	return source ? source : xstrdup(ctx->paths.data);
}

/* Those of the source tree when it is a whole one, else the installed ones. */
static char *find_recipes(const char *source)
{
	char *recipes = folder_below(source, "provisioner/image");

	return recipes ? recipes : xstrdup(PKGLIBEXECDIR "/image");
}

static int no_more_arguments(int argc, struct err *err)
{
	return optind < argc ? err_set(err, ERR_USAGE, "this takes no further arguments") : 0;
}

static int run_build(struct cmd_context *ctx, const struct assets_options *o, int argc, char **argv,
		     struct err *err)
{
	_cleanup_(freep) char *assets = paths_assets(&ctx->paths), *source = find_source(ctx, o);
	_cleanup_(freep) char *recipes = find_recipes(source);
	const struct recipe_wish wish = {
		.recipes = recipes,
		.source = source,
		.assets_dir = assets,
		.release = o->debian,
		.arch = o->arch,
		.refresh = o->refresh,
	};

	size_t loaders;

	(void)argv;
	if (no_more_arguments(argc, err) < 0)
		return -1;
	if (geteuid() != 0)
		return err_set(
			err, ERR_REFUSED,
			"a node image is a Debian with its owners and devices: run `provision "
			"assets build` as root");
	if (secrets_check(ctx->paths.state, err) < 0 || recipes_run(&wish, err) < 0)
		return -1;
	/* here, because a provisiond that runs already may not write there */
	if (tftp_files_loaders(&ctx->paths, &loaders, err) < 0)
		return -1;
	return assets_sign(ctx->paths.state, err);
}

static int fetch_all(struct fetch *f, const char *assets, const struct release *release,
		     const char *keyring, struct err *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < release->n; i++) {
		const struct release_file *file = &release->files[i];
		bool had = false;

		r = release_fetch(f, assets, file, keyring, &had, err);
		if (r == 0)
			printf("%s%s\n", file->path,
			       had ? " (was there)"
			       : file->digest_url || file->digest
				       ? ""
				       : " (upstream has no digest to compare it with)");
	}
	return r;
}

static int fetch_release(const char *assets, const struct release *release, struct err *err)
{
	struct fetch *f = fetch_new(NULL);
	int r = fetch_all(f, assets, release, NULL, err);

	fetch_free(f);
	return r;
}

/* From files that are here, in the order kernel, initrd, root file system. */
static int add_live_files(const char *assets, enum live_kind kind, const struct assets_options *o,
			  const char *const *from, size_t n, struct err *err)
{
	const char *const *files = live_kind_files(kind);
	size_t wanted = 0;

	while (files[wanted])
		wanted++;
	if (n != wanted || !o->version)
		return err_set(err, ERR_USAGE,
			       "assets add %s takes --version and %s: %zu files, in this order",
			       live_kind_name(kind),
			       wanted == 3 ? "VMLINUZ INITRD ROOTFS" : "VMLINUZ INITRD", wanted);
	for (size_t i = 0; i < n; i++) {
		_cleanup_(freep) char *path = NULL;

		if (live_asset_path(kind, o->version, o->arch, files[i], &path, err) < 0 ||
		    assets_add_as(assets, from[i], path, err) < 0)
			return -1;
		printf("%s\n", path);
	}
	return 0;
}

static int add_live(const char *assets, enum live_kind kind, const struct assets_options *o,
		    const char *const *from, size_t n, struct err *err)
{
	const struct live_wish wish = {kind, o->version, o->mirror, o->arch};
	_cleanup_(release_release) struct release release = {0};
	struct fetch *f;
	int r;

	if (n || kind == LIVE_IGNITION)
		return add_live_files(assets, kind, o, from, n, err);
	f = fetch_new(NULL);
	r = live_release(f, &wish, &release, err);
	if (r == 0)
		r = fetch_all(f, assets, &release, o->keyring, err);
	fetch_free(f);
	return r;
}

static int add_local(const char *assets, enum kube_flavour flavour, const char *folder,
		     const char *const *from, size_t n, struct err *err)
{
	const char *binary = flavour == FLAVOUR_K3S ? "k3s" : NULL;

	for (size_t i = 0; i < n; i++) {
		_cleanup_(strv_release) struct strv paths = {0};

		if (assets_add(assets, folder, binary, from[i], &paths, err) < 0)
			return -1;
		for (size_t k = 0; k < paths.n; k++)
			printf("%s\n", paths.v[k]);
	}
	return 0;
}

static char *cluster_version(const struct cmd_context *ctx, enum kube_flavour flavour,
			     struct err *err)
{
	struct inventory *inv = NULL;
	char *version = NULL;

	if (workspace_inventory(&ctx->paths, &inv, err) < 0) {
		err_wrap(err, "without --version, cluster.yaml says which");
		return NULL;
	}
	if (inv->cluster.flavour == flavour)
		version = xstrdup(inv->cluster.version);
	else
		err_set(err, ERR_USAGE,
			"cluster.yaml is for another flavour: say --version, for instance %s",
			flavour == FLAVOUR_K3S ? "1.31.4+k3s1" : "1.31.4");
	inventory_free(inv);
	return version;
}

/* The version that was said, else cluster.yaml's. Caller frees; NULL after an error. */
static char *choose_version(const struct cmd_context *ctx, enum kube_flavour flavour,
			    const struct assets_options *o, struct err *err)
{
	if (!o->version)
		return cluster_version(ctx, flavour, err);
	return release_version_check(flavour, o->version, err) < 0 ? NULL : xstrdup(o->version);
}

static int add_kubernetes(const struct cmd_context *ctx, const char *assets,
			  enum kube_flavour flavour, const struct assets_options *o,
			  const char *const *from, size_t n, struct err *err)
{
	_cleanup_(release_release) struct release release = {0};
	_cleanup_(freep) char *version = choose_version(ctx, flavour, o, err), *folder = NULL;

	if (!version)
		return -1;
	folder = release_folder(flavour, version, o->arch);
	if (n)
		return add_local(assets, flavour, folder, from, n, err);
	if (release_files(flavour, version, o->arch, o->mirror, &release, err) < 0)
		return -1;
	return fetch_release(assets, &release, err);
}

static int add_flannel(const char *assets, const struct assets_options *o, const char *const *from,
		       size_t n, struct err *err)
{
	_cleanup_(release_release) struct release release = {0};

	if (n > 1 || (n && o->version))
		return err_set(err, ERR_USAGE,
			       "assets add flannel takes its manifest as a FILE, or a --version, "
			       "or neither: the latest");
	if (n) {
		if (assets_add_as(assets, from[0], ASSET_FLANNEL, err) < 0)
			return -1;
		printf("%s\n", ASSET_FLANNEL);
		return 0;
	}
	if (release_flannel(o->version, o->mirror, &release, err) < 0)
		return -1;
	return fetch_release(assets, &release, err);
}

static int run_add(struct cmd_context *ctx, const struct assets_options *o, int argc, char **argv,
		   struct err *err)
{
	_cleanup_(freep) char *assets = paths_assets(&ctx->paths);
	const char *what = optind < argc ? argv[optind++] : "";
	const char *const *from = (const char *const *)argv + optind;
	size_t n = (size_t)(argc - optind);
	int r;

	if (secrets_check(ctx->paths.state, err) < 0)
		return -1;
	if (streq(what, "kubernetes"))
		r = add_kubernetes(ctx, assets, FLAVOUR_KUBEADM, o, from, n, err);
	else if (streq(what, "k3s"))
		r = add_kubernetes(ctx, assets, FLAVOUR_K3S, o, from, n, err);
	else if (streq(what, "flannel"))
		r = add_flannel(assets, o, from, n, err);
	else if (streq(what, "flatcar"))
		r = add_live(assets, LIVE_FLATCAR, o, from, n, err);
	else if (streq(what, "fcos"))
		r = add_live(assets, LIVE_FCOS, o, from, n, err);
	else if (streq(what, "ignition"))
		r = add_live(assets, LIVE_IGNITION, o, from, n, err);
	else
		r = err_set(err, ERR_USAGE,
			    "assets add takes `kubernetes`, `k3s`, `flannel`, `flatcar`, `fcos` or "
			    "`ignition`, not \"%.64s\"",
			    what);
	return r < 0 ? r : assets_sign(ctx->paths.state, err);
}

static json_t *list_to_json(const struct manifest *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n; i++) {
		json_t *j = json_object();
		char hex[SHA256_TEXT_SIZE];

		jsonx_put_string(j, "path", m->assets[i].path);
		json_object_set_new(j, "size", json_integer((json_int_t)m->assets[i].size));
		jsonx_put_string(j, "sha256", sha256_format(&m->assets[i].digest, hex));
		json_array_append_new(list, j);
	}
	return list;
}

static int run_list(struct cmd_context *ctx, const struct assets_options *o, int argc, char **argv,
		    struct err *err)
{
	_cleanup_(manifest_release) struct manifest m = {0};

	(void)o;
	(void)argv;
	if (no_more_arguments(argc, err) < 0 ||
	    assets_load(ctx->paths.state, ASSETS_WAIT, &m, err) < 0)
		return -1;
	if (ctx->json) {
		_cleanup_json_ json_t *list = list_to_json(&m);

		cmd_print_json(list);
		return 0;
	}
	printf("%-12s  %9s  %s\n", "SHA256", "SIZE", "PATH");
	for (size_t i = 0; i < m.n; i++) {
		char hex[SHA256_TEXT_SIZE];
		_cleanup_(freep) char *size = format_size(m.assets[i].size);

		printf("%.12s  %9s  %s\n", sha256_format(&m.assets[i].digest, hex), size,
		       m.assets[i].path);
	}
	return 0;
}

static int run_verify(struct cmd_context *ctx, const struct assets_options *o, int argc,
		      char **argv, struct err *err)
{
	_cleanup_(strv_release) struct strv problems = {0};

	(void)o;
	(void)argv;
	if (no_more_arguments(argc, err) < 0 || assets_verify(ctx->paths.state, &problems, err) < 0)
		return -1;
	if (ctx->json) {
		_cleanup_json_ json_t *j = json_object();
		json_t *list = json_array();

		for (size_t i = 0; i < problems.n; i++)
			json_array_append_new(list, json_string(problems.v[i]));
		json_object_set_new(j, "problems", list);
		cmd_print_json(j);
	} else {
		for (size_t i = 0; i < problems.n; i++)
			printf("%s\n", problems.v[i]);
	}
	if (problems.n)
		return err_set(
			err, ERR_VERIFY,
			"%zu of the assets are not what was signed: `provision assets build` "
			"and `assets add` make them anew",
			problems.n);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct cmd_context *ctx, const struct assets_options *o, int argc, char **argv,
		   struct err *err);
} verbs[] = {
	{"build", run_build},
	{"add", run_add},
	{"list", run_list},
	{"verify", run_verify},
};

static int set_option(int opt, struct assets_options *o, struct err *err)
{
	switch (opt) {
	case OPT_SUITE:
		o->debian = optarg;
		return 0;
	case OPT_ARCH:
		o->arch = arch_parse(optarg);
		return o->arch == ARCH_INVALID
			       ? err_set(err, ERR_USAGE,
					 "--arch takes amd64 or arm64, not \"%.64s\"", optarg)
			       : 0;
	case OPT_SOURCE:
		o->source = optarg;
		return 0;
	case OPT_REFRESH:
		o->refresh = true;
		return 0;
	case OPT_VERSION:
		/* "v1.31.4" is what upstream calls it; a name of an image may begin with a v */
		o->version =
			optarg[0] == 'v' && isdigit((unsigned char)optarg[1]) ? optarg + 1 : optarg;
		return 0;
	case OPT_MIRROR:
		o->mirror = optarg;
		return 0;
	case OPT_KEYRING:
		o->keyring = optarg;
		return 0;
	default:
		BUG("an option of the table without a case");
	}
}

static int run_assets(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	struct assets_options o = {.debian = "13", .arch = ARCH_AMD64};
	const char *verb;
	int opt;

	while ((opt = cmd_getopt(&cmd_assets, ctx, argc, argv, options, err)) != -1) {
		if (opt == '?')
			return err->kind == ERR_NONE ? 0 : -1;
		if (set_option(opt, &o, err) < 0)
			return -1;
	}
	if (!streq(o.debian, "13") && !streq(o.debian, "12"))
		return err_set(err, ERR_USAGE, "--suite takes 13 or 12, not \"%.64s\"", o.debian);
	verb = optind < argc ? argv[optind++] : "";
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (streq(verb, verbs[i].name))
			return verbs[i].run(ctx, &o, argc, argv, err);
	}
	return err_set(err, ERR_USAGE, "assets takes build, add, list or verify, not \"%.64s\"",
		       verb);
}

const struct command cmd_assets = {
	.name = "assets",
	.summary = "Make and register what machines download",
	.usage = "build [--suite 13|12] [--arch amd64|arm64] [--source DIR] [--refresh]\n"
		 "add kubernetes|k3s [--version V] [--arch A] [--mirror URL] [DIR|FILE...]\n"
		 "add flannel [--version V] [--mirror URL] | FILE\n"
		 "add flatcar|fcos [--version V] [--arch A] [--mirror URL] [--keyring FILE]\n"
		 "add ignition|flatcar|fcos --version V [--arch A] VMLINUZ INITRD [ROOTFS]\n"
		 "list\n"
		 "verify\n"
		 "\n"
		 "build   makes the iPXE loaders, the node image of that Debian release, "
		 "node-agent and\n"
		 "        its boot environment, from this host's own Debian mirror. What was "
		 "downloaded\n"
		 "        or built before is taken from the cache (PROVISION_CACHE, default\n"
		 "        /var/cache/provision); --refresh asks the mirror for newer packages.\n"
		 "add     registers a version of Kubernetes: from files that are here (binaries, "
		 "and\n"
		 "        archives of container images), or from upstream's releases, checked "
		 "against\n"
		 "        upstream's digests. The version is cluster.yaml's, unless --version says "
		 "another.\n"
		 "        --mirror stands for upstream's hosts. flannel is "
		 "the pod\n"
		 "        network's manifest, which has no digest upstream.\n"
		 "        flatcar and fcos are images that run in memory: upstream's current "
		 "release,\n"
		 "        or that of --version, checked against upstream's digests, and with "
		 "--keyring\n"
		 "        (a binary file of OpenPGP keys, as gpgv reads it) against its "
		 "signatures;\n"
		 "        ignition is any other one with dracut's module ignition, from files. "
		 "Nodes name\n"
		 "        them as image: flatcar-V, fcos-V, ignition-V.\n"
		 "list    shows what is registered: the digest's begin, the size and the path; "
		 "--json "
		 "has\n"
		 "        the whole digest and the bytes.\n"
		 "verify  compares every file with the signed manifest, and names what differs.\n",
	.run = run_assets,
};
