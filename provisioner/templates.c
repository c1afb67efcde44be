/* SPDX-License-Identifier: Apache-2.0 */
#include "templates.h"

#include "butane.h"
#include "config_merge.h"
#include "fsio.h"
#include "limits.h"
#include "live_image.h"
#include "parse.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define ENDING ".yaml"

struct owned {
	struct template *it;
};

struct templates {
	struct owned *t; /* sorted by name */
	size_t n;
	struct local_files *files;
};

/* What has to be there: the second set for images that run in memory. */
static const char *const bases[] = {"base" ENDING, "live" ENDING};
static const char *const flavours[][FLAVOUR_MAX] = {
	{"kubernetes-node" ENDING, "k3s-node" ENDING},
	{"live-kubernetes-node" ENDING, "live-k3s-node" ENDING},
};

static bool is_live(const struct node *n, const struct cluster *c)
{
	const char *image = n->image ? n->image : c->image;

	return image && image_is_live(image);
}

struct templates *templates_new(void)
{
	struct templates *t = xcalloc(1, sizeof(*t));

	t->files = xcalloc(1, sizeof(*t->files));
	return t;
}

struct templates *templates_free(struct templates *t)
{
	if (!t)
		return NULL;
	for (size_t i = 0; i < t->n; i++)
		template_free(t->t[i].it);
	free(t->t);
	local_files_free(t->files);
	free(t);
	return NULL;
}

const struct local_files *templates_files(const struct templates *t)
{
	return t->files;
}

static int by_name(const void *name, const void *t)
{
	return strcmp(name, ((const struct owned *)t)->it->name);
}

static const struct template *find(const struct templates *t, const char *name)
{
	const struct owned *found =
		t->n ? bsearch(name, t->t, t->n, sizeof(*found), by_name) : NULL;

	return found ? found->it : NULL;
}

/* "NN-name.yaml" */
static bool is_numbered(const char *name)
{
	return isdigit((unsigned char)name[0]) && isdigit((unsigned char)name[1]) &&
	       name[2] == '-' && name[3];
}

/* Takes new. */
static void place(struct templates *t, struct template *new)
{
	size_t i = 0;

	while (i < t->n && strcmp(t->t[i].it->name, new->name) < 0)
		i++;
	if (i < t->n && streq(t->t[i].it->name, new->name)) {
		template_free(t->t[i].it);
		t->t[i].it = new;
		return;
	}
	(void)ARRAY_APPEND(t->t, t->n);
	memmove(&t->t[i + 1], &t->t[i], (t->n - 1 - i) * sizeof(*t->t));
	t->t[i].it = new;
}

/* What can be told of it before there is a node; the inlined files have been read. */
static int check_draft(const struct templates *t, const struct template *new, struct problems *ps)
{
	const struct butane b = {t->files, NULL, ps};
	_cleanup_config_ struct config_item *filled = template_fill(new, NULL, ps);
	_cleanup_config_ struct config_item *translated = NULL;

	if (new->match.n && !is_numbered(new->name)) {
		problems_add(ps, new->file, new->match.line, new->match.column,
			     "match: this file is chosen by its name; a match goes into a file "
			     "NN-name" ENDING " with two digits");
		return -1;
	}
	translated = filled ? butane_translate(&b, filled) : NULL;
	return translated ? 0 : -1;
}

static int add(struct templates *t, const char *file, const char *text, size_t len,
	       bool is_override, struct problems *ps)
{
	_cleanup_(template_freep) struct template *new = template_parse(file, text, len, ps);

	if (!new || check_draft(t, new, ps) < 0)
		return -1;
	if (t->n >= LIMIT_TEMPLATES) {
		problems_add(ps, file, 0, 0, "there are too many templates");
		return -1;
	}
	new->is_override = is_override;
	place(t, TAKE_PTR(new));
	return 0;
}

int templates_add(struct templates *t, const char *file, const char *text, size_t len,
		  struct problems *ps)
{
	return add(t, file, text, len, false, ps);
}

static void load_file(struct templates *t, int dir, const char *file, const char *shown,
		      bool is_override, struct problems *ps)
{
	_cleanup_(freep) char *text = NULL;
	struct err err = ERR_INIT;
	size_t len = 0;

	if (file_read(dir, file, LIMIT_YAML_BYTES, &text, &len, &err) < 0) {
		problems_add(ps, shown, 0, 0, "%s", err_text(&err));
		err_release(&err);
	} else if (add(t, shown, text, len, is_override, ps) < 0) {
		return; /* told in ps */
	}
}

/* Every *.yaml of a folder; an absent one only matters when it is the shipped one. */
static void load_folder(struct templates *t, const char *top, const char *folder, bool is_override,
			struct problems *ps)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", top, folder);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (!d) {
		if (!is_override || errno != ENOENT)
			problems_add(ps, path, 0, 0, "the folder cannot be read: %s",
				     strerror(errno));
		closep(&fd);
		return;
	}
	while ((e = readdir(d))) {
		_cleanup_(freep) char *shown = xasprintf("%s/%s", folder, e->d_name);

		if (e->d_name[0] == '.')
			continue;
		if (endswith(e->d_name, ENDING))
			load_file(t, fd, e->d_name, shown, is_override, ps);
		else if (is_override && (endswith(e->d_name, ".yml") || endswith(e->d_name, ".bu")))
			problems_add(ps, shown, 0, 0,
				     "is not read; the names of templates end in " ENDING);
	}
	closedir(d);
}

int templates_load(const char *data_dir, const char *config_dir, struct templates **ret,
		   struct problems *ps)
{
	_cleanup_(templates_freep) struct templates *t = templates_new();
	struct local_files *files = NULL;
	size_t before = ps->n;

	if (local_files_load(config_dir, &files, ps) < 0)
		return -1;
	local_files_free(t->files);
	t->files = files;
	load_folder(t, data_dir, "ignition-templates", false, ps);
	load_folder(t, config_dir, "templates", true, ps);
	if (ps->n > before)
		return -1;
	*ret = TAKE_PTR(t);
	return 0;
}

struct chosen {
	const struct template *it;
};

/* The templates of one node, in their order. */
struct choice {
	struct chosen *t;
	size_t n;
};

static void choice_release(struct choice *choice)
{
	free(choice->t);
}

/* The one of that name, where there is one. Takes name. */
static void choose(const struct templates *t, char *name, struct choice *choice)
{
	const struct template *found = find(t, name);

	if (found)
		*ARRAY_APPEND(choice->t, choice->n) = (struct chosen){found};
	free(name);
}

static struct choice choose_all(const struct templates *t, const struct node *n,
				const struct cluster *c)
{
	const bool live = is_live(n, c);
	struct choice choice = {0};

	choose(t, xstrdup(bases[live]), &choice);
	choose(t, xstrdup(flavours[live][c->flavour]), &choice);
	choose(t, xasprintf("role-%s" ENDING, role_name(n->role)), &choice);
	choose(t, xasprintf("arch-%s" ENDING, arch_name(n->arch)), &choice);
	choose(t, xasprintf("network-%s" ENDING, c->network), &choice);
	for (size_t i = 0; i < t->n; i++)
		if (is_numbered(t->t[i].it->name) && template_match_holds(&t->t[i].it->match, n))
			*ARRAY_APPEND(choice.t, choice.n) = (struct chosen){t->t[i].it};
	choose(t, xasprintf("node-%s" ENDING, n->name), &choice);
	return choice;
}

static const struct template *need(const struct templates *t, const char *name, struct problems *ps)
{
	const struct template *found = find(t, name);

	if (!found)
		problems_add(ps, name, 0, 0,
			     "there is no such template; it comes with the program");
	return found;
}

struct config_item *templates_merge(const struct templates *t, const struct node *n,
				    const struct cluster *c, const json_t *values,
				    struct problems *ps)
{
	_cleanup_(choice_release) struct choice choice = choose_all(t, n, c);
	_cleanup_config_ struct config_item *config = NULL;
	const bool live = is_live(n, c);
	const struct template *base = need(t, bases[live], ps);
	bool failed = false;

	if (!base || !need(t, flavours[live][c->flavour], ps))
		return NULL;
	config = config_item_new(CONFIG_MAP, (struct origin){base->file, 1, 1});
	for (size_t i = 0; i < choice.n; i++) {
		struct config_item *layer = template_fill(choice.t[i].it, values, ps);

		if (layer)
			config_merge(config, layer);
		else
			failed = true;
	}
	return failed ? NULL : TAKE_PTR(config);
}

/* Every name that some node of these could take, and the ones that go by what a cluster may be. */
static void list_names(const struct node *nodes, size_t n, const struct cluster *c,
		       struct strv *names)
{
	for (size_t k = 0; k < ARRAY_SIZE(bases); k++) {
		strv_add(names, bases[k]);
		for (size_t i = 0; i < FLAVOUR_MAX; i++)
			strv_add(names, flavours[k][i]);
	}
	for (int i = 0; i < ROLE_MAX; i++)
		strv_take(names, xasprintf("role-%s" ENDING, role_name((enum node_role)i)));
	for (int i = 0; i < ARCH_MAX; i++)
		strv_take(names, xasprintf("arch-%s" ENDING, arch_name((enum arch)i)));
	strv_take(names, xasprintf("network-%s" ENDING, c->network));
	for (size_t i = 0; i < n; i++)
		strv_take(names, xasprintf("node-%s" ENDING, nodes[i].name));
}

static void tell_unused(const struct template *t, const struct strv *names, struct problems *ps)
{
	const char *near;

	if (strv_has(names, t->name)) {
		problems_add(ps, t->file, 1, 1,
			     "no node takes this template; remove it, or keep it by a name that "
			     "does not end in " ENDING);
		return;
	}
	near = nearest_name(t->name, (const char *const *)names->v, names->n);
	problems_add(ps, t->file, 1, 1, "no node takes a template of this name; %s%s%s",
		     near ? "did you mean \"" : "",
		     near ? near
			  : "it is chosen by NN-name" ENDING " with a match, or a name that "
			    "provision.yaml(5) lists",
		     near ? "\"?" : "");
}

static size_t index_of(const struct templates *t, const struct template *one)
{
	size_t i = 0;

	while (t->t[i].it != one)
		i++;
	return i;
}

void templates_check_used(const struct templates *t, const struct cluster *c,
			  const struct node *nodes, size_t n, struct problems *ps)
{
	_cleanup_(freep) bool *used = xcalloc(t->n + 1, sizeof(*used));
	_cleanup_(strv_release) struct strv names = {0};

	list_names(nodes, n, c, &names);
	for (size_t i = 0; i < n; i++) {
		_cleanup_(choice_release) struct choice choice = choose_all(t, &nodes[i], c);

		for (size_t k = 0; k < choice.n; k++)
			used[index_of(t, choice.t[k].it)] = true;
	}
	for (size_t i = 0; i < t->n; i++) {
		const struct template *one = t->t[i].it;
		bool numbered = is_numbered(one->name);

		if (!one->is_override)
			continue;
		/* also of a file that some node takes: one of its values may be misspelt */
		if (numbered && n)
			template_match_check(&one->match, one->file, nodes, n, ps);
		else if (!numbered && !used[i] && (n || !strv_has(&names, one->name)))
			tell_unused(one, &names, ps);
	}
}
