/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_scene.h"

#include <dirent.h>

#include "ign_files.h"

static int make(struct ign_scene *s, const char *storage, struct err *err)
{
	_cleanup_(freep) char *text =
		xasprintf("{\"ignition\": {\"version\": \"3.4.0\"}, \"storage\": %s}", storage);
	_cleanup_json_ json_t *config = scene_config(text);
	struct ign_fetch *fetch = ign_fetch_new();
	int r = ign_files_make(&s->root, fetch, config, err);

	ign_fetch_free(fetch);
	return r;
}

static mode_t mode_of(const struct ign_scene *s, const char *path)
{
	return scene_stat(s, path).st_mode & 07777;
}

static void rename_to(const struct ign_scene *s, const char *from, const char *to)
{
	_cleanup_(freep) char *a = scene_path(s, from), *b = scene_path(s, to);

	assert_int_equal(rename(a, b), 0);
}

/* What is left of a try that failed, beside what was there: nothing. */
static void has_entries(const struct ign_scene *s, const char *path, unsigned int n)
{
	_cleanup_(freep) char *full = scene_path(s, path);
	DIR *dir = opendir(full);
	unsigned int found = 0;

	assert_non_null(dir);
	while (readdir(dir))
		found++;
	closedir(dir);
	assert_int_equal(found, n + 2);
}

static void test_new(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	assert_ok(make(s,
		       "{\"files\": [{\"path\": \"/a/b/file\", \"contents\": {\"source\": "
		       "\"data:,one\"}, \"append\": [{\"source\": \"data:,two\"}]}, {\"path\": "
		       "\"/empty\", \"mode\": 384}, {\"path\": \"/a/d/in\", \"mode\": 2541}], "
		       "\"directories\": [{\"path\": \"/a/d\", \"mode\": 1533}, {\"path\": "
		       "\"/a/e/f\"}], \"links\": [{\"path\": \"/l\", \"target\": \"/a/b/file\"}, "
		       "{\"path\": \"/h\", \"target\": \"/a/b/file\", \"hard\": true}]}",
		       &err),
		  &err);
	assert_there(s, "/a/b/file", "onetwo");
	assert_int_equal(mode_of(s, "/a/b/file"), 0644);
	assert_int_equal(mode_of(s, "/a/b"), 0755);
	assert_int_equal(mode_of(s, "/empty"), 0600);
	assert_int_equal(mode_of(s, "/a/d"), 02775);
	assert_int_equal(mode_of(s, "/a/d/in"), 04755);
	assert_int_equal(mode_of(s, "/a/e/f"), 0755);
	assert_there(s, "/l", "-> /a/b/file");
	assert_int_equal(scene_stat(s, "/h").st_ino, scene_stat(s, "/a/b/file").st_ino);
	has_entries(s, "/a/b", 1);
}

static void test_root_itself(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	assert_ok(make(s, "{\"directories\": [{\"path\": \"/\", \"mode\": 448}]}", &err), &err);
	assert_int_equal(mode_of(s, "/"), 0700);
	assert_fails(make(s, "{\"directories\": [{\"path\": \"/\", \"overwrite\": true}]}", &err),
		     &err, ERR_REFUSED, "$.storage.directories[0]: / is the root itself");
	assert_fails(make(s, "{\"files\": [{\"path\": \"/\"}]}", &err), &err, ERR_REFUSED,
		     "$.storage.files[0]");
}

static void test_in_the_way(void **state)
{
	static const char *const entries[] = {
		"{\"files\": [{\"path\": \"/etc/file\", \"contents\": {\"source\": \"data:,x\"}}]}",
		"{\"files\": [{\"path\": \"/etc/dir\"}]}",
		"{\"files\": [{\"path\": \"/etc/link\"}]}",
		"{\"files\": [{\"path\": \"/etc/fifo\", \"append\": [{\"source\": \"data:,x\"}]}]}",
		"{\"directories\": [{\"path\": \"/etc/file\"}]}",
		"{\"directories\": [{\"path\": \"/etc/link\"}]}",
		"{\"links\": [{\"path\": \"/etc/file\", \"target\": \"x\"}]}",
		"{\"links\": [{\"path\": \"/etc/link\", \"target\": \"x\"}]}",
		("{\"links\": [{\"path\": \"/etc/link\", \"target\": \"/etc/file\", \"hard\": "
		 "true}]}"),
	};
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *fifo = scene_path(s, "/etc/fifo");

	scene_put(s, "/etc/file", "old");
	scene_put(s, "/etc/dir/in", "old");
	scene_link(s, "/etc/link", "dir");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		assert_fails(make(s, entries[i], &err), &err, ERR_REFUSED, "stands there");
	assert_there(s, "/etc/file", "old");
	assert_there(s, "/etc/dir/in", "old");
	assert_there(s, "/etc/link", "-> dir");
	has_entries(s, "/etc", 4);
}

static void test_overwrite(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	scene_put(s, "/etc/file", "old");
	scene_put(s, "/etc/dir/sub/in", "old");
	scene_put(s, "/etc/dir2/in", "old");
	scene_link(s, "/etc/link", "../../outside/file");
	scene_put(s, "/etc/file2", "old");
	assert_ok(
		make(s,
		     "{\"files\": [{\"path\": \"/etc/file\", \"overwrite\": true, \"contents\": "
		     "{\"source\": \"data:,new\"}}, {\"path\": \"/etc/dir\", \"overwrite\": true, "
		     "\"contents\": {\"source\": \"data:,new\"}}, {\"path\": \"/etc/link\", "
		     "\"overwrite\": true, \"contents\": {\"source\": \"data:,new\"}}], "
		     "\"directories\": [{\"path\": \"/etc/dir2\", \"overwrite\": true}], "
		     "\"links\": [{\"path\": \"/etc/file2\", \"overwrite\": true, \"target\": "
		     "\"x\"}]}",
		     &err),
		&err);
	assert_there(s, "/etc/file", "new");
	assert_there(s, "/etc/dir", "new");
	assert_there(s, "/etc/link", "new");
	assert_there(s, "/etc/dir2/in", "nothing");
	assert_there(s, "/etc/file2", "-> x");
	has_entries(s, "/etc", 5);
}

/* A digest that does not match, a server that stalls: all the same to what was there. */
static void test_failed_fetch(void **state)
{
	static const char *const bad = "\"source\": \"data:,x\", \"verification\": {\"hash\": "
				       "\"sha256-0000000000000000000000000000000000000000000000000"
				       "000000000000000\"}";
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *file = NULL, *folder = NULL, *append = NULL;

	scene_put(s, "/etc/file", "old");
	scene_put(s, "/etc/dir/in", "old");
	file = xasprintf("{\"files\": [{\"path\": \"/etc/file\", \"overwrite\": true, "
			 "\"contents\": {%s}}]}",
			 bad);
	folder = xasprintf("{\"files\": [{\"path\": \"/etc/dir\", \"overwrite\": true, "
			   "\"contents\": {%s}}]}",
			   bad);
	append = xasprintf("{\"files\": [{\"path\": \"/etc/file\", \"append\": [{\"source\": "
			   "\"data:,y\"}, {%s}]}]}",
			   bad);
	assert_fails(make(s, file, &err), &err, ERR_VERIFY, "$.storage.files[0]");
	assert_fails(make(s, folder, &err), &err, ERR_VERIFY, "$.storage.files[0]");
	assert_fails(make(s, append, &err), &err, ERR_VERIFY, "$.storage.files[0].append[1]");
	assert_there(s, "/etc/file", "old");
	assert_there(s, "/etc/dir/in", "old");
	has_entries(s, "/etc", 2);
}

static void test_existing(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *file = scene_path(s, "/etc/file");

	scene_put(s, "/etc/file", "old");
	assert_int_equal(chmod(file, 0640), 0);
	scene_folder(s, "/etc/dir", 01777);
	scene_link(s, "/etc/link", "./dir//x/..");
	/* nothing said: nothing changed */
	assert_ok(make(s,
		       "{\"files\": [{\"path\": \"/etc/file\"}], \"directories\": [{\"path\": "
		       "\"/etc/dir\"}], \"links\": [{\"path\": \"/etc/link\", \"target\": "
		       "\"dir\"}]}",
		       &err),
		  &err);
	assert_there(s, "/etc/file", "old");
	assert_int_equal(mode_of(s, "/etc/file"), 0640);
	assert_int_equal(mode_of(s, "/etc/dir"), 01777);
	assert_there(s, "/etc/link", "-> ./dir//x/..");
	assert_ok(make(s,
		       "{\"files\": [{\"path\": \"/etc/file\", \"append\": [{\"source\": "
		       "\"data:,new\"}]}], \"directories\": [{\"path\": \"/etc/dir\", \"mode\": "
		       "448}]}",
		       &err),
		  &err);
	assert_there(s, "/etc/file", "oldnew");
	assert_int_equal(mode_of(s, "/etc/file"), 0640);
	assert_int_equal(mode_of(s, "/etc/dir"), 0700);
}

static void test_owner(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	if (getuid() != 0)
		skip();
	scene_put(s, "/etc/passwd", "core:x:1234:1235::/home/core:/bin/sh\n");
	scene_put(s, "/etc/group", "team:x:4321:\n");
	assert_ok(make(s,
		       "{\"files\": [{\"path\": \"/f\", \"user\": {\"name\": \"core\"}, \"group\": "
		       "{\"name\": \"team\"}}], \"directories\": [{\"path\": \"/d\", \"user\": "
		       "{\"id\": 77}, \"group\": {\"id\": 88}, \"mode\": 3565}], \"links\": "
		       "[{\"path\": \"/l\", \"target\": \"nowhere\", \"user\": {\"name\": "
		       "\"core\"}}, {\"path\": \"/beside\", \"target\": \"etc/passwd\"}]}",
		       &err),
		  &err);
	assert_int_equal(scene_stat(s, "/f").st_uid, 1234);
	assert_int_equal(scene_stat(s, "/f").st_gid, 4321);
	assert_int_equal(scene_stat(s, "/d").st_uid, 77);
	assert_int_equal(scene_stat(s, "/d").st_gid, 88);
	assert_int_equal(mode_of(s, "/d"), 06755);
	assert_int_equal(scene_stat(s, "/l").st_uid, 1234);
	assert_int_equal(scene_stat(s, "/l").st_gid, 0);
	/* upstream: a link without an owner gets that of its target */
	assert_ok(make(s,
		       "{\"links\": [{\"path\": \"/relative\", \"target\": \"f\"}, {\"path\": "
		       "\"/absolute\", \"target\": \"/f\"}]}",
		       &err),
		  &err);
	assert_int_equal(scene_stat(s, "/relative").st_uid, 1234);
	assert_int_equal(scene_stat(s, "/absolute").st_uid, 0);
	scene_put(s, "/etc/passwd", "root:x:7:0::/root:/bin/sh\n");
	assert_ok(
		make(s, "{\"files\": [{\"path\": \"/r\", \"user\": {\"name\": \"root\"}}]}", &err),
		&err);
	assert_int_equal(scene_stat(s, "/r").st_uid, 7);
	assert_fails(
		make(s, "{\"files\": [{\"path\": \"/g\", \"user\": {\"name\": \"cor\"}}]}", &err),
		&err, ERR_CONFIG, "$.storage.files[0].user.name");
	assert_there(s, "/g", "nothing");
}

/* Links of the root that point out of it lead to places in it. */
static void test_hostile_links(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *outside = xasprintf("%s/outside", s->top);
	_cleanup_(freep) char *inside = xasprintf("%s/file", outside);

	scene_link(s, "/up", "../outside");
	scene_link(s, "/abs", outside);
	scene_link(s, "/chain", "/abs/../../../../up");
	assert_ok(make(s,
		       "{\"files\": [{\"path\": \"/abs/file\", \"contents\": {\"source\": "
		       "\"data:,x\"}}, {\"path\": \"/chain/file\", \"contents\": {\"source\": "
		       "\"data:,y\"}}], \"links\": [{\"path\": \"/hard\", \"hard\": true, "
		       "\"target\": \"/abs/../outside/file\"}]}",
		       &err),
		  &err);
	assert_there(s, inside, "x");
	assert_there(s, "/outside/file", "y");
	assert_fails(make(s,
			  "{\"links\": [{\"path\": \"/stolen\", \"hard\": true, \"target\": "
			  "\"/../../outside/nothing\"}]}",
			  &err),
		     &err, ERR_NOT_FOUND, "$.storage.links[0]");
	assert_fails(make(s, "{\"files\": [{\"path\": \"/abs/file/x\"}]}", &err), &err, ERR_IO,
		     "$.storage.files[0]");
}

static void test_same_place(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	scene_folder(s, "/usr/lib", 0755);
	scene_link(s, "/lib", "usr/lib");
	assert_fails(make(s,
			  "{\"files\": [{\"path\": \"/usr/lib/x\"}, {\"path\": \"/y\"}], "
			  "\"directories\": [{\"path\": \"/lib/x\"}]}",
			  &err),
		     &err, ERR_CONFIG, "are both /usr/lib/x");
	assert_there(s, "/y", "nothing");
}

/* What a cut attempt made is made again, and nothing is added twice. */
static void test_again(void **state)
{
	static const char storage[] =
		"{\"files\": [{\"path\": \"/etc/new\", \"contents\": {\"source\": \"data:,one\"}, "
		"\"append\": [{\"source\": \"data:,two\"}]}, {\"path\": \"/etc/old\", \"append\": "
		"[{\"source\": \"data:,more\"}]}], \"directories\": [{\"path\": \"/srv/d\"}], "
		"\"links\": [{\"path\": \"/srv/l\", \"target\": \"d\"}]}";
	static const char careful[] =
		"{\"files\": [{\"path\": \"/etc/new\", \"overwrite\": false, \"contents\": "
		"{\"source\": \"data:,onetwo\"}}]}";
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	scene_put(s, "/etc/old", "old");
	s->root.installed = true;
	for (int i = 0; i < 2; i++)
		assert_ok(make(s, storage, &err), &err);
	assert_there(s, "/etc/new", "onetwo");
	assert_there(s, "/etc/old", "oldmore");
	scene_put(s, "/etc/new", "another");
	assert_ok(make(s, storage, &err), &err);
	assert_there(s, "/etc/new", "onetwo");
	assert_ok(make(s, careful, &err), &err);
	scene_put(s, "/etc/new", "another");
	assert_fails(make(s, careful, &err), &err, ERR_REFUSED, "/etc/new");
	assert_there(s, "/etc/new", "another");
	has_entries(s, "/etc", 2);
}

/* A hard link of a cut attempt is one to the file that stood where its target is made anew. */
static void test_hard_again(void **state)
{
	static const char *const storages[] = {
		"{\"files\": [{\"path\": \"/etc/new\", \"contents\": {\"source\": "
		"\"data:,one\"}}], \"links\": [{\"path\": \"/srv/h\", \"hard\": true, "
		"\"target\": \"/etc/new\"}]}",
		"{\"files\": [{\"path\": \"/etc/new\", \"overwrite\": false, \"contents\": "
		"{\"source\": \"data:,one\"}}], \"links\": [{\"path\": \"/srv/h\", \"hard\": "
		"true, \"overwrite\": false, \"target\": \"/etc/new\"}]}",
	};
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	s->root.installed = true;
	for (size_t i = 0; i < ARRAY_SIZE(storages); i++)
		for (int run = 0; run < 2; run++) {
			assert_ok(make(s, storages[i], &err), &err);
			assert_there(s, "/srv/h", "one");
			assert_int_equal(scene_stat(s, "/srv/h").st_ino,
					 scene_stat(s, "/etc/new").st_ino);
		}
	/* somebody else's is replaced as a file would be: not against the entry's word */
	scene_put(s, "/srv/other", "two");
	rename_to(s, "/srv/other", "/srv/h");
	assert_fails(make(s, storages[1], &err), &err, ERR_REFUSED, "$.storage.links[0]: /srv/h");
	assert_there(s, "/srv/h", "two");
	assert_ok(make(s, storages[0], &err), &err);
	assert_there(s, "/srv/h", "one");
	has_entries(s, "/srv", 1);
}

/* A folder of an adopted pool, with somebody's data in it, is nobody's to replace. */
static void test_keeps_folders(void **state)
{
	static const char *const storages[] = {
		"{\"links\": [{\"path\": \"/srv/photos\", \"target\": \"x\", \"overwrite\": "
		"true}]}",
		"{\"links\": [{\"path\": \"/srv/photos\", \"target\": \"/etc/old\", \"hard\": "
		"true, "
		"\"overwrite\": true}]}",
		"{\"files\": [{\"path\": \"/srv/photos\", \"overwrite\": true, \"contents\": "
		"{\"source\": "
		"\"data:,x\"}}]}",
	};
	struct ign_scene *s = *state;

	scene_put(s, "/etc/old", "old");
	scene_put(s, "/srv/photos/one", "a photo");
	s->root.installed = true;
	for (size_t i = 0; i < ARRAY_SIZE(storages); i++) {
		struct err err = ERR_INIT;

		assert_fails(make(s, storages[i], &err), &err, ERR_REFUSED, "/srv/photos");
		assert_there(s, "/srv/photos/one", "a photo");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(test_root_itself),  scene_test(test_new),
		scene_test(test_in_the_way),   scene_test(test_overwrite),
		scene_test(test_failed_fetch), scene_test(test_existing),
		scene_test(test_owner),        scene_test(test_hostile_links),
		scene_test(test_same_place),   scene_test(test_again),
		scene_test(test_hard_again),   scene_test(test_keeps_folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
