/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "handover.h"
#include "install.h"
#include "target.h"

static int forget(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static mode_t mode_of(const char *top, const char *path)
{
	_cleanup_(freep) char *full = xasprintf("%s%s", top, path);
	struct stat st;

	assert_int_equal(stat(full, &st), 0);
	return st.st_mode & 07777;
}

static void test_write(void **state)
{
	char top[] = "/tmp/test-handover-XXXXXX";
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(identity_freep) struct identity *id = identity_new(), *back = NULL;
	_cleanup_(plan_freep) struct plan *plan = plan_new();
	_cleanup_(freep) char *unit = NULL, *key = NULL, *ours = identity_public(id),
			      *theirs = NULL;
	size_t len;
	int root;

	(void)state;
	if (getuid() != 0)
		skip();
	assert_non_null(mkdtemp(top));
	root = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC);
	plan->node = xstrdup("n1");
	plan->kube.version = xstrdup("1.31.4");
	/* Twice, as after a power cut. */
	for (int i = 0; i < 2; i++)
		assert_ok(handover_write(root, plan, "PEM\n", id, &err), &err);
	assert_int_equal(mode_of(top, INSTALL_DIR), 0700);
	assert_int_equal(mode_of(top, INSTALL_KEY), 0600);
	assert_int_equal(mode_of(top, INSTALL_PLAN), 0600);
	assert_int_equal(mode_of(top, INSTALL_BINARY), 0755);
	key = xasprintf("%s" INSTALL_KEY, top);
	assert_ok(identity_load(AT_FDCWD, key, &back, &err), &err);
	theirs = identity_public(back);
	assert_string_equal(ours, theirs);
	assert_ok(target_read(root, "/etc/systemd/system/multi-user.target.wants/" INSTALL_UNIT,
			      65536, &unit, &len, &err),
		  &err);
	assert_non_null(strstr(unit, "ExecStart=" INSTALL_BINARY " firstboot\n"));
	assert_non_null(strstr(unit, "ConditionPathExists=!" INSTALL_OVER "\n"));
	close(root);
	assert_int_equal(nftw(top, forget, 16, FTW_DEPTH | FTW_PHYS), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
