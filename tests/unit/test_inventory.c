/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "inventory.h"
#include "inventory_edit.h"

#define KEY                                                                                        \
	"sshKeys: [\"ssh-ed25519 "                                                                 \
	"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me\"]\n"
#define CLUSTER                                                                                    \
	"cluster: {name: home, controlPlaneEndpoint: \"10.0.0.9:6443\", kubeconfig: k}\n" KEY
#define MAC(last) "mac: 52:54:00:00:00:" last "\n"

static int parse_two(const char *cluster, const char *one, const char *two, struct inventory **ret,
		     struct problems *ps)
{
	const struct inventory_text c = {"cluster.yaml", cluster, strlen(cluster)};
	struct inventory_text nodes[2] = {{"nodes/one.yaml", one, strlen(one)}};
	size_t n = 1;

	if (two)
		nodes[n++] = (struct inventory_text){"nodes/two.yaml", two, strlen(two)};
	return inventory_parse(&c, nodes, n, ret, ps);
}

/* One problem at least has this text. */
static void assert_told(const char *cluster, const char *one, const char *two, const char *wanted)
{
	struct inventory *inv = NULL;
	struct problems ps = {0};
	bool found = false;

	assert_int_equal(parse_two(cluster, one, two, &inv, &ps), -1);
	for (size_t i = 0; i < ps.n; i++) {
		char *line = problem_format(&ps.p[i]);

		found = found || strstr(line, wanted);
		if (i + 1 == ps.n && !found)
			fail_msg("wanted %s, got %s", wanted, line);
		free(line);
	}
	problems_release(&ps);
}

static void reads_a_whole_record(void **state)
{
	static const char record[] =
		"mac: [52:54:00:00:00:01, 525400000002]\nrole: worker\narch: arm64\n"
		"address: 10.0.0.20/24\nlabels: {shelf: 2, example.org/rack: a}\n"
		"taints: [\"a=b:NoSchedule\", \"c:NoExecute\"]\nkernelArguments: [quiet]\n"
		"uuid: 8F2C1C1E-0f3b-4a0e-9a55-52540000a101\nserial: \"PF 2\"\n"
		"metadata: {etcd_name: node1, port: 2379}\n"
		"image: debian-12\nsshKeys: ssh-rsa "
		"AAAAB3NzaC1yc2EAAAADAQABAAAAEQCAgYKDhIWGh4iJiouMjY6P you\n"
		"storage:\n  system: {disks: [{serial: S1}, serial=S2], data: raid1, metadata: "
		"raid1c3}\n"
		"  pools:\n    - {name: tank, disks: all, mount: /srv/tank, compression: zstd:5,\n"
		"       subvolumes: [{name: a/b, mount: /srv/b}]}\n";
	struct inventory *inv = NULL;
	struct problems ps = {0};
	const struct node *n;
	struct mac mac = {{0x52, 0x54, 0, 0, 0, 2}};

	(void)state;
	/* raid1c3 wants three disks and there are two */
	assert_told(CLUSTER, record, NULL,
		    "nodes/one.yaml:14:69: metadata: raid1c3 wants at least 3");
	{
		char *fixed = xstrdup(record);

		memcpy(strstr(fixed, "raid1c3"), "raid1  ", 7);
		if (parse_two(CLUSTER, fixed, NULL, &inv, &ps) < 0)
			fail_msg("%s", ps.p[0].text);
		free(fixed);
	}
	n = inventory_by_mac(inv, &mac);
	assert_ptr_equal(n, inventory_by_name(inv, "one"));
	assert_int_equal(n->arch, ARCH_ARM64);
	assert_int_equal(n->n_labels, 2);
	assert_string_equal(n->labels[0].value, "2");
	assert_string_equal(n->taints[1].key, "c");
	assert_string_equal(n->taints[1].value, ":NoExecute");
	assert_string_equal(n->uuid, "8F2C1C1E-0f3b-4a0e-9a55-52540000a101");
	assert_string_equal(n->serial, "PF 2");
	assert_int_equal(n->n_metadata, 2);
	assert_string_equal(n->metadata[1].key, "port");
	assert_string_equal(n->metadata[1].value, "2379");
	assert_int_equal(n->n_pools, 2);
	assert_int_equal(n->pools[0].n_disks, 2);
	assert_string_equal(n->pools[0].subvolumes[0].name, "@");
	assert_int_equal(n->pools[1].disks[0].count, 0);
	assert_int_equal(n->pools[1].data, PROFILE_INVALID);
	mac.b[5] = 9;
	assert_null(inventory_by_mac(inv, &mac));
	inventory_free(inv);
}

static void fills_in_defaults(void **state)
{
	struct inventory *inv = NULL;
	struct problems ps = {0};
	const struct cluster *c;

	(void)state;
	assert_int_equal(parse_two(KEY, MAC("01") "role: control-plane\naddress: 10.0.0.5/24\n",
				   NULL, &inv, &ps),
			 0);
	c = &inv->cluster;
	assert_string_equal(c->endpoint, "10.0.0.5:6443"); /* of the only control plane */
	assert_int_equal(c->http_port, 8080);
	assert_int_equal(c->dhcp, DHCP_PROXY);
	assert_int_equal(c->lease_time, 43200);
	assert_string_equal(c->image, "debian-13");
	assert_true(c->core_dns);
	assert_int_equal(inv->nodes[0].pools[0].disks[0].count, 1);
	assert_int_equal(inventory_count_control_planes(inv), 1);
	inventory_free(inv);
}

static void tells_faults_of_cluster_yaml(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
		{"clustr: {}\n",
		 "cluster.yaml:1:1: unknown key \"clustr\"; did you mean \"cluster\"?"},
		{"cluster: 5\n", "keys are wanted below it"},
		{"cluster: {flavour: kubeadmin}\n", "did you mean \"kubeadm\"?"},
		{"cluster: {version: latest}\n", "is no version of Kubernetes"},
		{"cluster: {flavour: k3s, version: 1.31.4}\n", "is no version of k3s"},
		{"cluster: {controlPlaneEndpoint: x}\n", "is no host:port"},
		{"cluster: {kubeconfig: k}\n", "needs controlPlaneEndpoint"},
		{"cluster: {podSubnet: 10.0.0.0/8}\n", "overlap"},
		{"lan: {subnet: 10.100.0.0/24}\n",
		 "the LAN and cluster.serviceSubnet 10.96.0.0/12 overlap"},
		{"cluster: {network: calico}\n", "is no pod network"},
		{"cluster: {name: My Cluster}\n", "is no name"},
		{"cluster: {coreDNS: maybe}\n", "write true or false"},
		{"provisioner: {httpPort: 70000}\n", "httpPort: \"70000\" is no whole number"},
		{"provisioner: {httpPort: 0}\n", "from 1 to 65535"},
		{"provisioner: {httpPort: 8443}\n", "are the same"},
		{"provisioner: {tftpDataPorts: 9}\n", "is no range of ports"},
		{"lan: {subnet: 10.0.0.0/24, router: 10.0.1.1}\n", "not in lan.subnet"},
		{"lan: {dns: [1.1.1.1, 2.2.2.2, 3.3.3.3, 4.4.4.4, 5.5.5.5]}\n", "at most 4"},
		{"dhcp: {mode: server}\n", "a DHCP server needs addresses"},
		{"dhcp: {mode: server, ranges: [10.0.0.9-10.0.0.1]}\n", "ends before it begins"},
		{"lan: {subnet: 10.0.0.0/24}\ndhcp: {mode: server, ranges: [10.0.1.1-10.0.1.9]}\n",
		 "not inside lan.subnet"},
		{"dhcp: {leaseTime: 12}\n", "is no duration"},
		{"sshKeys: [foo]\n", "is no public key"},
		{"sshKeys: [\"ssh-ed25519 AAAA... you\"]\n", "is no public key"},
		/* cut short */
		{"sshKeys: [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAB you\"]\n",
		 "not a whole one"},
		{"sshKeys: [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 you\"]\n", "not a whole one"},
		/* one type outside, another inside */
		{"sshKeys: [\"ssh-rsa "
		 "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f you\"]\n",
		 "is no public key"},
		{"subnet: 10.0.0.0/24\n", "unknown key \"subnet\"; it belongs under lan"},
		{"unknown: maybe\n", "is not one of disk, ignore"},
		{"- a\n", "keys such as \"cluster:\""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_told(rows[i].text, MAC("01"), NULL, rows[i].told);
}

static void tells_faults_of_a_record(void **state)
{
	static const struct {
		const char *text, *told;
	} rows[] = {
		{"role: worker\n", "has no MAC address"},
		{"mac: 52:54\n", "nodes/one.yaml:1:6: mac: \"52:54\" is no MAC address"},
		{MAC("01") "roel: worker\n", "did you mean \"role\"?"},
		{MAC("01") "role: boss\n", "is not one of control-plane, worker"},
		{MAC("01") "role: control-plane\n", "needs an address of its own"},
		{MAC("01") "role: control-plane\naddress: 10.0.0.1/24\n",
		 "the cluster exists already"},
		{MAC("01") "address: 10.0.0.1\n", "lacks its prefix length"},
		{MAC("01") "address: 10.0.0.0/24\n", "the address of a network"},
		{MAC("01") "labels: {\"a b\": c}\n", "Kubernetes takes labels like"},
		{MAC("01") "labels: {node-role.kubernetes.io/worker: \"\"}\n",
		 "may not give itself a label of this domain"},
		{MAC("01") "taints: [x]\n", "is no taint"},
		{MAC("01") "uuid: 8f2c1c1e\n", "nodes/one.yaml:2:7: uuid: a UUID is wanted"},
		{MAC("01") "serial: "
			   "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdefX\n",
		 "a serial number has at most 64 characters"},
		{MAC("01") "metadata: {etcd-name: x}\n", "letters, digits and '_'"},
		{MAC("01") "metadata: {a: {b: c}}\n", "one value is wanted here"},
		{MAC("01") "kernelArguments: [\"a b\"]\n", "no single kernel argument"},
		{MAC("01") "kernelArguments: [\"$(x)\"]\n", "no single kernel argument"},
		{MAC("01") "name: One\n", "is no name"},
		{MAC("01") "storage: {system: {disks: [{serail: x}]}}\n", "did you mean serial?"},
		{MAC("01") "storage: {system: {disks: [{size: 1T}]}}\n",
		 "did you mean minSize or maxSize?"},
		{MAC("01") "storage: {system: {disks: [{device: sda}]}}\n", "did you mean serial?"},
		{MAC("01") "storage: {system: {disks: [/dev/sda]}}\n",
		 "may be another disk at the next boot; name the disk's serial"},
		{MAC("01") "storage: {system: {disks: [{serial: /dev/sda}]}}\n", "lsblk -dno"},
		{MAC("01") "storage:\n  disks: [serial=A]\n",
		 "nodes/one.yaml:3:3: unknown key \"disks\"; it belongs under storage.system or a "
		 "pool of storage.pools"},
		{MAC("01") "storage:\n  mount: /x\n",
		 "unknown key \"mount\"; it belongs under a pool of storage.pools"},
		{MAC("01") "pools: []\n", "unknown key \"pools\"; it belongs under storage"},
		{MAC("01") "disks: [serial=A]\n", "it belongs under storage.system or a pool"},
		{MAC("01") "storage: {system: {disks: [{minSize: 2T, maxSize: 1T}]}}\n",
		 "minSize is above maxSize"},
		{MAC("01") "storage: {system: {disks: [{serial: a, count: 2}]}}\n", "remove count"},
		{MAC("01") "storage: {system: {data: raid1}}\n", "wants at least 2 disks"},
		{MAC("01") "storage: {system: {data: raid2}}\n",
		 "\"raid2\" is not one of single, dup"},
		{MAC("01") "storage: {system: {data: raid5}}\n", "write raid1, or raid1c3"},
		{MAC("01") "storage: {system: {subvolumes: [{name: x, mount: /}]}}\n",
		 "needs the subvolume"},
		{MAC("01") "storage: {system: {mount: /x}}\n", "unknown key \"mount\""},
		{MAC("01") "storage: {pools: [{name: tank}]}\n", "the pool has no disks"},
		{MAC("01") "storage: {pools: [{disks: all}]}\n", "the pool has no name"},
		{MAC("01") "storage: {pools: [{name: system, disks: all}]}\n",
		 "another pool is called \"system\""},
		{MAC("01") "storage: {pools: [{name: t, disks: all, mount: srv}]}\n",
		 "no absolute path"},
		{MAC("01") "storage: {pools: [{name: t, disks: all, mount: /a/../b}]}\n",
		 "no absolute path"},
		{MAC("01") "storage:\n  pools:\n    - {name: t, disks: all}\n    - {name: u, "
			   "disks: "
			   "serial=B, mount: /home}\n",
		 "nodes/one.yaml:5:7: two things are mounted at /home"},
		{MAC("01") "storage: {pools: [{name: t, disks: all, mount: /home}]}\n",
		 "two things are mounted at /home"},
		{MAC("01") "storage: {pools: [{name: t, disks: all, mount: /}]}\n",
		 "/ belongs to the system itself; mount t elsewhere, as at /srv/t"},
		{MAC("01") "storage: {pools: [{name: t, disks: all, mount: /usr/share}]}\n",
		 "/usr/share belongs to the system itself"},
		{MAC("01") "storage: {pools: [{name: t, disks: all, mount: /var/lib}]}\n",
		 "/var/lib belongs to the system itself"},
		{MAC("01") "storage: {pools: [{name: t, disks: all, subvolumes: [{name: a, "
			   "mount: /etc}]}]}\n",
		 "/etc belongs to the system itself"},
		{MAC("01") "storage: {system: {subvolumes: [{name: x, mount: /}, {name: y, mount: "
			   "/boot}]}}\n",
		 "/boot belongs to the system itself"},
		{MAC("01") "address: 192.168.7.255/24\n", "broadcast address"},
		{MAC("01") "storage: {pools: [{name: t, disks: all, compression: zstd:99}]}\n",
		 "write none, lzo"},
		{MAC("01") "storage: {system: {disks: serial=A}, pools: [{name: t, disks: "
			   "serial=A}]}\n",
		 "the disk A is named twice"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_told(CLUSTER, rows[i].text, NULL, rows[i].told);
}

/* The nearest word may be one that keeps no second copy. */
static void guesses_no_profile(void **state)
{
	static const char *const words[] = {"raid5", "raid6", "raid2", "raid", "raid01"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		_cleanup_(freep) char *text =
			xasprintf(MAC("01") "storage: {system: {data: %s}}\n", words[i]);
		struct inventory *inv = NULL;
		struct problems ps = {0};

		assert_int_equal(parse_two(CLUSTER, text, NULL, &inv, &ps), -1);
		assert_int_equal(ps.n, 1);
		assert_null(strstr(ps.p[0].text, "did you mean"));
		problems_release(&ps);
	}
}

static void tells_a_disk_that_is_named_often_once(void **state)
{
	static const char record[] = MAC("01") "storage: {system: {disks: [serial=A, serial=A, "
					       "serial=A]}}\n";
	struct inventory *inv = NULL;
	struct problems ps = {0};

	(void)state;
	assert_int_equal(parse_two(CLUSTER, record, NULL, &inv, &ps), -1);
	assert_int_equal(ps.n, 1);
	problems_release(&ps);
}

static void tells_what_two_files_contradict(void **state)
{
	(void)state;
	assert_told(
		CLUSTER, MAC("01"), MAC("01"),
		"nodes/two.yaml:1:1: the MAC address 52:54:00:00:00:01 belongs to nodes/one.yaml");
	assert_told(CLUSTER, MAC("01"), MAC("02") "name: one\n", "the name one belongs to");
	assert_told(CLUSTER, MAC("01") "address: 10.0.0.7/24\n", MAC("02") "address: 10.0.0.7/24\n",
		    "10.0.0.7 belongs to one already");
	assert_told("lan: {subnet: 10.1.0.0/24}\n" CLUSTER, MAC("01") "address: 10.0.0.7/24\n",
		    NULL,
		    "nodes/one.yaml:2:10: address: 10.0.0.7 is not in lan.subnet 10.1.0.0/24");
	assert_told(
		"lan: {subnet: 10.1.0.0/24}\n" CLUSTER, MAC("01") "address: 10.1.0.7/32\n", NULL,
		"address: the prefix /32 is not that of lan.subnet 10.1.0.0/24; write 10.1.0.7/24");
	assert_told("provisioner: {address: 10.0.0.1}\n" CLUSTER,
		    MAC("01") "address: 10.0.0.1/24\n", NULL,
		    "nodes/one.yaml:2:10: address: 10.0.0.1 is the provisioner's own");
	assert_told("lan: {router: 10.0.0.254}\n" CLUSTER, MAC("01") "address: 10.0.0.254/24\n",
		    NULL, "address: 10.0.0.254 is the router's (lan.router)");
	assert_told(KEY, MAC("01") "role: control-plane\naddress: 10.0.0.7/24\n",
		    MAC("02") "role: control-plane\naddress: 10.0.0.8/24\n",
		    "2 control planes need one name");
	assert_told("cluster: {name: home}\n", MAC("01"), NULL, "nobody could log in to one");
}

static void tells_all_faults_of_a_file_to_a_limit(void **state)
{
	struct problems ps = {0};
	struct inventory *inv = NULL;

	(void)state;
	assert_int_equal(
		parse_two(CLUSTER, "mac: x\nrole: y\nfoo: 1\naddress: z\n", NULL, &inv, &ps), -1);
	assert_int_equal(ps.n, 4);
	problems_release(&ps);
	for (int i = 0; i < 60; i++)
		problems_add(&ps, "f", 1, 1, "x");
	assert_int_equal(ps.n, 50);
	problems_add(&ps, "g", 1, 1, "x");
	assert_int_equal(ps.n, 51);
	problems_release(&ps);
}

static void writes_a_record_that_reads_back(void **state)
{
	static const char record[] =
		"mac: [52:54:00:00:00:01, 525400000002]\naddress: 10.0.0.20/24\n"
		"labels: {shelf: 2}\ntaints: [\"a=b:NoSchedule\"]\nkernelArguments: [quiet]\n"
		"serial: 'S \"1'\nuuid: 8f2c1c1e-0f3b-4a0e-9a55-52540000a101\n"
		"metadata: {motd: \"a\\n b: c\"}\n"
		"storage:\n  system: {disks: [{serial: 'S\"1'}, {transport: nvme, minSize: 5G}]}\n"
		"  pools: [{name: tank, disks: all, data: raid1, mount: /srv/tank}]\n";
	struct inventory *a = NULL, *b = NULL;
	struct problems ps = {0};
	char *text, *again;

	(void)state;
	assert_int_equal(parse_two(CLUSTER, record, NULL, &a, &ps), 0);
	text = node_to_yaml(&a->nodes[0], a);
	if (parse_two(CLUSTER, text, NULL, &b, &ps) < 0)
		fail_msg("%s in:\n%s", ps.p[0].text, text);
	again = node_to_yaml(&b->nodes[0], b);
	assert_string_equal(b->nodes[0].serial, "S \"1");
	assert_string_equal(b->nodes[0].metadata[0].value, "a\n b: c");
	assert_string_equal(text, again);
	free(text);
	free(again);
	inventory_free(a);
	inventory_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_whole_record),
		cmocka_unit_test(fills_in_defaults),
		cmocka_unit_test(tells_faults_of_cluster_yaml),
		cmocka_unit_test(tells_faults_of_a_record),
		cmocka_unit_test(guesses_no_profile),
		cmocka_unit_test(tells_a_disk_that_is_named_often_once),
		cmocka_unit_test(tells_what_two_files_contradict),
		cmocka_unit_test(tells_all_faults_of_a_file_to_a_limit),
		cmocka_unit_test(writes_a_record_that_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
