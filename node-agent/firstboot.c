/* SPDX-License-Identifier: Apache-2.0 */
#include "firstboot.h"

#include <fcntl.h>
#include <poll.h>

#include "disks.h"
#include "fsio.h"
#include "handover.h"
#include "install.h"
#include "kube.h"
#include "limits.h"
#include "log.h"
#include "ready.h"

#define MINUTES(n) (60 * (n))
/* How long a node may take from having joined to Ready: images come over a slow line, too. */
#define READY_LIMIT_S MINUTES(60)
/* The cluster is asked this often; kubelet reports every 10 s. */
#define READY_ASK_MS 2000

static void tell(uint64_t done, uint64_t total, const char *what, void *arg)
{
	struct install *i = arg;
	unsigned int percent = total ? (unsigned int)(done * 100 / total) : 0;

	phase_progress(&i->loop, percent, "%s", what ? what : "");
}

static const struct kube *kube_of(const struct install *i)
{
	return kube_find(i->claim.plan->kube.flavour);
}

static int run_firstboot(void *arg, struct err *err)
{
	struct install *i = arg;
	struct progress progress = {tell, i};

	if (i->claim.plan->kube.action == KUBE_NONE)
		return 0;
	return kube_of(i)->import(i->claim.plan, &progress, err);
}

static int get_secrets(struct install *i, struct kube_secrets *ret, struct err *err)
{
	_cleanup_json_ json_t *request = json_object(), *reply = NULL;
	char id[SHA256_TEXT_SIZE];
	long status;

	jsonx_put_string(request, "planId", sha256_format(&i->claim.plan_id, id));
	if (api_post(i->api, "/v1/secrets/join", request, LIMIT_PLAN_BYTES, &status, &reply, err) <
		    0 ||
	    kube_secrets_from_json(reply, ret, err) < 0)
		return -1;
	return kube_secrets_fit(i->claim.plan, ret, err);
}

static int run_join(void *arg, struct err *err)
{
	struct install *i = arg;
	_cleanup_(kube_secrets_release) struct kube_secrets secrets = {.kind = SECRETS_INVALID};
	struct progress progress = {tell, i};

	if (i->claim.plan->kube.action == KUBE_NONE)
		return 0;
	/* The power may have been cut between having joined and the event that says so. Nothing
	 * else tells: of the files of a member, none says that the others have reached the disk. */
	if (access(INSTALL_JOINED, F_OK) == 0)
		return 0;
	if (get_secrets(i, &secrets, err) < 0 ||
	    kube_of(i)->join(i->claim.plan, &secrets, &progress, err) < 0)
		return -1;
	/* kubelet and k3s sync neither the node's credentials nor their configuration */
	sync();
	return file_write(AT_FDCWD, INSTALL_JOINED, "", 0, 0600, err);
}

/* One question. *ret_text is what stands in the way, NULL when nothing does; caller frees. */
static unsigned int ask_ready(const struct install *i, const char *boot_id, char **ret_text)
{
	_cleanup_(err_release) struct err trouble = ERR_INIT;
	bool ready = false;

	if (ready_ask(kube_of(i)->kubectl, i->claim.plan->node, boot_id, &ready, ret_text,
		      &trouble) == 0)
		return ready ? 100 : 50;
	*ret_text = xstrdup(err_text(&trouble));
	return 10;
}

/* Until the node is Ready; the phase's own time-out ends it. What stands in the way is told when it
 * changes. */
static void wait_for_ready(struct install *i, const char *boot_id)
{
	_cleanup_(freep) char *said = xstrdup("");

	for (;;) {
		_cleanup_(freep) char *why = NULL;
		unsigned int percent = ask_ready(i, boot_id, &why);

		if (!why)
			return;
		if (!streq(why, said)) {
			log_info("ready: not yet: %s", why);
			free(said);
			said = TAKE_PTR(why);
			report_add(i->report, PHASE_READY, EVENT_PROGRESS, percent, said);
		}
		poll(NULL, 0, READY_ASK_MS);
		report_send(i->report);
	}
}

static int run_ready(void *arg, struct err *err)
{
	struct install *i = arg;
	_cleanup_(freep) char *boot_id = NULL;

	if (i->claim.plan->kube.action == KUBE_NONE)
		return 0;
	if (ready_boot_id(&boot_id, err) < 0)
		return -1;
	wait_for_ready(i, boot_id);
	return 0;
}

static const struct phase phases[] = {
	{.name = PHASE_FIRSTBOOT, .run = run_firstboot, .timeout_s = MINUTES(60)},
	{.name = PHASE_JOIN, .run = run_join, .timeout_s = MINUTES(120)},
	{.name = PHASE_READY, .run = run_ready, .timeout_s = READY_LIMIT_S, .acknowledged = true},
};

static json_t *make_request(void *arg, struct err *err)
{
	struct machine machine;
	struct disk_list disks;
	json_t *j;

	(void)arg;
	if (disks_read(NULL, &disks, err) < 0)
		return NULL;
	machine_read("/sys", &machine);
	j = claim_request(&machine, &disks, NULL, true);
	machine_release(&machine);
	disk_list_release(&disks);
	return j;
}

static void wait_for_word(void *arg, int ms)
{
	(void)arg;
	poll(NULL, 0, ms);
}

static int run(struct install *i, struct err *err)
{
	if (install_claim(i, make_request, wait_for_word, NULL, err) < 0)
		return -1;
	if (i->claim.state == CLAIM_CLAIMED)
		return err_set(
			err, ERR_REFUSED,
			"this system was not finished: the provisioner still has it as being "
			"written; boot the machine from the network");
	if (i->claim.state == CLAIM_WRITTEN) {
		install_report(i, INSTALL_EVENTS);
		if (install_run(i, phases, ARRAY_SIZE(phases), INSTALL_TRACE,
				"tried again in " INSTALL_RESTART_S " s", err) < 0)
			return -1;
	}
	return file_write(AT_FDCWD, INSTALL_OVER, "", 0, 0600, err);
}

int firstboot_run(void)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(install_release) struct install i = {0};
	struct handover h;
	int code;

	if (handover_read(&h, &err) < 0) {
		log_err(&err);
		return err_exit_code(err.kind);
	}
	install_open(&i, h.plan->url, h.ca_pem, h.identity);
	h.identity = NULL;
	handover_release(&h);
	if (run(&i, &err) == 0) {
		log_info("%s is Ready", i.claim.plan->node);
		return 0;
	}
	log_err(&err);
	if (i.report)
		report_send(i.report);
	code = err_exit_code(err.kind);
	return code;
}
