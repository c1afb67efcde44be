/* SPDX-License-Identifier: Apache-2.0 */
#include "phase.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "fsio.h"
#include "log.h"

#define RETRY_FIRST_MS 5000
#define RETRY_MOST_MS  60000

bool phase_is_retried(enum err_kind kind)
{
	return kind == ERR_NETWORK || kind == ERR_BUSY;
}

/* Waits, and delivers meanwhile what is queued. */
static void wait_ms(struct phase_loop *loop, int ms)
{
	if (loop->wait)
		loop->wait(loop->arg, ms);
	else
		poll(NULL, 0, ms);
	report_send(loop->report);
}

static void said(void *arg, const char *text)
{
	(void)arg;
	log_warning("the provisioner does not take the events yet: %s", text);
}

/* A trace that cannot be kept only makes the next start say less. */
static void leave_trace(const struct phase_loop *loop, const struct phase *p)
{
	const char *name = phase_name(p->name);
	struct err ignored = ERR_INIT;

	if (loop->trace &&
	    file_write(AT_FDCWD, loop->trace, name, strlen(name), 0600, &ignored) < 0)
		err_release(&ignored);
}

static void read_trace(const struct phase_loop *loop)
{
	static const char text[] = "was cut short: by the power, or because it took longer than it "
				   "may; started again";
	_cleanup_(freep) char *name = NULL;
	struct err ignored = ERR_INIT;
	enum phase_name p;
	size_t len;

	if (!loop->trace)
		return;
	if (file_read(AT_FDCWD, loop->trace, 64, &name, &len, &ignored) < 0) {
		err_release(&ignored);
		return;
	}
	unlink(loop->trace);
	p = phase_parse(name);
	if (p == PHASE_INVALID || resume_has(loop->resume, p))
		return;
	log_warning("%s: %s", name, text);
	/* a note: the phase goes on, and nobody has to do anything */
	report_add(loop->report, p, EVENT_NOTE, 0, text);
}

/* What has to be done of the phase. again: it was over before this start. */
static int carry_out(const struct phase_loop *loop, const struct phase *p, bool again,
		     struct err *err)
{
	int r = 0;

	if (again)
		return p->again ? p->again(loop->arg, err) : 0;
	if (p->check)
		r = p->check(loop->arg, err);
	if (r == 0) {
		r = p->run(loop->arg, err);
		if (r < 0 && p->undo)
			p->undo(loop->arg);
	}
	return r;
}

static int attempt(struct phase_loop *loop, const struct phase *p, bool again, struct err *err)
{
	int r;

	leave_trace(loop, p);
	alarm(p->timeout_s);
	r = carry_out(loop, p, again, err);
	alarm(0);
	if (loop->trace)
		unlink(loop->trace);
	return r;
}

static void over(struct phase_loop *loop, const struct phase *p)
{
	log_info("%s: done", phase_name(p->name));
	loop->resume->done[p->name] = true;
	report_add(loop->report, p->name, EVENT_DONE, 100, NULL);
	if (p->acknowledged)
		report_flush(loop->report, said, NULL);
}

static void begin(struct phase_loop *loop, const struct phase *p, bool again)
{
	log_info("%s: %s", phase_name(p->name), again ? "was done before" : "started");
	if (!again)
		report_add(loop->report, p->name, EVENT_STARTED, 0, NULL);
}

static void failed(struct phase_loop *loop, const struct phase *p, const struct err *why)
{
	_cleanup_(freep) char *text = xasprintf("%s; %s", err_text(why), loop->after_failure);

	report_add(loop->report, p->name, EVENT_FAILED, 0, text);
}

static int run_one(struct phase_loop *loop, const struct phase *p, bool again, struct err *err)
{
	const char *name = phase_name(p->name);
	int retry_ms = RETRY_FIRST_MS;

	begin(loop, p, again);
	for (;;) {
		_cleanup_(err_release) struct err why = ERR_INIT;

		loop->shown = 0;
		if (p->announced && !again)
			report_flush(loop->report, said, NULL);
		if (attempt(loop, p, again, &why) == 0) {
			if (!again)
				over(loop, p);
			return 0;
		}
		if (!phase_is_retried(why.kind)) {
			failed(loop, p, &why);
			err_move(err, &why);
			return err_wrap(err, "%s", name);
		}
		log_warning("%s: %s; tried again in %d s", name, err_text(&why), retry_ms / 1000);
		/* no `started` follows: until there is progress, the phase waits */
		report_add(loop->report, p->name, EVENT_WAITING, 0, err_text(&why));
		wait_ms(loop, retry_ms);
		retry_ms = retry_ms * 2 > RETRY_MOST_MS ? RETRY_MOST_MS : retry_ms * 2;
	}
}

int phase_run(struct phase_loop *loop, struct err *err)
{
	read_trace(loop);
	for (size_t i = 0; i < loop->n; i++) {
		const struct phase *p = &loop->table[i];

		loop->current = p->name;
		if (run_one(loop, p, resume_has(loop->resume, p->name), err) < 0)
			return -1;
	}
	return 0;
}

void phase_progress(struct phase_loop *loop, unsigned int percent, const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	if ((int)percent / 10 > loop->shown / 10) {
		loop->shown = (int)percent;
		log_info("%s: %u %%%s%s", phase_name(loop->current), percent, *text ? " " : "",
			 text);
	}
	report_add(loop->report, loop->current, EVENT_PROGRESS, percent, text);
}
