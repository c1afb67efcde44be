/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

char *firmware_missing(const char *line)
{
	static const char *const starts[] = {
		"Direct firmware load for ",
		"firmware: failed to load ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++) {
		const char *at = strstr(line, starts[i]);
		size_t len;

		if (!at)
			continue;
		at += strlen(starts[i]);
		len = strcspn(at, " \n");
		if (len > 0)
			return xstrndup(at, len);
	}
	return NULL;
}

void firmware_list(struct strv *ret_files)
{
	_cleanup_(closep) int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char record[8192];

	if (fd < 0)
		return;
	for (;;) {
		_cleanup_(freep) char *file = NULL;
		ssize_t n = read(fd, record, sizeof(record) - 1);

		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue; /* overwritten before it was read: the next one */
		if (n <= 0)
			return;
		record[n] = '\0';
		file = firmware_missing(record);
		if (file && !strv_has(ret_files, file))
			strv_take(ret_files, TAKE_PTR(file));
	}
}
