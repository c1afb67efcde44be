/* SPDX-License-Identifier: Apache-2.0 */
#include "bootloader.h"

#include "disks.h"
#include "fsio.h"
#include "fsmount.h"
#include "grub_config.h"
#include "layout.h"
#include "member.h"
#include "part.h"
#include "runcmd.h"
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <sys/mount.h>
#include <string.h>

#define DEFAULTS    "/etc/default/grub.d/provision.cfg"
#define GRUB_CONFIG "/boot/grub/grub.cfg"
#define ESP         "/boot/efi"
#define CONFIG_MAX  (1024 * 1024)

/* What is installed for an architecture. */
static const struct grub_target {
	enum arch arch;
	const char *name; /* of grub-install, and below /usr/lib/grub */
	bool efi;
} targets[] = {
	{ARCH_AMD64, "i386-pc", false},
	{ARCH_AMD64, "x86_64-efi", true},
	{ARCH_ARM64, "arm64-efi", true},
};

/* grub-install copies and syncs all 280 modules of a target one by one, anew for each disk. It is
 * told to copy what the new system starts with, and the rest is copied once, after the last disk.
 */
#define MODULES                                                                                    \
	"--install-modules=all_video btrfs echo font gfxterm gzio linux loadenv normal part_gpt "  \
	"search search_fs_uuid serial terminal test"

static const char *const environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
	"DEBIAN_FRONTEND=noninteractive", "HOME=/root", NULL};

/* One run. */
struct job {
	const struct plan *plan;
	const char *root;
	int rootfd;
	char uuid[UUID_TEXT_SIZE]; /* of the system's file system */
};

static int open_root(const char *root, struct err *err)
{
	int fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? err_errno(err, ERR_IO, errno, "cannot open %s", root) : fd;
}

int bootloader_check(const struct plan *plan, const char *root, struct err *err)
{
	static const char *const tools[] = {"/usr/sbin/grub-install", "/usr/sbin/update-grub"};
	_cleanup_(closep) int rootfd = open_root(root, err);

	if (rootfd < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (!target_exists(rootfd, tools[i]))
			return err_set(err, ERR_REFUSED,
				       "the image has no %s; build it anew with grub2-common",
				       tools[i]);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		_cleanup_(freep) char *modules =
			xasprintf("/usr/lib/grub/%s/moddep.lst", targets[i].name);

		if (targets[i].arch == plan->arch && !target_exists(rootfd, modules))
			return err_set(err, ERR_REFUSED,
				       "the image has no GRUB for %s; build it anew with that",
				       targets[i].name);
	}
	return 0;
}

static int run(const struct job *j, const char *const *argv, struct err *err)
{
	return runcmd(&(struct runcmd){.argv = argv, .env = environment, .root = j->root}, NULL,
		      err);
}

static int install_bios(const struct job *j, const struct disk *d, const struct grub_target *t,
			struct err *err)
{
	_cleanup_(freep) char *device = disk_path(d);
	_cleanup_(freep) char *target = xasprintf("--target=%s", t->name);
	const char *const argv[] = {"grub-install", target, "--boot-directory=/boot",
				    MODULES,        device, NULL};

	return run(j, argv, err);
}

static int install_efi(const struct job *j, const struct disk *d, const struct grub_target *t,
		       struct err *err)
{
	_cleanup_(freep) char *device = disk_partition_path(d, LAYOUT_ESP);
	_cleanup_(freep) char *target = xasprintf("--target=%s", t->name);
	_cleanup_(freep) char *path = xasprintf("%s%s", j->root, ESP);
	const char *const argv[] = {"grub-install",
				    target,
				    "--boot-directory=/boot",
				    MODULES,
				    "--efi-directory=" ESP,
				    "--removable",
				    "--no-nvram",
				    NULL};
	int r;

	if (fsmount_device(device, path, "vfat", "umask=0077", err) < 0)
		return -1;
	r = run(j, argv, err);
	/* also after a failure: the next member's comes to the same place */
	if (umount2(path, UMOUNT_NOFOLLOW) < 0 && r == 0)
		r = err_errno(err, ERR_IO, errno, "cannot unmount %s", path);
	return r;
}

static int install_member(const struct job *j, const struct disk *d, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		const struct grub_target *t = &targets[i];

		if (t->arch != j->plan->arch)
			continue;
		if ((t->efi ? install_efi(j, d, t, err) : install_bios(j, d, t, err)) < 0)
			return err_wrap(err, "disk %s: %s", disk_id(d), t->name);
	}
	return 0;
}

static int copy_modules(const struct job *j, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		_cleanup_(freep) char *from = xasprintf("/usr/lib/grub/%s", targets[i].name);
		_cleanup_(freep) char *to = xasprintf("/boot/grub/%s", targets[i].name);
		const char *const argv[] = {"find",  from, "-maxdepth",      "1",  "-name", "*.mod",
					    "-exec", "cp", "--reflink=auto", "-t", to,      "{}",
					    "+",     NULL};

		if (targets[i].arch == j->plan->arch && run(j, argv, err) < 0)
			return -1;
	}
	return 0;
}

/* The path of the first initramfs, within the new system; NULL: there is none. Caller frees. */
static char *find_initramfs(const struct job *j)
{
	_cleanup_(freep) char *pattern = xasprintf("%s/boot/initrd.img-*", j->root);
	char *path = NULL;
	glob_t found = {0};

	if (glob(pattern, 0, NULL, &found) == 0)
		path = xstrdup(found.gl_pathv[0] + strlen(j->root));
	globfree(&found);
	return path;
}

/* The initramfs has to find a root of several devices, which takes btrfs-progs and its script. */
static int check_initramfs(const struct job *j, struct err *err)
{
	static const char *const make[] = {"update-initramfs", "-c", "-k", "all", NULL};
	_cleanup_(freep) char *path = find_initramfs(j);
	const char *const list[] = {"lsinitramfs", path, NULL};
	const struct runcmd cmd = {.argv = list, .env = environment, .root = j->root};
	struct err why = ERR_INIT;
	_cleanup_(freep) char *names = NULL;

	if (!path)
		return run(j, make, err);
	if (runcmd(&cmd, &names, &why) < 0)
		err_release(&why);
	else if (strstr(names, "bin/btrfs\n") && strstr(names, "/btrfs.ko"))
		return 0;
	return run(j, make, err);
}

/* update-grub writes root=UUID= only when udev's link for it is there, which the boot environment
 * has not. *ret_link: the link that was made; the caller removes it. */
static int link_by_uuid(const struct job *j, const char *device, char **ret_link, struct err *err)
{
	_cleanup_(freep) char *link = xasprintf("/dev/disk/by-uuid/%s", j->uuid);

	if (dir_make(AT_FDCWD, "/dev/disk/by-uuid", 0755, err) < 0)
		return -1;
	if (symlink(device, link) < 0) {
		if (errno == EEXIST)
			return 0;
		return err_errno(err, ERR_IO, errno, "cannot make %s", link);
	}
	*ret_link = TAKE_PTR(link);
	return 0;
}

static const char *root_subvolume(const struct plan *plan)
{
	const struct pool_spec *pool = &plan->pools[0].spec;

	for (size_t i = 0; i < pool->n_subvolumes; i++)
		if (streq_null(pool->subvolumes[i].mount, "/"))
			return pool->subvolumes[i].name;
	return "/";
}

static int update_grub(const struct job *j, const char *device, struct err *err)
{
	static const char *const argv[] = {"update-grub", NULL};
	_cleanup_(freep) char *defaults = grub_defaults_format(j->plan);
	_cleanup_(freep) char *link = NULL;
	_cleanup_(freep) char *text = NULL;
	size_t len;
	int r;

	/* update-grub does not make it */
	if (target_mkdir(j->rootfd, "/boot/grub", 0755, TARGET_ROOT, err) < 0)
		return -1;
	if (target_write(j->rootfd, DEFAULTS, defaults, strlen(defaults), 0644, TARGET_ROOT, err) <
	    0)
		return -1;
	if (link_by_uuid(j, device, &link, err) < 0)
		return -1;
	r = run(j, argv, err);
	if (link)
		unlink(link);
	if (r < 0 || target_read(j->rootfd, GRUB_CONFIG, CONFIG_MAX, &text, &len, err) < 0)
		return -1;
	return grub_config_check(text, j->uuid, root_subvolume(j->plan), err);
}

static int install_all(const struct job *j, const struct disk_list *disks,
		       const struct strv *members, const struct progress *progress, struct err *err)
{
	size_t done = 0, total = members->n + 2;

	progress_tell(progress, done++, total, "initramfs");
	if (check_initramfs(j, err) < 0)
		return -1;
	progress_tell(progress, done++, total, "grub.cfg");
	if (update_grub(j, members->v[0], err) < 0)
		return -1;
	for (size_t i = 0; i < j->plan->n_disks; i++) {
		const struct plan_disk *pd = &j->plan->disks[i];
		const struct disk *d;

		if (pd->action != ACTION_ERASE || !streq_null(pd->pool, POOL_SYSTEM))
			continue;
		progress_tell(progress, done++, total, pd->id);
		if (disks_find(disks, pd->id, &d, err) < 0 || install_member(j, d, err) < 0)
			return -1;
	}
	if (copy_modules(j, err) < 0)
		return -1;
	progress_tell(progress, total, total, NULL);
	return 0;
}

int bootloader_run(const struct plan *plan, const struct disk_list *disks, const char *root,
		   const struct progress *progress, struct err *err)
{
	_cleanup_(strv_release) struct strv members = {0};
	_cleanup_(closep) int rootfd = -1;
	struct job j = {.plan = plan, .root = root};
	struct err later = ERR_INIT;
	int r;

	if (bootloader_check(plan, root, err) < 0 || part_check_ready(plan, disks, err) < 0 ||
	    members_find(plan, &plan->pools[0], disks, &members, err) < 0)
		return -1;
	rootfd = open_root(root, err);
	if (rootfd < 0)
		return -1;
	j.rootfd = rootfd;
	pool_fs_uuid(plan, &plan->pools[0], j.uuid);
	if (fsmount_bind(root, err) < 0)
		return -1;
	r = install_all(&j, disks, &members, progress, err);
	if (fsmount_unbind(root, r < 0 ? &later : err) < 0)
		r = -1;
	err_release(&later);
	sync(); /* core images lie outside of every file system */
	return r;
}
