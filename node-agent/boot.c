/* SPDX-License-Identifier: Apache-2.0 */
#include "boot.h"

#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "anchor.h"
#include "bootenv.h"
#include "boot_phases.h"
#include "clock.h"
#include "cmdline.h"
#include "coldplug.h"
#include "disks.h"
#include "firmware.h"
#include "fsio.h"
#include "install.h"
#include "log.h"
#include "netlease.h"

/* Over a restart of the agent within the same boot. */
#define BOOT_DIR "/run/provision-agent"
#define BOOT_KEY BOOT_DIR "/key"

/* How long devices may take to appear, and how long a machine must be quiet to count as complete.
 * USB storage waits a second by itself before it looks (usb-storage.delay_use). */
#define CARD_LIMIT_MS  20000
#define DISKS_LIMIT_MS 15000
#define QUIET_MS       250
#define LEASE_LIMIT_S  30
#define AGAIN_MS       5000

struct boot {
	struct cmdline cmdline;
	struct coldplug coldplug;
	struct install install;
	struct strv firmware; /* files that drivers miss, as far as told */
};

static int read_cmdline(struct cmdline *c, struct err *err)
{
	_cleanup_(freep) char *text = NULL;
	size_t len;

	if (file_read(AT_FDCWD, "/proc/cmdline", LIMIT_CMDLINE, &text, &len, err) < 0)
		return -1;
	return cmdline_parse(text, len, c, err);
}

static bool card_is_there(void *arg)
{
	const struct boot *b = arg;
	struct netif_list cards;
	bool there;

	netif_list("/sys/class/net", &cards);
	there = b->cmdline.has_boot_mac ? netif_find(&cards, &b->cmdline.boot_mac) != NULL
					: cards.n > 0;
	netif_list_release(&cards);
	return there;
}

static bool disks_are_there(void *arg)
{
	(void)arg;
	return coldplug_usb_ready();
}

/* Each file once. */
static void name_firmware(struct boot *b)
{
	size_t before = b->firmware.n;

	firmware_list(&b->firmware);
	for (size_t i = before; i < b->firmware.n; i++)
		log_warning("a driver misses its firmware %s; the image is built with it when the "
			    "host's apt has the component non-free-firmware",
			    b->firmware.v[i]);
}

static int find_devices(struct boot *b, struct err *err)
{
	if (coldplug_open(&b->coldplug, err) < 0)
		return -1;
	coldplug_walk(&b->coldplug, "/sys/devices");
	coldplug_load(&b->coldplug);
	coldplug_settle(&b->coldplug, card_is_there, b, QUIET_MS, CARD_LIMIT_MS);
	name_firmware(b);
	return 0;
}

/* The card that booted first, then the others. */
static int try_cards(const struct boot *b, const struct netif_list *cards, struct err *err)
{
	const struct netif *first = NULL;
	size_t i = 0;

	if (cards->n == 0)
		return err_set(err, ERR_NETWORK,
			       "this machine has no wired network card that a "
			       "driver knows");
	if (b->cmdline.has_boot_mac)
		first = netif_find(cards, &b->cmdline.boot_mac);
	if (!first)
		first = &cards->d[i++];
	for (;;) {
		char text[MAC_TEXT_SIZE];

		log_info("asking for an address on %s (%s)", first->name,
			 mac_format(&first->mac, text));
		if (netif_up(first->name, err) == 0 &&
		    netlease_get(first->name, LEASE_LIMIT_S, err) == 0)
			return 0;
		if (i == cards->n)
			return -1;
		log_warning("%s", err_text(err));
		err_release(err);
		first = &cards->d[i++];
	}
}

static void get_address(struct boot *b)
{
	for (;;) {
		struct err err = ERR_INIT;
		struct netif_list cards;
		int r;

		netif_list("/sys/class/net", &cards);
		r = try_cards(b, &cards, &err);
		netif_list_release(&cards);
		if (r == 0)
			return;
		log_err(&err);
		err_release(&err);
		name_firmware(b);
		coldplug_settle(&b->coldplug, NULL, NULL, QUIET_MS, AGAIN_MS);
	}
}

static int trust(struct boot *b, char **ret_pem, struct err *err)
{
	bool set = false;

	if (clock_set(b->cmdline.time, &set, err) < 0)
		return -1;
	if (set)
		log_info("the clock was off and is set to the provisioner's");
	for (;;) {
		if (anchor_fetch(b->cmdline.http, &b->cmdline.ca, ret_pem, err) == 0)
			return 0;
		if (!phase_is_retried(err->kind))
			return -1;
		log_warning("%s; tried again", err_text(err));
		err_release(err);
		poll(NULL, 0, AGAIN_MS);
	}
}

/* One key a boot, also when the agent has to start again. */
static int get_key(struct identity **ret, struct err *err)
{
	struct err why = ERR_INIT;
	struct identity *id;

	if (identity_load(AT_FDCWD, BOOT_KEY, ret, &why) == 0)
		return 0;
	err_release(&why);
	id = identity_new();
	if (dir_make(AT_FDCWD, BOOT_DIR, 0700, err) < 0 ||
	    identity_save(id, AT_FDCWD, BOOT_KEY, err) < 0) {
		identity_free(id);
		return -1;
	}
	*ret = id;
	return 0;
}

static json_t *make_request(void *arg, struct err *err)
{
	struct boot *b = arg;
	struct machine machine;
	struct disk_list disks;
	json_t *j;

	/* What came since the last time is looked at too. */
	coldplug_settle(&b->coldplug, disks_are_there, NULL, QUIET_MS, DISKS_LIMIT_MS);
	if (disks_read(NULL, &disks, err) < 0)
		return NULL;
	machine_read("/sys", &machine);
	j = claim_request(&machine, &disks, b->cmdline.nonce, false);
	machine_release(&machine);
	disk_list_release(&disks);
	return j;
}

static void wait_for_word(void *arg, int ms)
{
	(void)arg;
	poll(NULL, 0, ms);
}

static int claim(struct boot *b, struct err *err)
{
	struct install *i = &b->install;

	log_info("claiming a plan at %s", b->cmdline.url);
	if (install_claim(i, make_request, wait_for_word, b, err) < 0)
		return -1;
	if (i->claim.state != CLAIM_CLAIMED)
		return err_set(
			err, ERR_REFUSED,
			"%s is installed already and starts from its disk; set the disk after "
			"the network in the firmware's boot order, or `provision reinstall %s`",
			i->claim.plan->node, i->claim.plan->node);
	log_info("this machine is %s", i->claim.plan->node);
	install_report(i, NULL);
	report_add(i->report, PHASE_CLAIM, EVENT_DONE, 100, NULL);
	return 0;
}

static int run(struct boot *b, struct err *err)
{
	_cleanup_(freep) char *ca_pem = NULL;
	struct identity *identity;

	if (read_cmdline(&b->cmdline, err) < 0 || find_devices(b, err) < 0)
		return -1;
	get_address(b);
	if (trust(b, &ca_pem, err) < 0 || get_key(&identity, err) < 0)
		return -1;
	install_open(&b->install, b->cmdline.url, ca_pem, identity);
	if (claim(b, err) < 0)
		return -1;
	return boot_phases_run(&b->install, err);
}

int boot_run(void)
{
	struct boot b = {.coldplug = {.events = -1}};
	struct err err = ERR_INIT;

	log_open("provision", LOG_LEVEL_INFO);
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1);
	/* Names in archives are UTF-8; libarchive refuses them in the C locale. */
	setenv("LC_ALL", "C.UTF-8", 1);
	setlocale(LC_CTYPE, "");
	log_info("version " PACKAGE_VERSION " in the boot environment");
	if (run(&b, &err) < 0)
		install_hold(&b.install, &err);
	log_info("restarting into the installed system");
	bootenv_reboot(&err);
	install_hold(&b.install, &err);
}
