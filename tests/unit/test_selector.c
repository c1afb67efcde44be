/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "selector.h"

#define CLUSTER                                                                                    \
	"cluster: {controlPlaneEndpoint: \"10.0.0.9:6443\", kubeconfig: k}\n"                      \
	"sshKeys: [\"ssh-ed25519 "                                                                 \
	"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me\"]\n"

static struct site *three_nodes(void)
{
	static const char *const texts[] = {
		"mac: [52:54:00:00:00:01, 52:54:00:00:00:11]\nserial: S1\nlabels: {rack: a, disk: "
		"ssd}\n",
		"mac: 52:54:00:00:00:02\nlabels: {rack: a}\n",
		"mac: 52:54:00:00:00:03\nuuid: 8F2C1C1E-0F3B-4A0E-9A55-525400000003\nlabels: "
		"{rack: b}\n"};
	const struct inventory_text c = {"cluster.yaml", CLUSTER, strlen(CLUSTER)};
	struct inventory_text nodes[] = {{"nodes/n1.yaml", texts[0], 0},
					 {"nodes/n2.yaml", texts[1], 0},
					 {"nodes/n3.yaml", texts[2], 0}};
	struct site *site = xcalloc(1, sizeof(*site));
	struct problems ps = {0};

	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++)
		nodes[i].len = strlen(nodes[i].text);
	if (inventory_parse(&c, nodes, ARRAY_SIZE(nodes), &site->inventory, &ps) < 0)
		fail_msg("%s:%u: %s", ps.p[0].file, ps.p[0].line, ps.p[0].text);
	site->nodes = xcalloc(ARRAY_SIZE(nodes), sizeof(*site->nodes));
	site->nodes[1].uuid_mark = site_mark("8f2c1c1e-0f3b-4a0e-9a55-525400000002");
	return site;
}

static void free_site(struct site *site)
{
	inventory_free(site->inventory);
	free(site->nodes);
	free(site);
}

#define UUID "8f2c1c1e-0f3b-4a0e-9a55-52540000000"

static void all_that_is_said_has_to_match(void **state)
{
	static const struct {
		struct selector_term terms[3];
		const char *node; /* NULL: kind and why */
		enum err_kind kind;
		const char *why;
	} rows[] = {
		{{{"mac", "52-54-00-00-00-11"}}, "n1", ERR_NONE, NULL},
		{{{"serial", "s1"}}, "n1", ERR_NONE, NULL},
		{{{"uuid", UUID "2"}}, "n2", ERR_NONE, NULL},
		{{{"uuid", UUID "3"}}, "n3", ERR_NONE, NULL},
		{{{"uuid", UUID "4"}}, NULL, ERR_NOT_FOUND, "uuid=8f2c1c1e"},
		{{{"hostname", "N2.lan"}}, "n2", ERR_NONE, NULL},
		{{{"hostname", "n"}}, NULL, ERR_NOT_FOUND, "hostname=n"},
		{{{"label", "disk=ssd"}}, "n1", ERR_NONE, NULL},
		{{{"label", "disk"}}, "n1", ERR_NONE, NULL},
		{{{"label", "disk=s"}}, NULL, ERR_NOT_FOUND, "label=disk"},
		{{{"rack", "b"}}, "n3", ERR_NONE, NULL},
		{{{"rack", "a"}}, NULL, ERR_CONFIG, "several nodes are meant, n1 and n2"},
		{{{"rack", "a"}, {"disk", "ssd"}}, "n1", ERR_NONE, NULL},
		{{{"rack", "a"}, {"serial", "S1"}}, "n1", ERR_NONE, NULL},
		{{{"rack", "b"}, {"serial", "S1"}}, NULL, ERR_NOT_FOUND, "and the rest"},
		{{{"rack", "b"}, {"os", "installed"}, {"domain", "x"}}, "n3", ERR_NONE, NULL},
		/* beside a MAC, what is not known does not contradict; what is known does */
		{{{"mac", "525400000001"}, {"uuid", UUID "9"}}, "n1", ERR_NONE, NULL},
		{{{"mac", "525400000002"}, {"uuid", UUID "9"}}, NULL, ERR_NOT_FOUND, "mac=5254"},
		{{{"mac", "525400000002"}, {"serial", ""}, {"disk", "x"}}, "n2", ERR_NONE, NULL},
		{{{"mac", "525400000099"}}, NULL, ERR_NOT_FOUND, "provision add-node 52:54"},
		{{{"mac", "5254"}}, NULL, ERR_USAGE, "no MAC address"},
		{{{"nonce", "x"}, {"arch", "amd64"}}, NULL, ERR_USAGE, "say which machine"},
		{{{"serial", "\033[2J"}}, NULL, ERR_NOT_FOUND, "serial=\\x1b\\x5b2J"},
	};
	struct site *site = three_nodes();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		const struct node *n = NULL;
		size_t n_terms = 0;
		int r;

		while (n_terms < 3 && rows[i].terms[n_terms].name)
			n_terms++;
		r = selector_find(site, rows[i].terms, n_terms, &n, &err);
		if (rows[i].node) {
			assert_ok(r, &err);
			assert_string_equal(n->name, rows[i].node);
			continue;
		}
		assert_int_equal(r, -1);
		assert_int_equal(err.kind, rows[i].kind);
		if (!strstr(err_text(&err), rows[i].why))
			fail_msg("row %zu: %s", i, err_text(&err));
		err_release(&err);
	}
	free_site(site);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(all_that_is_said_has_to_match)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
