/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of the protocol: BOOTP fields, DHCP options, PXE sub-options, architectures. */
#ifndef PROVISION_DHCP_OPTS_H
#define PROVISION_DHCP_OPTS_H

#define DHCP_SERVER_PORT 67
#define DHCP_CLIENT_PORT 68
#define DHCP_PXE_PORT    4011 /* PXE 2.1: the boot server */

/* RFC 2131 section 2: the fixed part, and where its fields stand */
#define DHCP_AT_OP      0
#define DHCP_AT_HTYPE   1
#define DHCP_AT_HLEN    2
#define DHCP_AT_HOPS    3
#define DHCP_AT_XID     4
#define DHCP_AT_SECS    8
#define DHCP_AT_FLAGS   10
#define DHCP_AT_CIADDR  12
#define DHCP_AT_YIADDR  16
#define DHCP_AT_SIADDR  20
#define DHCP_AT_GIADDR  24
#define DHCP_AT_CHADDR  28
#define DHCP_AT_SNAME   44
#define DHCP_AT_FILE    108
#define DHCP_AT_COOKIE  236
#define DHCP_AT_OPTS    240
#define DHCP_SNAME_SIZE 64
#define DHCP_FILE_SIZE  128

#define DHCP_COOKIE         0x63825363u
#define DHCP_FLAG_BROADCAST 0x8000
#define DHCP_BOOTREQUEST    1
#define DHCP_BOOTREPLY      2
#define DHCP_HTYPE_ETHERNET 1

/* Option 53 */
enum dhcp_type {
	DHCP_TYPE_NONE, /* plain BOOTP */
	DHCPDISCOVER,
	DHCPOFFER,
	DHCPREQUEST,
	DHCPDECLINE,
	DHCPACK,
	DHCPNAK,
	DHCPRELEASE,
	DHCPINFORM,
	DHCP_TYPE_MAX
};

/* RFC 2132 unless said otherwise */
enum dhcp_opt_code {
	OPT_PAD = 0,
	OPT_NETMASK = 1,
	OPT_ROUTER = 3,
	OPT_DNS = 6,
	OPT_HOSTNAME = 12,
	OPT_DOMAIN = 15,
	OPT_BROADCAST = 28,
	OPT_NTP = 42,
	OPT_VENDOR = 43, /* sub-options: enum pxe_sub_code */
	OPT_REQUESTED_IP = 50,
	OPT_LEASE_TIME = 51,
	OPT_OVERLOAD = 52,
	OPT_TYPE = 53,
	OPT_SERVER_ID = 54,
	OPT_PARAMETERS = 55,
	OPT_MESSAGE = 56,
	OPT_MAX_SIZE = 57,
	OPT_T1 = 58,
	OPT_T2 = 59,
	OPT_VENDOR_CLASS = 60,
	OPT_CLIENT_ID = 61,
	OPT_TFTP_SERVER = 66,
	OPT_BOOTFILE = 67,
	OPT_USER_CLASS = 77,   /* RFC 3004; iPXE writes bare text */
	OPT_RELAY_INFO = 82,   /* RFC 3046 */
	OPT_ARCH = 93,         /* RFC 4578 */
	OPT_MACHINE_UUID = 97, /* RFC 4578 */
	OPT_IPXE = 175,        /* iPXE's own; sub-options: enum ipxe_sub_code */
	OPT_END = 255
};

/* Option 52: which fields hold options */
#define DHCP_OVERLOAD_FILE  1
#define DHCP_OVERLOAD_SNAME 2

/* Inside option 43, PXE 2.1 section 2.2 */
enum pxe_sub_code {
	PXE_SUB_DISCOVERY_CONTROL = 6,
	PXE_SUB_BOOT_SERVERS = 8,
	PXE_SUB_BOOT_MENU = 9,
	PXE_SUB_MENU_PROMPT = 10
};
/* Discovery control bit 3: no menu, no discovery, take the boot file of this very offer. */
#define PXE_USE_BOOTFILE 0x08

/* Inside option 175 */
enum ipxe_sub_code {
	IPXE_SUB_HTTP = 19,         /* client: this build speaks HTTP */
	IPXE_SUB_NO_PROXYDHCP = 176 /* server: do not wait 2 s for other servers' proxy offers */
};

/* Option 93, IANA "Processor Architecture Types" (RFC 5970 section 3.3) */
enum pxe_arch {
	PXE_ARCH_BIOS = 0,
	PXE_ARCH_UEFI_X86 = 6,
	PXE_ARCH_UEFI_X64 = 7,
	PXE_ARCH_UEFI_BC = 9, /* EFI byte code; much x86-64 firmware says this */
	PXE_ARCH_UEFI_ARM32 = 10,
	PXE_ARCH_UEFI_ARM64 = 11,
	PXE_ARCH_HTTP_X86 = 15,
	PXE_ARCH_HTTP_X64 = 16,
	PXE_ARCH_HTTP_BC = 17,
	PXE_ARCH_HTTP_ARM32 = 18,
	PXE_ARCH_HTTP_ARM64 = 19,
	PXE_ARCH_HTTP_BIOS = 20,
	PXE_ARCH_RPI = 41
};

#endif
