/* SPDX-License-Identifier: Apache-2.0 */
#include "disk_identity.h"

#include "fsio.h"
#include "vpd.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>

/* Larger than any attribute that is read here; VPD pages have at most 64 KiB. */
#define ATTRIBUTE_MAX (64 * 1024 + 4)

static char *attribute(int dirfd, const char *path, size_t *len)
{
	struct err err = ERR_INIT;
	char *data = NULL;

	/* an absent attribute is the ordinary case: the disk does not say */
	if (file_read(dirfd, path, ATTRIBUTE_MAX, &data, len, &err) < 0)
		err_release(&err);
	return data;
}

char *sysfs_text(int dirfd, const char *path)
{
	size_t len = 0;
	_cleanup_(freep) char *data = attribute(dirfd, path, &len);
	const char *from = data;

	if (!data)
		return NULL;
	while (len > 0 && (unsigned char)data[len - 1] <= ' ')
		data[--len] = '\0';
	while (*from && (unsigned char)*from <= ' ')
		from++;
	if (!*from)
		return NULL;
	for (char *c = data; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '_';
	return xstrdup(from);
}

uint64_t sysfs_number(int dirfd, const char *path)
{
	_cleanup_(freep) char *text = sysfs_text(dirfd, path);

	return text ? strtoull(text, NULL, 10) : 0;
}

/* As udev makes a name of a text: blanks to one '_', what a file name should not have to '_'. */
static char *udev_name(const char *text)
{
	char *name = xstrdup(text), *to = name;

	for (const char *c = text; *c; c++) {
		bool plain = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
			     (*c >= 'a' && *c <= 'z') || strchr("#+-.:=@_", *c);

		if (*c != ' ')
			*to++ = plain ? *c : '_';
		else if (c[1] != ' ')
			*to++ = '_';
	}
	*to = '\0';
	return name;
}

/* Takes ownership of text; NULL stays NULL. */
static char *by_id(char *text)
{
	_cleanup_(freep) char *raw = text;

	return raw ? udev_name(raw) : NULL;
}

static void read_nvme(int dirfd, struct disk *d)
{
	_cleanup_(freep) char *wwid = sysfs_text(dirfd, "wwid");

	d->transport = TRANSPORT_NVME;
	d->serial = sysfs_text(dirfd, "device/serial");
	d->model = sysfs_text(dirfd, "device/model");
	/* "nvme.VENDOR-..." is made up of serial and model: no name of its own */
	if (wwid && startswith(wwid, "eui."))
		d->wwn = xasprintf("0x%s", wwid + 4);
	if (d->serial && d->model)
		d->by_id = by_id(xasprintf("nvme-%s_%s", d->model, d->serial));
}

static void read_virtio(int dirfd, struct disk *d)
{
	d->transport = TRANSPORT_VIRTIO;
	d->serial = sysfs_text(dirfd, "serial");
	if (d->serial)
		d->by_id = by_id(xasprintf("virtio-%s", d->serial));
}

static void read_mmc(int dirfd, struct disk *d)
{
	d->transport = TRANSPORT_MMC;
	d->serial = sysfs_text(dirfd, "device/serial");
	d->model = sysfs_text(dirfd, "device/name");
	if (d->serial && d->model)
		d->by_id = by_id(xasprintf("mmc-%s_%s", d->model, d->serial));
}

/* Climbs from the SCSI device to the USB device above it, which has the serial. */
static char *usb_serial(int dirfd)
{
	_cleanup_(closep) int at = openat(dirfd, "device", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (int up = 0; at >= 0 && up < 10; up++) {
		int parent;

		if (faccessat(at, "idVendor", F_OK, 0) == 0)
			return sysfs_text(at, "serial");
		parent = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(at);
		at = parent;
	}
	return NULL;
}

static void read_usb(int dirfd, const char *link, const char *vendor, struct disk *d)
{
	/* the last part of the SCSI address H:C:T:L */
	const char *address = strrchr(link, '/');
	unsigned int colons = 0;

	d->transport = TRANSPORT_USB;
	d->serial = usb_serial(dirfd);
	if (!d->serial || !vendor || !d->model)
		return;
	for (address = address ? address : link; *address && colons < 2; address++)
		colons += *address == ':';
	d->by_id = by_id(xasprintf("usb-%s_%s_%s-%s", vendor, d->model, d->serial,
				   *address ? address : "0:0"));
}

static void read_sata(const struct vpd_names *names, struct disk *d)
{
	d->transport = TRANSPORT_SATA;
	if (names->ata_model) { /* the SCSI model has 16 characters only */
		free(d->model);
		d->model = xstrdup(names->ata_model);
	}
	if (!d->serial)
		d->serial = xstrdup(names->ata_serial);
	if (d->model && d->serial)
		d->by_id = by_id(xasprintf("ata-%s_%s", d->model, d->serial));
}

static void read_other_scsi(const struct vpd_names *names, const char *vendor, struct disk *d)
{
	const char *model = d->model ? d->model : "";

	vendor = vendor ? vendor : "";
	d->transport = TRANSPORT_SCSI;
	if (names->wwn)
		d->by_id = by_id(xasprintf("scsi-3%s", names->wwn + 2));
	else if (names->eui)
		d->by_id = by_id(xasprintf("scsi-2%s", names->eui));
	else if (names->t10)
		d->by_id = by_id(xasprintf("scsi-1%s", names->t10));
	else if (names->vendor)
		d->by_id = by_id(xasprintf("scsi-0%s_%s_%s", vendor, model, names->vendor));
	else if (d->serial)
		d->by_id = by_id(xasprintf("scsi-S%s_%s_%s", vendor, model, d->serial));
}

static void read_scsi(int dirfd, const char *link, struct disk *d)
{
	size_t n80 = 0, n83 = 0;
	_cleanup_(freep) char *page80 = attribute(dirfd, "device/vpd_pg80", &n80);
	_cleanup_(freep) char *page83 = attribute(dirfd, "device/vpd_pg83", &n83);
	_cleanup_(freep) char *vendor = sysfs_text(dirfd, "device/vendor");
	_cleanup_(vpd_names_release) struct vpd_names names;

	vpd_names_parse((const uint8_t *)page83, n83, &names);
	d->model = sysfs_text(dirfd, "device/model");
	d->wwn = xstrdup(names.wwn);
	if (strstr(link, "/usb")) {
		read_usb(dirfd, link, vendor, d);
		return;
	}
	d->serial = vpd_serial_parse((const uint8_t *)page80, n80);
	if (strstr(link, "/ata") || streq_null(vendor, "ATA"))
		read_sata(&names, d);
	else
		read_other_scsi(&names, vendor, d);
	/* QEMU's virtio-scsi says its serial in page 83h only when it has none of its own */
	if (!d->serial && d->transport == TRANSPORT_SCSI)
		d->serial = xstrdup(names.vendor);
}

void disk_identity_read(int dirfd, const char *name, struct disk *d)
{
	_cleanup_(freep) char *self = xasprintf("/proc/self/fd/%d/device", dirfd);
	_cleanup_(freep) char *link = realpath(self, NULL);

	d->transport = TRANSPORT_ANY;
	if (startswith(name, "nvme"))
		read_nvme(dirfd, d);
	else if (startswith(name, "vd"))
		read_virtio(dirfd, d);
	else if (startswith(name, "mmcblk"))
		read_mmc(dirfd, d);
	else if (startswith(name, "sd"))
		read_scsi(dirfd, link ? link : "", d);
	else
		d->serial = sysfs_text(dirfd, "device/serial");
}
