/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcp/dhcp_advice.h"

void dhcp_advice(struct ipv4 server, uint16_t http_port, struct strv *ret)
{
	char ip[IPV4_TEXT_SIZE];

	ipv4_format(server, ip);
	strv_add(ret,
		 "`dhcp.mode: off`: the LAN's own DHCP server has to name the next server and a "
		 "boot file");
	strv_add(ret,
		 "(options 66 and 67) by option 93, and another file to iPXE, which sends option "
		 "175. For dnsmasq:");
	strv_add(ret, "dhcp-match=set:ipxe,175");
	strv_add(ret, "dhcp-match=set:uefi,option:client-arch,7");
	strv_add(ret, "dhcp-match=set:uefi,option:client-arch,9");
	strv_add(ret, "dhcp-match=set:arm64,option:client-arch,11");
	strv_take(ret, xasprintf("dhcp-boot=tag:!ipxe,tag:!uefi,tag:!arm64,undionly.kpxe,,%s", ip));
	strv_take(ret, xasprintf("dhcp-boot=tag:!ipxe,tag:uefi,snponly.efi,,%s", ip));
	strv_take(ret, xasprintf("dhcp-boot=tag:!ipxe,tag:arm64,arm64/ipxe.efi,,%s", ip));
	strv_take(ret,
		  xasprintf("dhcp-boot=tag:ipxe,http://%s:%u/boot.ipxe,,%s", ip, http_port, ip));
}
