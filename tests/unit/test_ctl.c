/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "ctl.h"
#include "fsio.h"

struct fixture {
	char dir[64];
	char *path;
	struct ctl *ctl;
	struct err err;
	int has_events; /* atomic: what `events` has to tell */
};

static int run(void *arg, const char *op, const json_t *args, json_t **ret, struct err *err)
{
	struct fixture *f = arg;

	if (streq(op, "events"))
		*ret = json_pack("{s:[]}", "events");
	else if (streq(op, "echo"))
		*ret = json_deep_copy(args);
	else
		return err_set(err, ERR_REFUSED, "not that: \"%s\"", op);
	if (streq(op, "events") && __atomic_load_n(&f->has_events, __ATOMIC_ACQUIRE))
		json_array_append_new(json_object_get(*ret, "events"), json_integer(1));
	return 0;
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct ctl_options o = {.group = (gid_t)-1, .run = run, .arg = f};

	memcpy(f->dir, "/tmp/test_ctl.XXXXXX", sizeof("/tmp/test_ctl.XXXXXX"));
	*state = f;
	if (!mkdtemp(f->dir))
		return -1;
	f->path = xasprintf("%s/run/ctl", f->dir);
	return ctl_listen(f->path, (gid_t)-1, &o.listen_fd, &f->err) < 0
		       ? -1
		       : ctl_start(&o, &f->ctl, &f->err);
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	_cleanup_(freep) char *run_dir = xasprintf("%s/run", f->dir);

	ctl_stop(f->ctl);
	unlink(f->path);
	rmdir(run_dir);
	rmdir(f->dir);
	free(f->path);
	free(f);
	return 0;
}

static int dial(const struct fixture *f)
{
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(sa.sun_path, f->path, strlen(f->path) + 1);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

static void say(int fd, const char *text)
{
	struct err err = ERR_INIT;

	assert_ok(fd_write_all(fd, text, strlen(text), &err), &err);
}

/* One line, or what came before the other side hung up. */
static char *hear(int fd)
{
	char *line = xcalloc(1, 200000);
	size_t n = 0;

	while (n < 199999 && read(fd, line + n, 1) == 1 && line[n] != '\n')
		n++;
	line[n] = '\0';
	return line;
}

static void assert_answer(int fd, const char *question, const char *wanted)
{
	_cleanup_(freep) char *got = NULL;

	say(fd, question);
	got = hear(fd);
	if (!strstr(got, wanted))
		fail_msg("got %s", got);
}

static void questions_are_answered_in_their_order(void **state)
{
	struct fixture *f = *state;
	_cleanup_(closep) int fd = dial(f);
	_cleanup_(freep) char *second = NULL;

	assert_answer(
		fd, "{\"op\":\"echo\",\"args\":{\"a\":1}}\n{\"op\":\"echo\",\"args\":{\"a\":2}}\n",
		"{\"ok\":{\"a\":1}}");
	second = hear(fd);
	assert_string_equal(second, "{\"ok\":{\"a\":2}}");
}

static void errors_keep_their_kind(void **state)
{
	struct fixture *f = *state;
	_cleanup_(closep) int fd = dial(f);

	assert_answer(fd, "{\"op\":\"sing\"}\n",
		      "{\"error\":{\"kind\":\"refused\",\"message\":\"not that: \\\"sing\\\"\"}}");
	assert_answer(fd, "nonsense\n", "\"kind\":\"protocol\"");
	assert_answer(fd, "{}\n", "$.op is missing");
	assert_answer(fd, "[]\n", "$.op is missing");
	assert_answer(fd, "{\"op\":\"echo\",\"args\":{\"a\":3}}\n", "\"a\":3");
}

static void a_line_without_end_is_hung_up(void **state)
{
	struct fixture *f = *state;
	_cleanup_(closep) int fd = dial(f), other = -1;
	char chunk[4096];
	size_t sent = 0;

	memset(chunk, 'x', sizeof(chunk));
	while (sent < 1024 * 1024) {
		ssize_t n = send(fd, chunk, sizeof(chunk), MSG_NOSIGNAL);

		if (n < 0)
			break;
		sent += (size_t)n;
	}
	assert_true(sent < 1024 * 1024);
	other = dial(f);
	assert_answer(other, "{\"op\":\"echo\",\"args\":{}}\n", "{\"ok\":{}}");
}

static void who_waits_is_told_when_something_happens(void **state)
{
	struct fixture *f = *state;
	_cleanup_(closep) int fd = dial(f), other = dial(f);

	say(fd, "{\"op\":\"events\",\"args\":{\"wait\":60}}\n");
	/* an answer to somebody else: the question above was taken and waits */
	assert_answer(other, "{\"op\":\"events\"}\n", "{\"ok\":{\"events\":[]}}");
	__atomic_store_n(&f->has_events, 1, __ATOMIC_RELEASE);
	ctl_changed(f->ctl);
	assert_answer(fd, "", "{\"ok\":{\"events\":[1]}}");
}

static void who_hangs_up_while_waiting_is_forgotten(void **state)
{
	struct fixture *f = *state;
	_cleanup_(closep) int other = dial(f);
	int fd = dial(f);

	say(fd, "{\"op\":\"events\",\"args\":{\"wait\":60}}\n");
	close(fd);
	assert_answer(other, "{\"op\":\"events\"}\n", "{\"ok\":{\"events\":[]}}");
	ctl_changed(f->ctl);
	assert_answer(other, "{\"op\":\"events\"}\n", "{\"ok\":{\"events\":[]}}");
}

static void the_socket_is_ours_alone(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	int fd;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	assert_fails(ctl_listen(f->path, (gid_t)-1, &fd, &f->err), &f->err, ERR_BUSY,
		     "another provisiond");
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(questions_are_answered_in_their_order),
		EACH(errors_keep_their_kind),
		EACH(a_line_without_end_is_hung_up),
		EACH(who_waits_is_told_when_something_happens),
		EACH(who_hangs_up_while_waiting_is_forgotten),
		EACH(the_socket_is_ours_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
