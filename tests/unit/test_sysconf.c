/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>

#include "golden.h"
#include "sysconf.h"

static struct plan *make(const char *address)
{
	struct plan *p = plan_new();
	struct err err = ERR_INIT;

	p->node = xstrdup("n1");
	assert_ok(mac_parse("52:54:00:00:00:01", ARRAY_APPEND(p->macs, p->n_macs), &err), &err);
	if (address)
		assert_ok(ipv4_net_parse(address, &p->network.address, &err), &err);
	return p;
}

static void test_dhcp(void **state)
{
	_cleanup_(plan_freep) struct plan *p = make(NULL);
	_cleanup_(freep) char *network = sysconf_network(p), *hosts = sysconf_hosts(p);

	(void)state;
	golden_compare(network, "sysconf/dhcp.network");
	golden_compare(hosts, "sysconf/dhcp.hosts");
	assert_null(sysconf_network_others(p));
	assert_null(sysconf_timesyncd(p));
}

static void test_static(void **state)
{
	_cleanup_(plan_freep) struct plan *p = make("10.0.0.11/24");
	_cleanup_(freep) char *network = NULL, *others = NULL, *hosts = NULL, *time = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(mac_parse("52:54:00:00:00:02", ARRAY_APPEND(p->macs, p->n_macs), &err), &err);
	assert_ok(mac_parse("52:54:00:00:00:03", ARRAY_APPEND(p->macs, p->n_macs), &err), &err);
	assert_ok(ipv4_parse("10.0.0.1", &p->network.router, &err), &err);
	assert_ok(ipv4_parse("10.0.0.2", &p->network.dns[0], &err), &err);
	assert_ok(ipv4_parse("10.0.0.3", &p->network.dns[1], &err), &err);
	p->network.n_dns = 2;
	p->network.domain = xstrdup("lab.example");
	strv_add(&p->network.ntp, "10.0.0.1");
	strv_add(&p->network.ntp, "ntp.lab.example");
	network = sysconf_network(p);
	others = sysconf_network_others(p);
	hosts = sysconf_hosts(p);
	time = sysconf_timesyncd(p);
	golden_compare(network, "sysconf/static.network");
	golden_compare(others, "sysconf/others.network");
	golden_compare(hosts, "sysconf/static.hosts");
	assert_string_equal(time, "[Time]\nNTP=10.0.0.1 ntp.lab.example\n");
}

static struct plan_file *add_file(struct plan *p, const char *path, const char *contents)
{
	struct plan_file *f = ARRAY_APPEND(p->files, p->n_files);

	f->path = xstrdup(path);
	f->mode = 0640;
	f->contents = xstrdup(contents);
	f->len = strlen(contents);
	return f;
}

/* Run twice, as after a power cut, the files are the same. */
static void test_files(void **state)
{
	_cleanup_(plan_freep) struct plan *p = make(NULL);
	_cleanup_(err_release) struct err err = ERR_INIT;
	char dir[] = "/tmp/test-sysconf-XXXXXX";
	_cleanup_(freep) char *text = NULL, *path = NULL;
	_cleanup_(closep) int root = -1;
	struct stat st;
	size_t len;

	(void)state;
	if (getuid() != 0)
		skip();
	assert_non_null(mkdtemp(dir));
	root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	add_file(p, "/etc/a", "one\n");
	add_file(p, "/etc/a", "two\n")->append = true;
	add_file(p, "/srv/folder", "")->is_directory = true;
	add_file(p, "/srv/link", "")->link_target = xstrdup("folder");
	for (int i = 0; i < 2; i++)
		assert_ok(sysconf_files(root, p, &err), &err);
	path = xasprintf("%s/etc/a", dir);
	assert_ok(file_read(AT_FDCWD, path, 100, &text, &len, &err), &err);
	assert_string_equal(text, "one\ntwo\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	for (size_t i = 0; i < 6; i++) {
		static const char *const made[] = {"etc/a",      "etc", "srv/link",
						   "srv/folder", "srv", ""};
		_cleanup_(freep) char *one = xasprintf("%s/%s", dir, made[i]);

		assert_int_equal(remove(one), 0);
	}
}

/* The power was cut from a useradd: what it held locked is free for the next one. */
static void test_locks(void **state)
{
	_cleanup_(plan_freep) struct plan *p = make(NULL);
	_cleanup_(err_release) struct err err = ERR_INIT;
	char dir[] = "/tmp/test-sysconf-XXXXXX";
	_cleanup_(freep) char *etc = NULL, *lock = NULL;
	_cleanup_(closep) int root = -1;

	(void)state;
	assert_non_null(mkdtemp(dir));
	etc = xasprintf("%s/etc", dir);
	lock = xasprintf("%s/passwd.lock", etc);
	assert_int_equal(mkdir(etc, 0755), 0);
	root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_ok(file_write(root, "etc/passwd.lock", "", 0, 0600, &err), &err);
	assert_ok(sysconf_users(root, dir, p, &err), &err);
	assert_int_equal(access(lock, F_OK), -1);
	assert_int_equal(rmdir(etc), 0);
	assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dhcp),
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_locks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
