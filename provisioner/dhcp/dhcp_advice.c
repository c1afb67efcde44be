/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcp/dhcp_advice.h"

#include "buf.h"
#include "dhcp/dhcp_boot.h"

/* The first row of a file: its line is written once. */
static bool is_first(const struct boot_loader *all, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (streq(all[k].file, all[i].file))
			return false;
	return true;
}

static void add_matches(const struct boot_loader *all, size_t n, struct strv *ret)
{
	strv_add(ret, "dhcp-match=set:ipxe,175");
	for (size_t i = 0; i < n; i++)
		if (all[i].tag && !all[i].http)
			strv_take(ret, xasprintf("dhcp-match=set:%s,option:client-arch,%u",
						 all[i].tag, all[i].arch));
}

/* "tag:!ipxe,tag:!uefi,tag:!arm64": nothing that has a file of its own. Caller frees. */
static char *other_tags(const struct boot_loader *all, size_t n)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	buf_adds(&b, "tag:!ipxe");
	for (size_t i = 0; i < n; i++)
		if (all[i].tag && is_first(all, i))
			buf_addf(&b, ",tag:!%s", all[i].tag);
	return buf_take(&b);
}

void dhcp_advice(struct ipv4 server, uint16_t http_port, struct strv *ret)
{
	char ip[IPV4_TEXT_SIZE];
	size_t n;
	const struct boot_loader *all = boot_loaders(&n);
	_cleanup_(freep) char *others = other_tags(all, n);

	ipv4_format(server, ip);
	strv_add(ret,
		 "`dhcp.mode: off`: the LAN's own DHCP server has to name the next server and a "
		 "boot file");
	strv_add(ret,
		 "(options 66 and 67) by option 93, and another file to iPXE, which sends option "
		 "175. For dnsmasq:");
	add_matches(all, n, ret);
	for (size_t i = 0; i < n; i++) {
		if (!is_first(all, i))
			continue;
		if (all[i].tag)
			strv_take(ret, xasprintf("dhcp-boot=tag:!ipxe,tag:%s,%s,,%s", all[i].tag,
						 all[i].file, ip));
		else
			strv_take(ret, xasprintf("dhcp-boot=%s,%s,,%s", others, all[i].file, ip));
	}
	strv_take(ret,
		  xasprintf("dhcp-boot=tag:ipxe,http://%s:%u/boot.ipxe,,%s", ip, http_port, ip));
}
