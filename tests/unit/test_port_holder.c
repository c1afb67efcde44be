/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <sys/socket.h>

#include "port_holder.h"

#define LOOPBACK ((struct ipv4){0x7f000001})

/* This process holds a port, and is found by it. */
static void finds_a_holder(void **state)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = ipv4_to_in(LOOPBACK)};
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	_cleanup_(freep) char *holder = NULL, *other = NULL, *pid = NULL;
	socklen_t size = sizeof(in);

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&in, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &size), 0);
	pid = xasprintf("(process %d)", (int)getpid());
	holder = port_holder("udp", LOOPBACK, ntohs(in.sin_port));
	assert_non_null(strstr(holder, pid));
	other = port_holder("udp", (struct ipv4){0x7f000002}, ntohs(in.sin_port));
	assert_null(strstr(other, pid));
}

static void reads_the_kernels_lines(void **state)
{
	static const char any[] = "  123: 00000000:0043 00000000:0000 07 00000000:00000000 "
				  "00:00000000 00000000     0        0 54321 2 00000000 0";
	static const char connected[] = "  123: 0100007F:0043 0200007F:0050 07 00000000:00000000 "
					"00:00000000 00000000     0        0 54321 2 00000000 0";
	static const char v6[] = "  9: 00000000000000000000000000000000:0045 "
				 "00000000000000000000000000000000:0000 07 00000000:00000000 "
				 "00:00000000 00000000     0        0 777 2 00000000 0";

	(void)state;
	assert_int_equal(port_holder_inode(any, LOOPBACK, 67), 54321);
	assert_int_equal(port_holder_inode(any, LOOPBACK, 68), 0);
	assert_int_equal(port_holder_inode(connected, LOOPBACK, 67), 0);
	assert_int_equal(port_holder_inode(v6, LOOPBACK, 69), 777);
	assert_int_equal(port_holder_inode("  sl  local_address rem_address", LOOPBACK, 67), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_holder),
		cmocka_unit_test(reads_the_kernels_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
