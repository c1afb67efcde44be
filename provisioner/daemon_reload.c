/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>

#include <systemd/sd-daemon.h>

#include "local_files.h"
#include "log.h"

/* An editor's save is several events; a git pull is many. */
#define SETTLE_US 200000

struct answers {
	const struct site *site;
	int64_t now_ms;
};

static void set_mark(uint64_t *mark, const char *text)
{
	const uint64_t value = site_mark(text);

	if (value)
		__atomic_store_n(mark, value, __ATOMIC_RELAXED);
}

static void set_answer(const struct answers *a, const struct node *n, const struct intent *in)
{
	struct site_node *sn = site_node_of(a->site, n);

	__atomic_store_n(&sn->answer,
			 (unsigned char)boot_answer_of(in, sn->live != LIVE_NONE, a->now_ms),
			 __ATOMIC_RELAXED);
	/* an installation that was only asked for has not told yet */
	set_mark(&sn->uuid_mark, in->hardware.uuid);
	set_mark(&sn->serial_mark, in->hardware.serial);
}

static bool on_intent(const struct intent *in, void *arg)
{
	const struct answers *a = arg;
	const struct node *n = inventory_by_name(a->site->inventory, in->node);

	if (n)
		set_answer(a, n, in);
	return true;
}

int daemon_refresh_answers(struct daemon *d, struct site *site, const char *node, struct err *err)
{
	struct answers a = {site, web_now_ms()};

	/* read and set while the store is held: an older answer never comes after a newer one */
	return store_intents_each(d->web.store, node, on_intent, &a, err);
}

static void wake_loop(struct daemon *d)
{
	const uint64_t one = 1;

	if (write(d->wake_fd, &one, sizeof(one)) < 0)
		return; /* the counter is full: it wakes as well */
}

static int reload_locked(struct daemon *d, struct err *err)
{
	_cleanup_(problems_release) struct problems ps = {0};
	struct site *site = NULL;
	int r;

	if (site_load(&d->paths, &d->started, &site, &ps, err) < 0) {
		problems_log_rest(&ps);
		return -1;
	}
	if (daemon_refresh_answers(d, site, NULL, err) < 0) {
		site_unref(site);
		return -1;
	}
	site_ref(site);
	site_slot_set(d->web.sites, site);
	/* an intent that changed between the two went to the old site only */
	r = daemon_refresh_answers(d, site, NULL, err);
	site_unref(site);
	wake_loop(d);
	return r;
}

static void set_problem(struct daemon *d, const char *text)
{
	pthread_mutex_lock(&d->telling);
	free(d->config_problem);
	d->config_problem = xstrdup(text);
	pthread_mutex_unlock(&d->telling);
}

char *daemon_config_problem(struct daemon *d)
{
	char *text;

	pthread_mutex_lock(&d->telling);
	text = xstrdup(d->config_problem);
	pthread_mutex_unlock(&d->telling);
	return text;
}

int daemon_reload(struct daemon *d, struct err *err)
{
	int r;

	pthread_mutex_lock(&d->reloading);
	r = reload_locked(d, err);
	if (r == 0 || err->kind != ERR_BUSY)
		set_problem(d, r == 0 ? NULL : err_text(err));
	pthread_mutex_unlock(&d->reloading);
	return r;
}

static void say_what_needs_restart(const struct strv *keys)
{
	_cleanup_(freep) char *list = strv_join(keys, ", ");

	if (keys->n)
		log_warning("cluster.yaml: %s: changes with a restart of provisiond", list);
}

/* In the loop: DHCP goes over to the new site. */
static void take_site(struct daemon *d)
{
	struct site *site = site_slot_get(d->web.sites), *old = d->site;
	struct dhcp_config config;

	if (site == old) {
		site_unref(site);
		return;
	}
	say_what_needs_restart(&site->held);
	d->site = site;
	if (d->dhcp) {
		dhcp_config_from(&site->inventory->cluster, &config);
		dhcp_server_reload(d->dhcp, &config);
	}
	site_unref(old);
	log_info("configuration loaded: %zu nodes", site->inventory->n_nodes);
	sd_notifyf(0, "STATUS=%zu nodes", site->inventory->n_nodes);
}

static int on_wake(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	uint64_t count;

	(void)source;
	(void)revents;
	if (read(fd, &count, sizeof(count)) == sizeof(count))
		take_site(arg);
	return 0;
}

static void reload_soon(struct daemon *d);

static int on_change(sd_event_source *source, const struct inotify_event *event, void *arg)
{
	(void)source;
	/* a new file counts once it is written, a new folder is watched from now on */
	if ((event->mask & (IN_CREATE | IN_ISDIR)) == IN_CREATE)
		return 0;
	/* without a name it is the folder itself that is gone; of the assets only the manifest
	 * matters, which is written last */
	if (event->len == 0 || streq(event->name, "manifest.json") ||
	    endswith(event->name, ".yaml") || endswith(event->name, ".ipxe") ||
	    endswith(event->name, ".cfg") || endswith(event->name, ".txt") ||
	    (event->mask & IN_ISDIR))
		reload_soon(arg);
	return 0;
}

/* Anew, because another folder may have that name now. */
static int watch(struct daemon *d, const char *dir, const char *below, sd_event_source **at,
		 struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s%s%s", dir, *below ? "/" : "", below);
	sd_event_source *source = NULL;
	int r = sd_event_add_inotify(d->loop, &source, path,
				     IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM |
					     IN_DELETE | IN_ONLYDIR,
				     on_change, d);

	/* the folders below need not be there */
	if (r < 0 && r != -ENOENT)
		return err_errno(err, ERR_IO, -r, "cannot watch %s", path);
	sd_event_source_disable_unref(*at);
	*at = source;
	return 0;
}

/* A link has no other event than that it was made, and a mode may change alone. */
static int on_file_change(sd_event_source *source, const struct inotify_event *event, void *arg)
{
	(void)source;
	(void)event;
	reload_soon(arg);
	return 0;
}

void daemon_unwatch_files(struct daemon *d)
{
	for (size_t i = 0; i < d->n_file_watches; i++)
		sd_event_source_disable_unref(d->file_watches[i].source);
	free(d->file_watches);
	d->file_watches = NULL;
	d->n_file_watches = 0;
}

/* Anew, because folders come and go. */
static int watch_files(struct daemon *d, struct err *err)
{
	_cleanup_(strv_release) struct strv folders = {0};

	daemon_unwatch_files(d);
	local_files_folders(d->paths.config, &folders);
	for (size_t i = 0; i < folders.n; i++) {
		sd_event_source *source = NULL;
		int r = sd_event_add_inotify(d->loop, &source, folders.v[i],
					     IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO |
						     IN_MOVED_FROM | IN_DELETE | IN_ATTRIB |
						     IN_ONLYDIR,
					     on_file_change, d);

		if (r < 0 && r != -ENOENT)
			return err_errno(err, ERR_IO, -r, "cannot watch %s", folders.v[i]);
		if (r >= 0)
			*ARRAY_APPEND(d->file_watches, d->n_file_watches) =
				(struct file_watch){source};
	}
	return 0;
}

static int watch_all(struct daemon *d, struct err *err)
{
	static const char *const below[] = {
		"", "nodes", "templates", "ipxe-scripts", "grub-configs", "generic", "cloud"};
	_cleanup_(freep) char *assets = paths_assets(&d->paths);

	_Static_assert(ARRAY_SIZE(below) + 1 == DAEMON_WATCHES, "a place for each");
	for (size_t i = 0; i < ARRAY_SIZE(below); i++)
		if (watch(d, d->paths.config, below[i], &d->watches[i], err) < 0)
			return -1;
	if (watch_files(d, err) < 0)
		return -1;
	return watch(d, assets, "", &d->watches[ARRAY_SIZE(below)], err);
}

static int on_settled(sd_event_source *source, uint64_t usec, void *arg)
{
	struct daemon *d = arg;
	_cleanup_(err_release) struct err why = ERR_INIT;

	(void)source;
	(void)usec;
	/* first, so that what changes from now on is loaded once more */
	if (watch_all(d, &why) < 0)
		log_err(&why);
	daemon_work_reload(d);
	return 0;
}

static void reload_soon(struct daemon *d)
{
	uint64_t now;

	sd_event_now(d->loop, CLOCK_MONOTONIC, &now);
	if (d->reload_timer) {
		sd_event_source_set_time(d->reload_timer, now + SETTLE_US);
		sd_event_source_set_enabled(d->reload_timer, SD_EVENT_ONESHOT);
		return;
	}
	sd_event_add_time(d->loop, &d->reload_timer, CLOCK_MONOTONIC, now + SETTLE_US, 0,
			  on_settled, d);
}

static int on_hup(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
	(void)source;
	(void)info;
	reload_soon(arg);
	return 0;
}

int daemon_watch(struct daemon *d, struct err *err)
{
	int r;

	if (watch_all(d, err) < 0)
		return -1;
	r = sd_event_add_signal(d->loop, NULL, SIGHUP, on_hup, d);
	if (r >= 0)
		r = sd_event_add_io(d->loop, NULL, d->wake_fd, EPOLLIN, on_wake, d);
	return r < 0 ? err_errno(err, ERR_INTERNAL, -r, "event loop") : 0;
}
