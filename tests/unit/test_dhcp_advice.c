/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "dhcp/dhcp_advice.h"

static void names_our_address_and_files(void **state)
{
	static const char *const wanted[] = {
		"dhcp-match=set:ipxe,175",
		"dhcp-match=set:uefi,option:client-arch,7",
		"dhcp-match=set:uefi,option:client-arch,9",
		"dhcp-match=set:arm64,option:client-arch,11",
		"dhcp-boot=tag:!ipxe,tag:!uefi,tag:!arm64,undionly.kpxe,,10.0.0.1",
		"dhcp-boot=tag:!ipxe,tag:uefi,snponly.efi,,10.0.0.1",
		"dhcp-boot=tag:!ipxe,tag:arm64,arm64/ipxe.efi,,10.0.0.1",
		"dhcp-boot=tag:ipxe,http://10.0.0.1:8081/boot.ipxe,,10.0.0.1",
	};
	struct strv lines = {0};

	(void)state;
	dhcp_advice((struct ipv4){0x0a000001}, 8081, &lines);
	/* two sentences before them */
	assert_int_equal(lines.n, 2 + ARRAY_SIZE(wanted));
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		assert_string_equal(lines.v[2 + i], wanted[i]);
	strv_release(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_our_address_and_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
