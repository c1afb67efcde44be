/* SPDX-License-Identifier: Apache-2.0 */
/* storage.directories of spec 3.4. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "ign_node.h"
#include "ign_place.h"

static int make_new(const struct ign_root *r, const struct ign_node *n, int folder,
		    const char *temp, struct err *err)
{
	_cleanup_(closep) int fd = -1;

	if (mkdirat(folder, temp, 0700) < 0)
		return err_errno(err, ERR_IO, errno, "cannot make a folder");
	fd = openat(folder, temp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open the new folder");
	return ign_node_permit(r, n, fd, 0755, err);
}

/* A folder that is there keeps what is in it, and its mode unless the entry has one. */
static int keep(const struct ign_root *r, const struct ign_node *n, int folder, const char *name,
		const struct stat *st, struct err *err)
{
	_cleanup_(closep) int fd =
		openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open the folder");
	return ign_node_permit(r, n, fd, st->st_mode & 07777, err);
}

int ign_directory_make(const struct ign_root *r, const struct ign_node *n, struct err *err)
{
	_cleanup_(closep) int folder = -1;
	_cleanup_(freep) char *temp = NULL;
	struct err ignored = ERR_INIT;
	const char *name;
	struct stat st;
	int there = ign_root_stat(r, n->real, &st, err);

	if (there < 0)
		return -1;
	if (there && !n->overwrite && !S_ISDIR(st.st_mode))
		return ign_node_in_the_way(st.st_mode, err);
	folder = ign_root_parent(r, n->real, true, &name, err);
	if (folder < 0)
		return -1;
	if (there && !n->overwrite)
		return keep(r, n, folder, name, &st, err);
	temp = ign_place_temp(name);
	if (make_new(r, n, folder, temp, err) == 0)
		return ign_place(folder, temp, name, err);
	if (ign_place_remove(folder, temp, &ignored) < 0)
		err_release(&ignored);
	return -1;
}
