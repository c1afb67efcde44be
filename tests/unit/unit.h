/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test includes first: cmocka, and asserts that print the error's sentence. */
#ifndef PROVISION_UNIT_H
#define PROVISION_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "err.h"

/* The call returned 0; otherwise the test fails with the error's sentence. */
#define assert_ok(call, errp)                                                                      \
	do {                                                                                       \
		if ((call) != 0)                                                                   \
			fail_msg("%s", err_text(errp));                                            \
	} while (0)

/* The call failed with this kind and a sentence that contains text; the error is released. */
#define assert_fails(call, errp, wanted_kind, text)                                                \
	do {                                                                                       \
		assert_int_equal((call), -1);                                                      \
		if ((errp)->kind != (wanted_kind) || !strstr(err_text(errp), (text)))              \
			fail_msg("got %s: %s", err_kind_name((errp)->kind), err_text(errp));       \
		err_release(errp);                                                                 \
	} while (0)

#endif
