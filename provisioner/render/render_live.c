/* SPDX-License-Identifier: Apache-2.0 */
#include "render/render_live.h"

#include "base64.h"
#include "buf.h"
#include "plan_ignition.h"
#include "sysconf_text.h"

#include <string.h>

#define FOLDER "/etc/provision/"

static bool has_file(const json_t *files, const char *path)
{
	json_t *file;
	size_t i;

	json_array_foreach ((json_t *)files, i, file)
		if (streq_null(json_string_value(json_object_get(file, "path")), path))
			return true;
	return false;
}

/* Adds a file, unless the templates have it; takes text over. */
static void add_file(json_t *files, const char *path, unsigned int mode, char *text)
{
	_cleanup_(freep) char *owned = text;
	_cleanup_(freep) char *encoded = base64_encode((const uint8_t *)owned, strlen(owned));
	_cleanup_(freep) char *url = xasprintf("data:;base64,%s", encoded);

	if (has_file(files, path))
		return;
	json_array_append_new(files,
			      json_pack("{s:s,s:i,s:b,s:{s:s}}", "path", path, "mode", (int)mode,
					"overwrite", 1, "contents", "source", url));
}

static char *env_text(const struct plan *p, const struct live_values *v)
{
	char mac[MAC_TEXT_SIZE];

	return xasprintf("PROVISION_URL='%s'\nPROVISION_MAC='%s'\nPROVISION_NONCE='%s'\n"
			 "PROVISION_TIME='%lld'\n",
			 p->url, mac_format(v->mac, mac), v->nonce, (long long)v->now_s);
}

/* For an image whose network is NetworkManager's, and a node with an address of its own. */
static char *network_manager(const struct plan *p)
{
	const struct plan_network *n = &p->network;
	char text[IPV4_NET_TEXT_SIZE];
	struct buf b;

	buf_init(&b, 65536);
	buf_addf(&b, "[connection]\nid=provision\ntype=ethernet\n\n[ethernet]\nmac-address=%s\n",
		 mac_format(&p->macs[0], text));
	buf_addf(&b, "\n[ipv4]\nmethod=manual\naddress1=%s", ipv4_net_format(n->address, text));
	if (n->router.a)
		buf_addf(&b, ",%s", ipv4_format(n->router, text));
	if (n->n_dns)
		buf_adds(&b, "\ndns=");
	for (size_t i = 0; i < n->n_dns; i++)
		buf_addf(&b, "%s;", ipv4_format(n->dns[i], text));
	if (n->domain)
		buf_addf(&b, "\ndns-search=%s;", n->domain);
	buf_addc(&b, '\n');
	return buf_take(&b);
}

static void add_network(json_t *files, const struct plan *p)
{
	char *others = sysconf_network_others(p), *times = sysconf_timesyncd(p);

	add_file(files, "/etc/systemd/network/10-provision.network", 0644, sysconf_network(p));
	if (others)
		add_file(files, "/etc/systemd/network/20-provision-others.network", 0644, others);
	if (times)
		add_file(files, "/etc/systemd/timesyncd.conf.d/provision.conf", 0644, times);
	if (p->network.address.ip.a)
		add_file(files, "/etc/NetworkManager/system-connections/provision.nmconnection",
			 0600, network_manager(p));
}

/* The list $.storage.files, made when the templates have none. */
static json_t *files_of(json_t *doc)
{
	json_t *storage = json_object_get(doc, "storage"), *files;

	if (!storage) {
		storage = json_object();
		json_object_set_new(doc, "storage", storage);
	}
	files = json_object_get(storage, "files");
	if (!files) {
		files = json_array();
		json_object_set_new(storage, "files", files);
	}
	return files;
}

json_t *render_live(const struct plan *p, const struct live_values *v)
{
	json_t *doc = json_object(), *files;

	plan_ignition_put(doc, p);
	/* the boot is over when the config is read: those of the record are in its script */
	json_object_del(doc, "kernelArguments");
	files = files_of(doc);
	add_file(files, "/etc/hostname", 0644, xasprintf("%s\n", p->node));
	add_network(files, p);
	add_file(files, FOLDER "env", 0600, env_text(p, v));
	add_file(files, FOLDER "ca.crt", 0644, xstrdup(p->ca_pem));
	return doc;
}
