/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "limits.h"
#include "runcmd.h"

#include <signal.h>
#include <stdio.h>

#define SH(script) ((const char *const[]){"sh", "-c", (script), NULL})

static void keeps_output(void **state)
{
	struct err err = ERR_INIT;
	char *out = NULL;

	(void)state;
	assert_ok(runcmd(&(struct runcmd){.argv = SH("echo one; echo two >&2; printf three")}, &out,
			 &err),
		  &err);
	assert_string_equal(out, "one\nthree");
	free(out);
}

static void tells_status_and_last_line(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_fails(runcmd_argv(SH("echo first >&2; echo 'no room' >&2; echo >&2; exit 3"), &err),
		     &err, ERR_IO, "sh ended with status 3: no room");
	assert_fails(runcmd_argv(SH("kill -9 $$"), &err), &err, ERR_IO, "signal 9");
	assert_fails(runcmd_argv((const char *const[]){"no-such-program", NULL}, &err), &err,
		     ERR_IO, "cannot run no-such-program: No such file");
}

static void gives_input(void **state)
{
	struct err err = ERR_INIT;
	size_t n = 200 * 1024; /* more than a pipe holds */
	char *in = xmalloc(n), *out = NULL;

	(void)state;
	memset(in, 'x', n);
	assert_ok(runcmd(&(struct runcmd){.argv = SH("cat"), .input = in, .input_len = n}, &out,
			 &err),
		  &err);
	assert_int_equal(strlen(out), n);
	free(out);
	/* one that reads none of it */
	assert_ok(runcmd(&(struct runcmd){.argv = SH("exec true"), .input = in, .input_len = n},
			 NULL, &err),
		  &err);
	free(in);
}

static void bounds_output(void **state)
{
	struct err err = ERR_INIT;
	char *out = NULL;

	(void)state;
	assert_fails(runcmd(&(struct runcmd){.argv = SH("yes | head -c 300000")}, &out, &err), &err,
		     ERR_IO, "wrote more than");
	assert_null(out);
	/* nobody asked for it: then it is no error */
	assert_ok(runcmd_argv(SH("yes | head -c 300000"), &err), &err);
}

static void stops_in_time(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	/* the grandchild holds the pipes open, and goes as well */
	assert_fails(runcmd(&(struct runcmd){.argv = SH("cat /dev/zero >/dev/null & exec tail -f "
							"/dev/null"),
					     .timeout_s = 1},
			    NULL, &err),
		     &err, ERR_BUSY, "within 1 s");
}

static void add_line(const char *line, void *arg)
{
	strv_add(arg, line);
}

static void gives_lines(void **state)
{
	struct err err = ERR_INIT;
	struct strv lines = {0};

	(void)state;
	assert_ok(runcmd(&(struct runcmd){.argv = SH("printf 'a\\rb\\n\\nend'"),
					  .on_line = add_line,
					  .arg = &lines},
			 NULL, &err),
		  &err);
	assert_int_equal(lines.n, 4);
	assert_string_equal(lines.v[1], "b");
	assert_string_equal(lines.v[3], "end");
	strv_release(&lines);
}

static void environment_is_given(void **state)
{
	static const char *const env[] = {"PATH=/usr/bin:/bin", "WORD=here", NULL};
	struct err err = ERR_INIT;
	char *out = NULL;

	(void)state;
	setenv("NOT_PASSED", "1", 1);
	assert_ok(runcmd(&(struct runcmd){.argv = SH("echo $WORD$NOT_PASSED"), .env = env}, &out,
			 &err),
		  &err);
	assert_string_equal(out, "here\n");
	free(out);
}

static void descriptors_stay_home(void **state)
{
	struct err err = ERR_INIT;
	_cleanup_(closep) int fd = dup(2); /* without O_CLOEXEC */
	_cleanup_(freep) char *script = xasprintf("test ! -e /proc/self/fd/%d", fd);

	(void)state;
	assert_ok(runcmd_argv(SH(script), &err), &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_output),
		cmocka_unit_test(tells_status_and_last_line),
		cmocka_unit_test(gives_input),
		cmocka_unit_test(bounds_output),
		cmocka_unit_test(stops_in_time),
		cmocka_unit_test(gives_lines),
		cmocka_unit_test(environment_is_given),
		cmocka_unit_test(descriptors_stay_home),
	};

	return cmocka_run_group_tests_name("runcmd", tests, NULL, NULL);
}
