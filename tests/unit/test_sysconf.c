/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "fsio.h"
#include "golden.h"
#include "runcmd.h"
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

static const char config_text[] =
	"{\"ignition\":{\"version\":\"3.4.0\",\"config\":{\"merge\":[{\"source\":\"data:,"
	"%7B%22ignition%22:%7B%22version%22:%223.4.0%22%7D%2C%22storage%22:%7B%22links%22:"
	"%5B%7B%22path%22:%22/srv/link%22,%22target%22:%22folder%22%7D%5D%7D%7D\"}]}},"
	"\"storage\":{\"directories\":[{\"path\":\"/srv/folder\",\"mode\":448}],"
	"\"files\":[{\"path\":\"/etc/a\",\"mode\":416,\"overwrite\":true,\"contents\":{"
	"\"source\":\"data:,one%0A\"},\"append\":[{\"source\":\"data:,two%0A\"}]}]}}";

struct target {
	char dir[32];
	int fd;
};

static int setup(void **state)
{
	struct target *t = xcalloc(1, sizeof(*t));

	*t = (struct target){"/tmp/test-sysconf-XXXXXX", -1};
	assert_non_null(mkdtemp(t->dir));
	t->fd = open(t->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct target *t = *state;
	const char *const argv[] = {"rm", "-rf", "--", t->dir, NULL};
	const struct runcmd rm = {.argv = argv, .timeout_s = 60};
	struct err err = ERR_INIT;

	assert_ok(runcmd(&rm, NULL, &err), &err);
	close(t->fd);
	free(t);
	return 0;
}

/* All that its fstab is made of, and the config. */
static void add_config(struct plan *p, const char *text)
{
	struct plan_pool *pool = ARRAY_APPEND(p->pools, p->n_pools);
	struct plan_disk *d = ARRAY_APPEND(p->disks, p->n_disks);

	pool->spec.name = xstrdup(POOL_SYSTEM);
	*ARRAY_APPEND(pool->spec.subvolumes, pool->spec.n_subvolumes) =
		(struct subvolume){xstrdup("@"), xstrdup("/")};
	*d = (struct plan_disk){
		.id = xstrdup("S1"), .pool = xstrdup(POOL_SYSTEM), .action = ACTION_ERASE};
	p->rootfs.path = xstrdup("r");
	p->arch = ARCH_AMD64;
	json_decref(p->config);
	p->config = json_loads(text, 0, NULL);
	assert_non_null(p->config);
}

/* Run twice, as after a power cut, the files are the same; what the config includes counts. */
static void test_config(void **state)
{
	const struct target *t = *state;
	_cleanup_(plan_freep) struct plan *p = make(NULL);
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *text = NULL;
	char target[16] = "";
	struct stat st;
	size_t len;

	if (getuid() != 0)
		skip();
	add_config(p, config_text);
	for (int i = 0; i < 2; i++)
		assert_ok(sysconf_write(t->fd, t->dir, p, &err), &err);
	assert_ok(file_read(t->fd, "etc/a", 100, &text, &len, &err), &err);
	assert_string_equal(text, "one\ntwo\n");
	assert_int_equal(fstatat(t->fd, "etc/a", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(fstatat(t->fd, "srv/folder", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(readlinkat(t->fd, "srv/link", target, sizeof(target) - 1), 6);
	assert_string_equal(target, "folder");
}

/* An included config could say of disks what the plan's own must not. */
static void test_include_claims_no_disk(void **state)
{
	const struct target *t = *state;
	_cleanup_(plan_freep) struct plan *p = make(NULL);
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct stat st;

	add_config(p, "{\"ignition\":{\"version\":\"3.4.0\",\"config\":{\"replace\":{\"source\":"
		      "\"data:,%7B%22ignition%22:%7B%22version%22:%223.4.0%22%7D%2C%22storage%22:"
		      "%7B%22disks%22:%5B%7B%22device%22:%22/dev/sda%22,%22wipeTable%22:true%7D"
		      "%5D,%22files%22:%5B%7B%22path%22:%22/etc/a%22%7D%5D%7D%7D\"}}}}");
	assert_fails(sysconf_write(t->fd, t->dir, p, &err), &err, ERR_CONFIG,
		     "$.storage.disks: a plan claims disks by its pools");
	assert_int_equal(fstatat(t->fd, "etc/a", &st, 0), -1);
}

/* The boot loader is set up by the plan's own arguments. */
static void test_include_brings_no_argument(void **state)
{
#define INCLUDED                                                                                   \
	"\"ignition\":{\"version\":\"3.4.0\",\"config\":{\"merge\":[{\"source\":\"data:,%7B%"      \
	"22ignition%22:%7B%"                                                                       \
	"22version%22:%223.4.0%22%7D%2C%22kernelArguments%22:%7B%22shouldExist%22:%5B%22quiet%22%" \
	"5D%7D%7D\"}]}}"
	_cleanup_(plan_freep) struct plan *p = make(NULL), *own = make(NULL);
	_cleanup_(err_release) struct err err = ERR_INIT;

	(void)state;
	add_config(p, "{" INCLUDED "}");
	assert_fails(sysconf_check(p, &err), &err, ERR_CONFIG,
		     "$.kernelArguments.shouldExist: quiet comes from an included config");
	add_config(own,
		   "{" INCLUDED ",\"kernelArguments\":{\"shouldExist\":[\"debug\",\"quiet\"]}}");
	assert_ok(sysconf_check(own, &err), &err);
}

/* The power was cut from a useradd: what it held locked is free for the next one. */
static void test_locks(void **state)
{
	const struct target *t = *state;
	_cleanup_(plan_freep) struct plan *p = make(NULL);
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct stat st;

	add_config(p, "{\"ignition\":{\"version\":\"3.4.0\"}}");
	assert_ok(dir_make(t->fd, "etc", 0755, &err), &err);
	assert_ok(file_write(t->fd, "etc/passwd.lock", "", 0, 0600, &err), &err);
	assert_ok(sysconf_write(t->fd, t->dir, p, &err), &err);
	assert_int_equal(fstatat(t->fd, "etc/passwd.lock", &st, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dhcp),
		cmocka_unit_test(test_static),
		cmocka_unit_test_setup_teardown(test_config, setup, teardown),
		cmocka_unit_test_setup_teardown(test_include_claims_no_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_locks, setup, teardown),
		cmocka_unit_test(test_include_brings_no_argument),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
