/* SPDX-License-Identifier: Apache-2.0 */
#include "live_join.h"

#include <string.h>

#include "k3s_config.h"
#include "kubeadm_config.h"

/* The file that config.yaml would name is not there: the token stands in its place. */
static void k3s_text(const struct plan *p, const struct kube_secrets *s, struct ipv4 node_ip,
		     struct secret *ret)
{
	static const char named[] = "token-file: \"" K3S_TOKEN "\"\n";
	_cleanup_(freep) char *config = k3s_config(p, s, node_ip);
	char *text;

	if (!startswith(config, named))
		BUG("a config.yaml that does not begin with its token");
	text = xasprintf("token: \"%s\"\n%s", secret_reveal(&s->token), config + strlen(named));
	secret_set(ret, text, strlen(text));
	explicit_bzero(text, strlen(text));
	free(text);
}

int live_join_config(const char *plan, const json_t *secrets, struct ipv4 node_ip,
		     struct secret *ret, struct err *err)
{
	_cleanup_(kube_secrets_release) struct kube_secrets s = {0};
	_cleanup_(plan_freep) struct plan *p = NULL;
	_cleanup_json_ json_t *j = NULL;

	if (jsonx_parse(plan, strlen(plan), "the frozen plan", &j, err) < 0 ||
	    plan_from_json(j, &p, err) < 0 || kube_secrets_from_json(secrets, &s, err) < 0)
		return -1;
	if (p->network.address.ip.a)
		node_ip = p->network.address.ip;
	if (p->kube.flavour == FLAVOUR_KUBEADM)
		return kubeadm_config(p, &s, node_ip, ret, err);
	k3s_text(p, &s, node_ip, ret);
	return 0;
}
