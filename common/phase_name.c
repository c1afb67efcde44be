/* SPDX-License-Identifier: Apache-2.0 */
#include "phase_name.h"

static const struct {
	const char *name;
	unsigned int weight; /* percent of a typical installation's time; together 100 */
} phases[PHASE_MAX] = {
	[PHASE_CLAIM] = {"claim", 1},           [PHASE_PARTITION] = {"partition", 2},
	[PHASE_POOLS] = {"pools", 2},           [PHASE_UNPACK] = {"unpack", 30},
	[PHASE_CONFIGURE] = {"configure", 2},   [PHASE_KUBERNETES] = {"kubernetes", 13},
	[PHASE_BOOTLOADER] = {"bootloader", 5}, [PHASE_REBOOT] = {"reboot", 5},
	[PHASE_FIRSTBOOT] = {"firstboot", 10},  [PHASE_JOIN] = {"join", 20},
	[PHASE_READY] = {"ready", 10},
};

const char *phase_name(enum phase_name p)
{
	if ((unsigned int)p >= PHASE_MAX)
		BUG("phase out of range");
	return phases[p].name;
}

enum phase_name phase_parse(const char *word)
{
	for (int i = 0; i < PHASE_MAX; i++)
		if (streq(phases[i].name, word))
			return (enum phase_name)i;
	return PHASE_INVALID;
}

unsigned int phase_weight(enum phase_name p)
{
	if ((unsigned int)p >= PHASE_MAX)
		BUG("phase out of range");
	return phases[p].weight;
}
