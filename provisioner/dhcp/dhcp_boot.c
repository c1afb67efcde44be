/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcp/dhcp_boot.h"

#include <stdio.h>
#include <string.h>

/* Sub-option of 43 with which a client asks a boot server for one item of a menu; given back. */
#define PXE_SUB_BOOT_ITEM 71

/* snponly.efi drives the card through the firmware that has just booted from it, as undionly.kpxe
 * does: what could load the loader can also be used by it, USB adapters included. */
static const struct boot_loader loaders[] = {
	{PXE_ARCH_BIOS, false, "undionly.kpxe", "amd64", NULL},
	{PXE_ARCH_UEFI_X64, false, "snponly.efi", "amd64", "uefi"},
	{PXE_ARCH_UEFI_BC, false, "snponly.efi", "amd64", "uefi"},
	{PXE_ARCH_UEFI_ARM64, false, "arm64/ipxe.efi", "arm64", "arm64"},
	{PXE_ARCH_HTTP_X64, true, "snponly.efi", "amd64", "uefi"},
	{PXE_ARCH_HTTP_BC, true, "snponly.efi", "amd64", "uefi"},
	{PXE_ARCH_HTTP_ARM64, true, "arm64/ipxe.efi", "arm64", "arm64"},
};

const struct boot_loader *boot_loaders(size_t *ret_n)
{
	*ret_n = ARRAY_SIZE(loaders);
	return loaders;
}

/*
 * Firmware that does not do as it says. All conditions of a row have to hold; an empty one always
 * does.
 */
struct boot_quirk {
	const char *machine, *date; /* where and when it was seen */
	uint8_t ouis[8][3];
	size_t n_ouis;
	const char *uuid_prefix; /* first bytes of option 97 after its type, as text */
	int arch;                /* what option 93 says, -1: anything */
	const char *refusal;     /* why it gets nothing, or NULL */
	const char *file;        /* its own loader, or NULL */
};

static const struct boot_quirk quirks[] = {
	{
		.machine = "Raspberry Pi 3 and 4, boot ROM: says x86 BIOS",
		.date = "2026-11",
		.ouis = {{0xb8, 0x27, 0xeb},
			 {0xdc, 0xa6, 0x32},
			 {0xe4, 0x5f, 0x01},
			 {0x28, 0xcd, 0xc1},
			 {0xd8, 0x3a, 0xdd},
			 {0x2c, 0xcf, 0x67}},
		.n_ouis = 6,
		.arch = PXE_ARCH_BIOS,
		.refusal = "a Raspberry Pi's boot ROM, for which there is no loader; "
			   "give it UEFI firmware on its SD card",
	},
	{
		.machine = "Raspberry Pi 4 and 5, boot ROM: says x86 BIOS",
		.date = "2026-11",
		.uuid_prefix = "RPi",
		.arch = PXE_ARCH_BIOS,
		.refusal = "a Raspberry Pi's boot ROM, for which there is no loader; "
			   "give it UEFI firmware on its SD card",
	},
};

static bool begins_with(struct dhcp_bytes b, const char *text)
{
	return b.p && b.n >= strlen(text) && memcmp(b.p, text, strlen(text)) == 0;
}

static bool quirk_matches(const struct boot_quirk *q, const struct dhcp_msg *m, uint16_t arch)
{
	struct dhcp_bytes uuid = dhcp_msg_get(m, OPT_MACHINE_UUID);
	bool oui = q->n_ouis == 0;

	for (size_t i = 0; i < q->n_ouis; i++)
		oui = oui || memcmp(m->mac.b, q->ouis[i], sizeof(q->ouis[i])) == 0;
	if (uuid.n > 0) { /* the type, 0 */
		uuid.p++;
		uuid.n--;
	}
	return oui && (q->arch < 0 || q->arch == arch) &&
	       (!q->uuid_prefix || begins_with(uuid, q->uuid_prefix));
}

/* A client's own iPXE sends its features in option 175; one built without HTTP is of no use for
 * our script and gets our loader like a plain PXE stack. */
static bool is_ipxe_with_http(const struct dhcp_msg *m)
{
	struct dhcp_bytes features = dhcp_msg_get(m, OPT_IPXE);
	struct dhcp_bytes user_class = dhcp_msg_get(m, OPT_USER_CLASS);
	struct dhcp_bytes value;
	uint8_t code;

	if (!features.p)
		return user_class.n == 4 && begins_with(user_class, "iPXE");
	while (dhcp_next_option(&features, &code, &value) > 0)
		if (code == IPXE_SUB_HTTP)
			return true;
	return false;
}

/* Option 93 is a list of 16-bit numbers, the best first; firmware without it still says
 * "PXEClient:Arch:00007:..." in option 60. */
static uint16_t arch_of(const struct dhcp_msg *m, struct dhcp_bytes vendor_class)
{
	struct dhcp_bytes arch = dhcp_msg_get(m, OPT_ARCH);
	const size_t at = strlen("PXEClient:Arch:");
	unsigned int n = 0;

	if (arch.n >= 2)
		return (uint16_t)(arch.p[0] << 8 | arch.p[1]);
	if (!begins_with(vendor_class, "PXEClient:Arch:"))
		return PXE_ARCH_BIOS;
	for (size_t i = at; i < vendor_class.n && i < at + 5; i++)
		if (vendor_class.p[i] >= '0' && vendor_class.p[i] <= '9')
			n = n * 10 + (unsigned int)(vendor_class.p[i] - '0');
	return (uint16_t)n;
}

struct boot_client boot_client_of(const struct dhcp_msg *m)
{
	struct dhcp_bytes vendor_class = dhcp_msg_get(m, OPT_VENDOR_CLASS);
	struct boot_client c = {BOOT_NONE, arch_of(m, vendor_class), NULL};

	if (is_ipxe_with_http(m))
		c.kind = BOOT_IPXE;
	else if (begins_with(vendor_class, "HTTPClient"))
		c.kind = BOOT_HTTP;
	else if (begins_with(vendor_class, "PXEClient"))
		c.kind = BOOT_PXE;
	if (c.kind == BOOT_PXE)
		for (size_t i = 0; i < ARRAY_SIZE(quirks) && !c.quirk; i++)
			if (quirk_matches(&quirks[i], m, c.arch))
				c.quirk = &quirks[i];
	return c;
}

static const struct boot_loader *loader_of(const struct boot_client *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(loaders); i++)
		if (loaders[i].arch == c->arch && loaders[i].http == (c->kind == BOOT_HTTP))
			return &loaders[i];
	return NULL;
}

const char *boot_client_arch(const struct boot_client *c)
{
	if (c->quirk && c->quirk->refusal)
		return "";
	for (size_t i = 0; i < ARRAY_SIZE(loaders); i++)
		if (loaders[i].arch == c->arch)
			return loaders[i].arch_name;
	return "";
}

const char *boot_refusal(const struct boot_client *c)
{
	if (c->kind == BOOT_NONE)
		return "asks for no boot file";
	if (c->quirk && c->quirk->refusal)
		return c->quirk->refusal;
	if (c->kind == BOOT_IPXE || loader_of(c))
		return NULL;
	return "its architecture has no loader; there are x86-64 BIOS, x86-64 UEFI and arm64 UEFI";
}

/* What a PXE stack wants to see before it believes a proxy, or a boot server on port 4011. */
static void put_pxe_options(struct dhcp_reply *r, const struct dhcp_msg *m)
{
	static const uint8_t control[] = {PXE_SUB_DISCOVERY_CONTROL, 1, PXE_USE_BOOTFILE, OPT_END};
	struct dhcp_bytes in = dhcp_msg_get(m, OPT_VENDOR);
	struct dhcp_bytes value;
	uint8_t code;

	dhcp_put_text(r, OPT_VENDOR_CLASS, "PXEClient");
	dhcp_put_copy(r, m, OPT_MACHINE_UUID);
	while (dhcp_next_option(&in, &code, &value) > 0)
		if (code == PXE_SUB_BOOT_ITEM && value.n == 4) {
			const uint8_t item[] = {
				PXE_SUB_BOOT_ITEM, 4,          value.p[0], value.p[1],
				value.p[2],        value.p[3], OPT_END};

			dhcp_put(r, OPT_VENDOR, item, sizeof(item));
			return;
		}
	dhcp_put(r, OPT_VENDOR, control, sizeof(control));
}

void boot_put(struct dhcp_reply *r, const struct dhcp_msg *m, const struct boot_client *c,
	      const struct dhcp_config *config, struct ipv4 server, bool proxy)
{
	/* Alone, in option 175: nobody else's offer is worth waiting for. */
	static const uint8_t no_proxy[] = {IPXE_SUB_NO_PROXYDHCP, 1, 1};
	const struct boot_loader *loader = loader_of(c);
	const char *file = loader ? loader->file : "";
	char ip[IPV4_TEXT_SIZE], url[DHCP_FILE_SIZE];

	if (c->quirk && c->quirk->file)
		file = c->quirk->file;
	ipv4_format(server, ip);
	dhcp_reply_address(r, DHCP_AT_SIADDR, server);
	switch (c->kind) {
	case BOOT_NONE:
		break;
	case BOOT_PXE:
		dhcp_reply_file(r, file);
		dhcp_put_text(r, OPT_TFTP_SERVER, ip);
		dhcp_put_text(r, OPT_BOOTFILE, file);
		if (proxy)
			put_pxe_options(r, m);
		break;
	case BOOT_HTTP:
		snprintf(url, sizeof(url), "http://%s:%u/assets/ipxe/%s", ip, config->http_port,
			 file);
		dhcp_put_text(r, OPT_VENDOR_CLASS, "HTTPClient");
		dhcp_put_text(r, OPT_BOOTFILE, url);
		break;
	case BOOT_IPXE:
		snprintf(url, sizeof(url), "http://%s:%u/boot.ipxe", ip, config->http_port);
		dhcp_reply_file(r, url);
		if (proxy)
			dhcp_put_text(r, OPT_VENDOR_CLASS, "PXEClient");
		else
			dhcp_put(r, OPT_IPXE, no_proxy, sizeof(no_proxy));
		break;
	}
}
