/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "fs_table.h"

static void add_subvolume(struct pool_spec *p, const char *name, const char *mount)
{
	*ARRAY_APPEND(p->subvolumes, p->n_subvolumes) =
		(struct subvolume){xstrdup(name), xstrdup(mount)};
}

static struct plan_pool *add_pool(struct plan *p, const char *name)
{
	struct plan_pool *pool = ARRAY_APPEND(p->pools, p->n_pools);

	pool->spec.name = xstrdup(name);
	return pool;
}

static struct plan *make_plan(void)
{
	struct plan *p = plan_new();
	struct plan_pool *pool = add_pool(p, "system");
	struct plan_disk *d = ARRAY_APPEND(p->disks, p->n_disks);

	p->node = xstrdup("n1");
	p->arch = ARCH_AMD64;
	*ARRAY_APPEND(p->macs, p->n_macs) = (struct mac){{2, 0, 0, 0, 0, 1}};
	p->rootfs.path = xstrdup("r");
	d->id = xstrdup("S1");
	d->pool = xstrdup("system");
	d->action = ACTION_ERASE;
	add_subvolume(&pool->spec, "@home", "/home");
	add_subvolume(&pool->spec, "@", "/");
	pool = add_pool(p, "tank");
	pool->adopt = true;
	pool->fs_uuid = xstrdup("11111111-2222-3333-4444-555555555555");
	pool->spec.mount = xstrdup("/srv/my tank");
	pool->spec.compression = xstrdup("none");
	add_subvolume(&pool->spec, "unmounted", NULL);
	return p;
}

static void in_an_order_that_mounts(void **state)
{
	struct plan *p = make_plan();
	struct err err = ERR_INIT;
	struct fs_table t;

	(void)state;
	assert_ok(fs_table_build(p, &t, &err), &err);
	assert_int_equal(t.n, 4);
	assert_string_equal(t.m[0].path, "/");
	assert_string_equal(t.m[0].options, "subvol=@,compress=zstd:1");
	assert_true(t.m[0].needed);
	assert_string_equal(t.m[1].path, "/boot/efi");
	assert_int_equal(strlen(t.m[1].uuid), 9);
	assert_ptr_equal(t.m[1].esp, &p->disks[0]);
	assert_string_equal(t.m[3].uuid, "11111111-2222-3333-4444-555555555555");
	assert_false(t.m[3].needed);
	fs_table_release(&t);
	plan_free(p);
}

static void fstab_text(void **state)
{
	struct plan *p = make_plan();
	struct err err = ERR_INIT;
	struct fs_table t;
	char *text;

	(void)state;
	assert_ok(fs_table_build(p, &t, &err), &err);
	text = fs_table_format(&t);
	assert_non_null(strstr(text, " / btrfs subvol=@,compress=zstd:1,"
				     "x-systemd.device-timeout=10min 0 0\n"));
	assert_non_null(strstr(text, " /boot/efi vfat umask=0077,"
				     "x-systemd.device-timeout=10min,nofail 0 0\n"));
	assert_non_null(strstr(text, "\nUUID=11111111-2222-3333-4444-555555555555 /srv/my\\040tank "
				     "btrfs subvolid=5,"
				     "x-systemd.device-timeout=10min,nofail 0 0\n"));
	free(text);
	fs_table_release(&t);
	plan_free(p);
}

static void one_path_one_file_system(void **state)
{
	struct plan *p = make_plan();
	struct err err = ERR_INIT;
	struct fs_table t;

	(void)state;
	add_subvolume(&p->pools[1].spec, "again", "/home");
	assert_fails(fs_table_build(p, &t, &err), &err, ERR_CONFIG, "at /home");
	plan_free(p);
	p = plan_new();
	add_pool(p, "system");
	assert_fails(fs_table_build(p, &t, &err), &err, ERR_CONFIG, "mount: /");
	plan_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_an_order_that_mounts),
		cmocka_unit_test(fstab_text),
		cmocka_unit_test(one_path_one_file_system),
	};

	return cmocka_run_group_tests_name("fs_table", tests, NULL, NULL);
}
