/* SPDX-License-Identifier: Apache-2.0 */
#include "node.h"

#include <ctype.h>
#include <string.h>

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

/* n characters of a label's name or value. */
static bool is_label_word(const char *s, size_t n, bool may_be_empty)
{
	if (!n)
		return may_be_empty;
	if (n > 63 || !isalnum((unsigned char)s[0]) || !isalnum((unsigned char)s[n - 1]))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("._-", s[i]))
			return false;
	return true;
}

static bool is_label_key(const char *s)
{
	const char *slash = strchr(s, '/');
	size_t prefix = slash ? (size_t)(slash - s) : 0;

	if (slash) {
		if (!prefix || prefix > 253)
			return false;
		for (size_t i = 0; i < prefix; i++)
			if (!islower((unsigned char)s[i]) && !isdigit((unsigned char)s[i]) &&
			    s[i] != '.' && s[i] != '-')
				return false;
		s = slash + 1;
	}
	return is_label_word(s, strlen(s), false);
}

bool label_is_valid(const struct label *l)
{
	return is_label_key(l->key) && is_label_word(l->value, strlen(l->value), true);
}

int taint_parse(const char *text, struct label *ret_taint)
{
	static const char *const effects[] = {"NoSchedule", "PreferNoSchedule", "NoExecute"};
	const char *colon = strrchr(text, ':');
	const char *equals = strchr(text, '=');
	_cleanup_(freep) char *key = NULL;
	const char *value;
	bool known = false;

	if (!colon || (equals && equals > colon))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(effects); i++)
		known = known || streq(effects[i], colon + 1);
	key = xstrndup(text, (size_t)((equals ? equals : colon) - text));
	value = equals ? equals + 1 : colon;
	if (!known || !is_label_key(key) || !is_label_word(value, (size_t)(colon - value), true))
		return -1;
	*ret_taint = (struct label){TAKE_PTR(key), xstrdup(value)};
	return 0;
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
	labels_release(n->metadata, n->n_metadata);
	free(n->uuid);
	free(n->serial);
	strv_release(&n->ssh_keys);
	strv_release(&n->kernel_arguments);
	for (size_t i = 0; i < n->n_pools; i++)
		pool_spec_release(&n->pools[i]);
	free(n->pools);
	*n = (struct node){0};
}
