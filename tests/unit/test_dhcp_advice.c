/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "dhcp/dhcp_advice.h"

static void names_our_address_and_files(void **state)
{
	struct strv lines = {0};

	(void)state;
	dhcp_advice((struct ipv4){0x0a000001}, 8081, &lines);
	assert_true(strv_has(&lines, "dhcp-match=set:ipxe,175"));
	assert_true(
		strv_has(&lines, "dhcp-boot=tag:ipxe,http://10.0.0.1:8081/boot.ipxe,,10.0.0.1"));
	assert_true(strv_has(&lines, "dhcp-boot=tag:!ipxe,tag:uefi,snponly.efi,,10.0.0.1"));
	strv_release(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_our_address_and_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
