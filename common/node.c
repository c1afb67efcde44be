/* SPDX-License-Identifier: Apache-2.0 */
#include "node.h"

static const char *const roles[ROLE_MAX] = {
	[ROLE_CONTROL_PLANE] = "control-plane",
	[ROLE_WORKER] = "worker",
};

static const char *const archs[ARCH_MAX] = {
	[ARCH_AMD64] = "amd64",
	[ARCH_ARM64] = "arm64",
};

const char *role_name(enum node_role r)
{
	if ((unsigned int)r >= ROLE_MAX)
		BUG("role out of range");
	return roles[r];
}

enum node_role role_parse(const char *word)
{
	for (int i = 0; i < ROLE_MAX; i++)
		if (streq(roles[i], word))
			return (enum node_role)i;
	return ROLE_INVALID;
}

const char *arch_name(enum arch a)
{
	if ((unsigned int)a >= ARCH_MAX)
		BUG("architecture out of range");
	return archs[a];
}

enum arch arch_parse(const char *word)
{
	for (int i = 0; i < ARCH_MAX; i++)
		if (streq(archs[i], word))
			return (enum arch)i;
	return ARCH_INVALID;
}

void labels_release(struct label *labels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(labels[i].key);
		free(labels[i].value);
	}
	free(labels);
}

void node_release(struct node *n)
{
	free(n->name);
	free(n->macs);
	free(n->image);
	labels_release(n->labels, n->n_labels);
	labels_release(n->taints, n->n_taints);
	strv_release(&n->ssh_keys);
	strv_release(&n->kernel_arguments);
	for (size_t i = 0; i < n->n_pools; i++)
		pool_spec_release(&n->pools[i]);
	free(n->pools);
	*n = (struct node){0};
}
