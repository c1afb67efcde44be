/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "vpd.h"

/* Page 83h as libata makes it: vendor-specific serial, T10 with model and serial, NAA. */
static const uint8_t sata[] = {
	0x00, 0x83, 0x00, 0x6c, 0x02, 0x00, 0x00, 0x14, ' ',  ' ',  ' ',  ' ',  ' ',  ' ',
	' ',  ' ',  'W',  'D',  '-',  'W',  'C',  'C',  '4',  'E',  '1',  '2',  '3',  '4',
	0x02, 0x01, 0x00, 0x44, 'A',  'T',  'A',  ' ',  ' ',  ' ',  ' ',  ' ',  'W',  'D',
	'C',  ' ',  'W',  'D',  '4',  '0',  'E',  'F',  'R',  'X',  '-',  '6',  '8',  'W',
	'T',  '0',  'N',  '0',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',
	' ',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',  ' ',
	' ',  ' ',  ' ',  ' ',  'W',  'D',  '-',  'W',  'C',  'C',  '4',  'E',  '1',  '2',
	'3',  '4',  0x01, 0x03, 0x00, 0x08, 0x50, 0x01, 0x4e, 0xe2, 0x60, 0x12, 0x34, 0x56};

static void takes_what_a_sata_disk_says(void **state)
{
	struct vpd_names v;

	(void)state;
	vpd_names_parse(sata, sizeof(sata), &v);
	assert_string_equal(v.wwn, "0x50014ee260123456");
	assert_string_equal(v.ata_model, "WDC WD40EFRX-68WT0N0");
	assert_string_equal(v.ata_serial, "WD-WCC4E1234");
	assert_string_equal(v.vendor, "WD-WCC4E1234");
	assert_null(v.eui);
	vpd_names_release(&v);
}

static void every_cut_is_safe(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(sata); n++) {
		uint8_t *copy = xmemdup(sata, n); /* so that a sanitizer sees a step too far */
		struct vpd_names v;

		vpd_names_parse(copy, n, &v);
		assert_true(n == sizeof(sata) || !v.wwn);
		vpd_names_release(&v);
		free(vpd_serial_parse(copy, n));
		free(copy);
	}
}

static void other_pages_and_ports_are_left(void **state)
{
	/* an NAA designator of the target port (association 1) is not the disk's name */
	static const uint8_t port[] = {0, 0x83, 0, 12, 0x01, 0x13, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8};
	static const uint8_t serial[] = {0, 0x80, 0, 6, ' ', 'S', '1', ' ', 1, ' '};
	static const uint8_t blank[] = {0, 0x80, 0, 3, ' ', ' ', ' '};
	struct vpd_names v;
	char *s;

	(void)state;
	vpd_names_parse(port, sizeof(port), &v);
	assert_null(v.wwn);
	vpd_names_parse(serial, sizeof(serial), &v);
	assert_null(v.vendor);
	s = vpd_serial_parse(serial, sizeof(serial));
	assert_string_equal(s, "S1");
	free(s);
	assert_null(vpd_serial_parse(blank, sizeof(blank)));
	assert_null(vpd_serial_parse(port, sizeof(port)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_a_sata_disk_says),
		cmocka_unit_test(every_cut_is_safe),
		cmocka_unit_test(other_pages_and_ports_are_left),
	};

	return cmocka_run_group_tests_name("vpd", tests, NULL, NULL);
}
