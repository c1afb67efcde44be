/* SPDX-License-Identifier: Apache-2.0 */
#include "wipe.h"

#include "signature.h"

int wipe_disk(int fd, const struct disk *d, struct err *err)
{
	for (size_t i = 0; i < d->n_partitions; i++) {
		const struct disk_partition *p = &d->partitions[i];

		/* a table may name what the disk does not have */
		if (p->start >= d->size || p->size > d->size - p->start)
			continue;
		if (signatures_wipe(fd, p->start, p->size, err) < 0)
			return err_wrap(err, "partition %u", p->number);
	}
	return signatures_wipe(fd, 0, d->size, err);
}
