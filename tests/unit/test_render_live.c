/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <openssl/evp.h>

#include "render/render_live.h"

static const struct mac mac = {{0x52, 0x54, 0, 0, 0, 7}};

static struct plan *make_plan(void)
{
	struct plan *p = plan_new();

	p->in_memory = true;
	p->node = xstrdup("mem1");
	p->macs = xmemdup(&mac, sizeof(mac));
	p->n_macs = 1;
	p->url = xstrdup("https://10.0.0.1:8443");
	p->ca_pem = xstrdup("the CA");
	json_object_set_new(p->config, "kernelArguments",
			    json_pack("{s:[s]}", "shouldExist", "quiet"));
	return p;
}

/* The contents of a file of the config, or NULL; caller frees. */
static char *file_of(const json_t *doc, const char *path, int *ret_mode)
{
	const json_t *files = json_object_get(json_object_get(doc, "storage"), "files");
	json_t *j;
	size_t i;

	json_array_foreach ((json_t *)files, i, j) {
		const char *url;
		char *text;
		int n;

		if (!streq(json_string_value(json_object_get(j, "path")), path))
			continue;
		*ret_mode = (int)json_integer_value(json_object_get(j, "mode"));
		url = json_string_value(json_object_get(json_object_get(j, "contents"), "source"));
		assert_true(startswith(url, "data:;base64,"));
		url += strlen("data:;base64,");
		text = xcalloc(1, strlen(url) + 1);
		n = EVP_DecodeBlock((unsigned char *)text, (const unsigned char *)url,
				    (int)strlen(url));
		assert_true(n >= 0);
		return text;
	}
	return NULL;
}

static json_t *render(const struct plan *p)
{
	const struct live_values v = {.mac = &mac, .nonce = "abcd", .now_s = 1700000000};

	return render_live(p, &v);
}

static void the_boot_is_told_where_and_who(void **state)
{
	_cleanup_(plan_freep) struct plan *p = make_plan();
	_cleanup_json_ json_t *doc = render(p);
	_cleanup_(freep) char *env = NULL, *ca = NULL, *name = NULL, *net = NULL;
	int mode = 0;

	(void)state;
	env = file_of(doc, "/etc/provision/env", &mode);
	assert_string_equal(env, "PROVISION_URL='https://10.0.0.1:8443'\n"
				 "PROVISION_MAC='52:54:00:00:00:07'\nPROVISION_NONCE='abcd'\n"
				 "PROVISION_TIME='1700000000'\n");
	assert_int_equal(mode, 0600);
	ca = file_of(doc, "/etc/provision/ca.crt", &mode);
	assert_string_equal(ca, "the CA");
	name = file_of(doc, "/etc/hostname", &mode);
	assert_string_equal(name, "mem1\n");
	net = file_of(doc, "/etc/systemd/network/10-provision.network", &mode);
	assert_non_null(strstr(net, "DHCP=ipv4"));
	assert_null(file_of(doc, "/etc/NetworkManager/system-connections/provision.nmconnection",
			    &mode));
	/* Ignition would restart the machine for them, at each boot */
	assert_null(json_object_get(doc, "kernelArguments"));
	assert_null(json_object_get(doc, "provision"));
}

static void an_address_of_its_own_is_told_to_both_networks(void **state)
{
	_cleanup_(plan_freep) struct plan *p = make_plan();
	_cleanup_(freep) char *networkd = NULL, *manager = NULL;
	_cleanup_json_ json_t *doc = NULL;
	struct err err = ERR_INIT;
	int mode = 0;

	(void)state;
	assert_ok(ipv4_net_parse("10.0.0.7/24", &p->network.address, &err), &err);
	assert_ok(ipv4_parse("10.0.0.1", &p->network.router, &err), &err);
	assert_ok(ipv4_parse("10.0.0.2", &p->network.dns[0], &err), &err);
	p->network.n_dns = 1;
	doc = render(p);
	networkd = file_of(doc, "/etc/systemd/network/10-provision.network", &mode);
	assert_non_null(strstr(networkd, "Address=10.0.0.7/24\nGateway=10.0.0.1\n"));
	manager = file_of(doc, "/etc/NetworkManager/system-connections/provision.nmconnection",
			  &mode);
	assert_string_equal(manager, "[connection]\nid=provision\ntype=ethernet\n\n[ethernet]\n"
				     "mac-address=52:54:00:00:00:07\n\n[ipv4]\nmethod=manual\n"
				     "address1=10.0.0.7/24,10.0.0.1\ndns=10.0.0.2;\n");
	assert_int_equal(mode, 0600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_boot_is_told_where_and_who),
		cmocka_unit_test(an_address_of_its_own_is_told_to_both_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
