/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the kernel's command line: what is taken has its required words. */
#include "cmdline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = ERR_INIT;
	struct cmdline c;

	if (cmdline_parse((const char *)data, size, &c, &err) < 0) {
		err_release(&err);
		return 0;
	}
	if (!c.url || !c.http || !startswith(c.url, "https://"))
		BUG("a command line without its required words");
	cmdline_release(&c);
	return 0;
}
