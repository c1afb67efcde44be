/* SPDX-License-Identifier: Apache-2.0 */
/* tests/disk/ignition.bats locks disks. */
#include "unit.h"

#include "ign_lock.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>

static char file[] = "/tmp/test-ign-lock-XXXXXX";

static int make_file(void **state)
{
	int fd = mkstemp(file);

	(void)state;
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

static void holds_until_release(void **state)
{
	_cleanup_(closep) int other = open(file, O_RDONLY | O_CLOEXEC);
	struct ign_locks locks = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ign_lock_take(&locks, file, 0, &err), &err);
	/* of a disk that is named twice there is one */
	assert_ok(ign_lock_take(&locks, file, 0, &err), &err);
	assert_int_equal(locks.n, 1);
	assert_int_equal(flock(other, LOCK_SH | LOCK_NB), -1);
	ign_locks_release(&locks);
	assert_int_equal(flock(other, LOCK_SH | LOCK_NB), 0);
}

/* udev, with its shared lock, is reading it. */
static void waits_for_others(void **state)
{
	_cleanup_(closep) int other = open(file, O_RDONLY | O_CLOEXEC);
	struct ign_locks locks = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(flock(other, LOCK_SH | LOCK_NB), 0);
	assert_fails(ign_lock_take(&locks, file, 100, &err), &err, ERR_BUSY,
		     "another program has locked /tmp/test-ign-lock-");
	assert_int_equal(locks.n, 0);
	assert_int_equal(flock(other, LOCK_UN), 0);
	assert_ok(ign_lock_take(&locks, file, 100, &err), &err);
	ign_locks_release(&locks);
}

static void passes_over_what_is_no_disk(void **state)
{
	static const char text[] =
		"{\"disks\":[{\"device\":\"/dev/nowhere\"},{\"device\":\"/dev/null\"}],"
		"\"raid\":[{\"devices\":[\"/etc/passwd\"]}],\"luks\":[{}],"
		"\"filesystems\":[{\"device\":\"/dev/disk/by-label/none\",\"format\":\"ext4\"}]}";
	_cleanup_json_ json_t *storage = NULL;
	struct ign_locks locks = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(jsonx_parse(text, strlen(text), "storage", &storage, &err), &err);
	assert_ok(ign_lock_storage(&locks, storage, &err), &err);
	assert_ok(ign_lock_storage(&locks, NULL, &err), &err);
	assert_int_equal(locks.n, 0);
	assert_fails(ign_lock_take(&locks, "/nowhere", 0, &err), &err, ERR_IO, "/nowhere");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_until_release),
		cmocka_unit_test(waits_for_others),
		cmocka_unit_test(passes_over_what_is_no_disk),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
