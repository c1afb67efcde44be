/* SPDX-License-Identifier: Apache-2.0 */
/* The thread beside the loop, for what reads files or waits for a disk: DHCP does not wait for it.
 */
#include "daemon.h"

#include <time.h>

#include <systemd/sd-daemon.h>

#include "log.h"

#define HOUSEKEEPING_S 5

enum job { JOB_RELOAD, JOB_HOUSEKEEPING, JOB_STOP };

/* Waits for the next one. due: of the housekeeping. */
static enum job next_job(struct daemon_work *w, const struct timespec *due)
{
	enum job job;
	int r = 0;

	pthread_mutex_lock(&w->mutex);
	while (!w->stop && !w->reload && r == 0)
		r = pthread_cond_timedwait(&w->asked, &w->mutex, due);
	job = w->stop ? JOB_STOP : w->reload ? JOB_RELOAD : JOB_HOUSEKEEPING;
	w->reload = false;
	pthread_mutex_unlock(&w->mutex);
	return job;
}

/* Whether it has to be tried again. */
static bool reload(struct daemon *d)
{
	_cleanup_(err_release) struct err why = ERR_INIT;

	if (daemon_reload(d, &why) == 0)
		return false;
	if (why.kind == ERR_BUSY)
		return true;
	log_err(&why);
	log_warning("the last good configuration stays in force");
	sd_notify(0, "STATUS=the configuration is wrong; the last good one is in force");
	return false;
}

/* Unknown machines to the store, intents that nobody used in time. */
static void keep_house(struct daemon *d)
{
	_cleanup_(err_release) struct err why = ERR_INIT;

	if (unknown_flush(d->web.unknown, d->web.store, &why) < 0 ||
	    store_intents_expire(d->web.store, web_now_ms(), &why) < 0)
		log_err(&why);
}

static void *work(void *arg)
{
	struct daemon *d = arg;
	bool again = false;
	struct timespec due;
	enum job job;

	clock_gettime(CLOCK_MONOTONIC, &due);
	due.tv_sec += HOUSEKEEPING_S;
	while ((job = next_job(&d->work, &due)) != JOB_STOP) {
		if (job == JOB_RELOAD || again)
			again = reload(d);
		if (job == JOB_RELOAD)
			continue;
		keep_house(d);
		clock_gettime(CLOCK_MONOTONIC, &due);
		due.tv_sec += HOUSEKEEPING_S;
	}
	return NULL;
}

int daemon_work_start(struct daemon *d, struct err *err)
{
	struct daemon_work *w = &d->work;
	pthread_condattr_t attr;
	int r;

	pthread_mutex_init(&w->mutex, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->asked, &attr);
	pthread_condattr_destroy(&attr);
	r = pthread_create(&w->thread, NULL, work, d);
	if (r)
		return err_errno(err, ERR_INTERNAL, r, "the thread beside the loop");
	w->runs = true;
	return 0;
}

static void ask(struct daemon_work *w, bool *what)
{
	pthread_mutex_lock(&w->mutex);
	*what = true;
	pthread_cond_signal(&w->asked);
	pthread_mutex_unlock(&w->mutex);
}

void daemon_work_reload(struct daemon *d)
{
	ask(&d->work, &d->work.reload);
}

void daemon_work_stop(struct daemon *d)
{
	struct daemon_work *w = &d->work;

	if (!w->runs)
		return;
	ask(w, &w->stop);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->asked);
	pthread_mutex_destroy(&w->mutex);
	w->runs = false;
}
