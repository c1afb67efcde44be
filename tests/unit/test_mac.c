/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "mac.h"

static void parses_all_forms(void **state)
{
	static const char *const forms[] = {"52:54:00:ab:cd:ef", "52-54-00-AB-CD-EF",
					    "525400aBcDeF"};
	char text[MAC_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct err err = ERR_INIT;
		struct mac mac;

		assert_ok(mac_parse(forms[i], &mac, &err), &err);
		assert_string_equal(mac_format(&mac, text), "52:54:00:ab:cd:ef");
	}
}

static void refuses_what_is_no_machine(void **state)
{
	static const char *const forms[] = {"",
					    "52:54:00:ab:cd",
					    "52:54:00:ab:cd:ef:00",
					    "52:54:00-ab:cd:ef",
					    "52:54:00:ab:cd:eg",
					    "00:00:00:00:00:00",
					    "ff:ff:ff:ff:ff:ff",
					    "01:00:5e:00:00:01"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct err err = ERR_INIT;
		struct mac mac;

		assert_int_equal(mac_parse(forms[i], &mac, &err), -1);
		assert_int_equal(err.kind, ERR_USAGE);
		err_release(&err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_all_forms),
		cmocka_unit_test(refuses_what_is_no_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
