/* SPDX-License-Identifier: Apache-2.0 */
#include "import/matchbox_import.h"

#include "fsio.h"
#include "import/matchbox_boot.h"
#include "import/matchbox_dir.h"
#include "import/matchbox_node.h"
#include "import/matchbox_template.h"
#include "plan_build.h"
#include "inventory_edit.h"
#include "parse.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* One group that became a record. */
struct made {
	struct node node;
	const struct matchbox_group *group;
	struct matchbox_profile *profile;
	struct matchbox_texts texts;
};

struct run {
	int dirfd;
	struct matchbox_dir dir;
	const struct inventory *inv;
	struct made *made;
	size_t n;
	struct matchbox_import *ret;
};

static void run_release(struct run *run)
{
	for (size_t i = 0; i < run->n; i++) {
		node_release(&run->made[i].node);
		free(run->made[i].texts.template);
		free(run->made[i].texts.generic);
		free(run->made[i].texts.cloud);
		strv_release(&run->made[i].texts.arguments);
	}
	free(run->made);
	matchbox_dir_release(&run->dir);
	closep(&run->dirfd);
}

static void add_file(struct matchbox_import *im, char *path, char *text)
{
	*ARRAY_APPEND(im->files, im->n_files) = (struct import_file){path, text};
}

/* Two groups of one machine: an installation of Matchbox has one for the installer and one, with
 * os: installed, for what the machine is afterwards. That is the one that counts here. */
static bool is_taken(struct run *run, const struct made *m)
{
	for (size_t i = 0; i < run->n; i++)
		for (size_t k = 0; k < run->made[i].node.n_macs; k++) {
			if (mac_compare(&run->made[i].node.macs[k], &m->node.macs[0]) != 0)
				continue;
			problems_add(&run->ret->left, m->group->file, 0, 0,
				     "$.selector: is of the machine that %s is of; here a machine "
				     "has one record",
				     run->made[i].group->file);
			return true;
		}
	return false;
}

/* The names of nodes that came before it are taken. */
static bool name_is_taken(const struct run *run, const char *name)
{
	for (size_t i = 0; i < run->n; i++)
		if (streq(run->made[i].node.name, name))
			return true;
	return inventory_by_name(run->inv, name) != NULL;
}

static void choose_name(const struct run *run, struct made *m)
{
	_cleanup_(freep) char *base = TAKE_PTR(m->node.name);

	m->node.name = xstrdup(base);
	for (unsigned int i = 2; name_is_taken(run, m->node.name); i++) {
		free(m->node.name);
		m->node.name = xasprintf("%.50s-%u", base, i);
	}
}

static void read_group(struct run *run, const struct matchbox_group *g)
{
	struct made m = {.group = g, .profile = matchbox_profile_find(&run->dir, g->profile)};

	if (!matchbox_node_read(g, &m.node, &run->ret->left))
		return;
	if (is_taken(run, &m)) {
		node_release(&m.node);
		return;
	}
	choose_name(run, &m);
	if (!m.profile) {
		_cleanup_(freep) char *shown = printable_text(g->profile, strlen(g->profile));

		problems_add(&run->ret->left, g->file, 0, 0,
			     "$.profile: there is no profile \"%s\", so the record has neither its "
			     "image nor its template",
			     shown);
	} else {
		struct problems again = {0};

		/* a profile is told once */
		matchbox_boot_read(m.profile, &m.node, m.profile->used ? &again : &run->ret->left);
		problems_release(&again);
		matchbox_template_make(run->dirfd, g, m.profile,
				       node_image(&m.node, &run->inv->cluster), !m.profile->used,
				       &m.texts, &run->ret->left);
		for (size_t i = 0; i < m.texts.arguments.n; i++)
			if (!strv_has(&m.node.kernel_arguments, m.texts.arguments.v[i]))
				strv_add(&m.node.kernel_arguments, m.texts.arguments.v[i]);
		m.profile->used = true;
	}
	*ARRAY_APPEND(run->made, run->n) = m;
}

static bool selects_installed(const struct matchbox_group *g)
{
	const char *os = json_string_value(json_object_get(g->selector, "os"));

	return os && streq(os, "installed");
}

static void read_groups(struct run *run)
{
	for (size_t i = 0; i < run->dir.n_groups; i++)
		if (selects_installed(&run->dir.groups[i]))
			read_group(run, &run->dir.groups[i]);
	for (size_t i = 0; i < run->dir.n_groups; i++)
		if (!selects_installed(&run->dir.groups[i]))
			read_group(run, &run->dir.groups[i]);
}

/* Whether all nodes of the profile have one text. */
static bool is_common(const struct run *run, const struct matchbox_profile *p)
{
	const char *first = NULL;

	for (size_t i = 0; i < run->n; i++) {
		if (run->made[i].profile != p || !run->made[i].texts.template)
			continue;
		if (first && !streq(first, run->made[i].texts.template))
			return false;
		first = run->made[i].texts.template;
	}
	return true;
}

static void add_template(struct run *run, const struct matchbox_profile *p, const struct made *one,
			 bool common)
{
	_cleanup_(strv_release) struct strv names = {0};
	_cleanup_(freep) char *id = matchbox_name(p->id);

	for (size_t i = 0; i < run->n; i++)
		if (&run->made[i] == one || (common && run->made[i].profile == p))
			strv_add(&names, run->made[i].node.name);
	add_file(run->ret,
		 common ? xasprintf("templates/50-matchbox-%s.yaml", id)
			: xasprintf("templates/50-matchbox-%s-%s.yaml", id, one->node.name),
		 matchbox_template_text(p, one->texts.template, &names));
	run->ret->n_templates++;
}

static void add_templates(struct run *run)
{
	for (size_t i = 0; i < run->dir.n_profiles; i++) {
		const struct matchbox_profile *p = &run->dir.profiles[i];
		const bool common = is_common(run, p);

		for (size_t k = 0; k < run->n; k++) {
			const struct made *m = &run->made[k];

			if (m->profile != p || !m->texts.template)
				continue;
			add_template(run, p, m, common);
			if (common)
				break;
		}
	}
}

static void add_nodes(struct run *run)
{
	for (size_t i = 0; i < run->n; i++)
		add_file(run->ret, inventory_new_file(&run->made[i].node),
			 node_to_yaml(&run->made[i].node, run->inv));
	for (size_t i = 0; i < run->n; i++) {
		struct made *m = &run->made[i];

		if (m->texts.generic)
			add_file(run->ret, xasprintf("generic/%s.txt", m->node.name),
				 TAKE_PTR(m->texts.generic));
		if (m->texts.cloud)
			add_file(run->ret, xasprintf("cloud/%s.yaml", m->node.name),
				 TAKE_PTR(m->texts.cloud));
	}
	run->ret->n_nodes = run->n;
}

/* Profiles of no record, and the files that no profile of a record names. */
static int tell_unused(struct run *run, struct err *err)
{
	static const char *const folders[] = {"ignition", "cloud", "generic"};

	for (size_t i = 0; i < run->dir.n_profiles; i++)
		if (!run->dir.profiles[i].used)
			problems_add(&run->ret->left, run->dir.profiles[i].file, 0, 0,
				     "is the profile of no record; no template was made of it");
	for (size_t f = 0; f < ARRAY_SIZE(folders); f++) {
		_cleanup_(strv_release) struct strv names = {0};

		if (matchbox_dir_list(run->dirfd, folders[f], &names, &run->ret->left, err) < 0)
			return -1;
		for (size_t i = 0; i < names.n; i++) {
			_cleanup_(freep) char *shown =
				printable_text(names.v[i], strlen(names.v[i]));
			_cleanup_(freep) char *file = xasprintf("%s/%s", folders[f], shown);
			bool used = false;

			for (size_t k = 0; k < run->dir.n_profiles; k++) {
				const struct matchbox_profile *p = &run->dir.profiles[k];
				const char *const ids[] = {p->ignition_id, p->cloud_id,
							   p->generic_id};

				used = used || (p->used && ids[f] && streq(ids[f], names.v[i]));
			}
			if (!used)
				problems_add(&run->ret->left, file, 0, 0,
					     "is named by the profile of no record");
		}
	}
	return 0;
}

int matchbox_import(const char *dir, const struct inventory *inv, struct matchbox_import *ret,
		    struct err *err)
{
	_cleanup_(run_release) struct run run = {
		.dirfd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), .inv = inv, .ret = ret};

	if (run.dirfd < 0)
		return err_errno(err, ERR_USAGE, errno, "%s", dir);
	if (matchbox_dir_read(run.dirfd, &run.dir, &ret->left, err) < 0)
		return err_wrap(err, "%s", dir);
	read_groups(&run);
	if (tell_unused(&run, err) < 0)
		return err_wrap(err, "%s", dir);
	add_nodes(&run);
	add_templates(&run);
	problems_sort(&ret->left);
	return 0;
}

void matchbox_import_release(struct matchbox_import *im)
{
	for (size_t i = 0; i < im->n_files; i++) {
		free(im->files[i].path);
		free(im->files[i].text);
	}
	free(im->files);
	problems_release(&im->left);
	*im = (struct matchbox_import){0};
}
