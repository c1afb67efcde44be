/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "firmware.h"

static void test_missing(void **state)
{
	_cleanup_(freep) char *upstream =
		firmware_missing("4,890,3034,-;bnx2 0000:03:00.0: Direct firmware load for "
				 "bnx2/bnx2-mips-09.fw failed "
				 "with error -2\n SUBSYSTEM=pci\n");
	_cleanup_(freep) char *debian =
		firmware_missing("3,890,3034,-;r8169 0000:03:00.0: firmware: failed to load "
				 "rtl_nic/rtl8168h-2.fw (-2)\n");

	(void)state;
	assert_string_equal(upstream, "bnx2/bnx2-mips-09.fw");
	assert_string_equal(debian, "rtl_nic/rtl8168h-2.fw");
	assert_null(firmware_missing("6,1,0,-;r8169 0000:03:00.0: Link is Up"));
	assert_null(firmware_missing("firmware: failed to load "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
