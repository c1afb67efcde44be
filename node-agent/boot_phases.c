/* SPDX-License-Identifier: Apache-2.0 */
#include "boot_phases.h"

#include <errno.h>
#include <fcntl.h>

#include "btrfs.h"
#include "bootloader.h"
#include "disks.h"
#include "fs_table.h"
#include "fsmount.h"
#include "handover.h"
#include "kube.h"
#include "part.h"
#include "runcmd.h"
#include "source.h"
#include "sysconf.h"
#include "target.h"
#include "unpack.h"

#define TARGET "/mnt/target"
/* Lives as long as this start of the machine: what it tells is that the agent had to start again.
 */
#define BOOT_TRACE "/run/provision-agent/phase"

/* Generous: a full disk shelf, a slow line, an old machine. What takes longer hangs. */
#define MINUTES(n) (60 * (n))

static void tell(uint64_t done, uint64_t total, const char *what, void *arg)
{
	struct install *i = arg;
	unsigned int percent = total ? (unsigned int)(done * 100 / total) : 0;

	phase_progress(&i->loop, percent, "%s", what ? what : "");
}

/* The disks as they are now; what the claim saw may be over. */
static int read_disks(struct disk_list *disks, struct err *err)
{
	return disks_read(NULL, disks, err);
}

static int open_target(struct err *err)
{
	int fd = open(TARGET, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_errno(err, ERR_IO, errno, TARGET) : fd;
}

static int check_partition(void *arg, struct err *err)
{
	const struct install *i = arg;
	_cleanup_(disk_list_release) struct disk_list disks = {0};

	if (read_disks(&disks, err) < 0 || part_check(i->claim.plan, &disks, err) < 0)
		return -1;
	if (btrfs_check(i->claim.plan, &disks, err) < 0)
		return -1;
	return sysconf_check(i->claim.plan, err);
}

static int run_partition(void *arg, struct err *err)
{
	struct install *i = arg;
	_cleanup_(disk_list_release) struct disk_list disks = {0};
	struct progress progress = {tell, i};

	if (read_disks(&disks, err) < 0)
		return -1;
	return part_run(i->claim.plan, &disks, &progress, err);
}

/* Not before they are needed: btrfs tries out its checksums for a second. The kernel would load
 * them for a mount, but scanning for members comes before. */
static int load_file_systems(struct err *err)
{
	static const char *const argv[] = {"modprobe",  "-ab",       "btrfs", "vfat",
					   "nls_cp437", "nls_ascii", NULL};

	return runcmd_argv(argv, err);
}

static int make_pools(struct install *i, bool finished, struct err *err)
{
	_cleanup_(disk_list_release) struct disk_list disks = {0};
	struct progress progress = {tell, i};

	/* A first attempt may have mounted some. */
	if (load_file_systems(err) < 0 || fsmount_release(TARGET, err) < 0 ||
	    read_disks(&disks, err) < 0 ||
	    btrfs_run(i->claim.plan, &disks, finished, &progress, err) < 0)
		return -1;
	return fsmount_target(i->claim.plan, &disks, TARGET, err);
}

static int run_pools(void *arg, struct err *err)
{
	return make_pools(arg, false, err);
}

static int mount_pools(void *arg, struct err *err)
{
	return make_pools(arg, true, err);
}

static int run_unpack(void *arg, struct err *err)
{
	struct install *i = arg;
	_cleanup_(source_freep) struct source *source =
		source_http_new(i->claim.plan->assets_url, i->ca_pem);
	_cleanup_(fs_table_release) struct fs_table table = {0};
	_cleanup_(strv_release) struct strv kept = {0};
	struct progress progress = {tell, i};

	if (fs_table_build(i->claim.plan, &table, err) < 0)
		return -1;
	/* a pool at /var/log has the logs of the last installation */
	for (size_t k = 0; k < table.n; k++)
		if (table.m[k].pool && table.m[k].pool->adopt)
			strv_add(&kept, table.m[k].path);
	return unpack(source, &i->claim.plan->rootfs, TARGET, &kept, 0, &progress, err);
}

static int run_configure(void *arg, struct err *err)
{
	struct install *i = arg;
	_cleanup_(closep) int root = open_target(err);

	if (root < 0 || sysconf_write(root, TARGET, i->claim.plan, err) < 0)
		return -1;
	if (handover_write(root, i->claim.plan, i->ca_pem, i->identity, err) < 0)
		return -1;
	sync();
	return 0;
}

/* One figure over all files that are saved. */
struct saving {
	struct install *install;
	struct source *source;
	int root;
	uint64_t before, total; /* bytes of the files that are over, and of all */
	const char *what;
};

static void tell_saving(uint64_t done, uint64_t total, const char *what, void *arg)
{
	struct saving *s = arg;

	(void)total;
	(void)what;
	tell(s->before + done, s->total, s->what, s->install);
}

static int save_assets(struct saving *s, const char *folder, const struct asset *assets, size_t n,
		       mode_t mode, struct err *err)
{
	struct progress progress = {tell_saving, s};

	for (size_t k = 0; k < n; k++) {
		_cleanup_(freep) char *path = kube_asset_file(folder, &assets[k]);
		_cleanup_(closep) int parent = -1;

		parent = target_parent(s->root, path, &s->what, err);
		if (parent < 0 ||
		    asset_save(s->source, &assets[k], parent, s->what, mode, &progress, err) < 0)
			return -1;
		s->before += assets[k].size;
	}
	return 0;
}

static int save_kubernetes(struct install *i, int root, const struct kube *kube, struct err *err)
{
	const struct plan_kube *k = &i->claim.plan->kube;
	_cleanup_(source_freep) struct source *source =
		source_http_new(i->claim.plan->assets_url, i->ca_pem);
	struct saving s = {.install = i, .source = source, .root = root};

	for (size_t n = 0; n < k->n_binaries; n++)
		s.total += k->binaries[n].size;
	for (size_t n = 0; n < k->n_archives; n++)
		s.total += k->archives[n].size;
	if (save_assets(&s, kube->binaries, k->binaries, k->n_binaries, 0755, err) < 0)
		return -1;
	return save_assets(&s, kube->images, k->archives, k->n_archives, 0600, err);
}

static int run_kubernetes(void *arg, struct err *err)
{
	struct install *i = arg;
	const struct kube *kube = kube_find(i->claim.plan->kube.flavour);
	_cleanup_(closep) int root = -1;

	if (i->claim.plan->kube.action == KUBE_NONE)
		return 0;
	root = open_target(err);
	if (root < 0 || save_kubernetes(i, root, kube, err) < 0)
		return -1;
	if (kube->install(root, TARGET, i->claim.plan, err) < 0)
		return -1;
	/* What is reported as done outlives a power cut. */
	sync();
	return 0;
}

static int check_bootloader(void *arg, struct err *err)
{
	const struct install *i = arg;

	return bootloader_check(i->claim.plan, TARGET, err);
}

static int run_bootloader(void *arg, struct err *err)
{
	struct install *i = arg;
	_cleanup_(disk_list_release) struct disk_list disks = {0};
	struct progress progress = {tell, i};

	if (read_disks(&disks, err) < 0)
		return -1;
	return bootloader_run(i->claim.plan, &disks, TARGET, &progress, err);
}

/* Nothing may be lost that is reported as done: all is on the disks before the event. */
static int run_reboot(void *arg, struct err *err)
{
	(void)arg;
	sync();
	return fsmount_release(TARGET, err);
}

static const struct phase phases[] = {
	/* An installation that was taken back since the claim erases nothing. */
	{.name = PHASE_PARTITION,
	 .check = check_partition,
	 .run = run_partition,
	 .timeout_s = MINUTES(10),
	 .announced = true},
	/* What is not stored as finished is made again: so nothing is put into it before. */
	{.name = PHASE_POOLS,
	 .run = run_pools,
	 .again = mount_pools,
	 .timeout_s = MINUTES(20),
	 .acknowledged = true},
	{.name = PHASE_UNPACK, .run = run_unpack, .timeout_s = MINUTES(120)},
	/* The key of this start has to reach the disk, also when it was there before. Fetches what
	 * the plan's config names. */
	{.name = PHASE_CONFIGURE,
	 .run = run_configure,
	 .again = run_configure,
	 .timeout_s = MINUTES(120)},
	{.name = PHASE_KUBERNETES, .run = run_kubernetes, .timeout_s = MINUTES(120)},
	{.name = PHASE_BOOTLOADER,
	 .check = check_bootloader,
	 .run = run_bootloader,
	 .timeout_s = MINUTES(20)},
	{.name = PHASE_REBOOT, .run = run_reboot, .timeout_s = MINUTES(10), .acknowledged = true},
};

int boot_phases_run(struct install *i, struct err *err)
{
	return install_run(i, phases, ARRAY_SIZE(phases), BOOT_TRACE,
			   "held until the machine is powered off and on", err);
}
