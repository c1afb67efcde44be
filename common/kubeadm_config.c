/* SPDX-License-Identifier: Apache-2.0 */
#include "kubeadm_config.h"

#include <string.h>

#include "buf.h"
#include "limits.h"
#include "parse.h"

#define API_PORT 6443
/* A machine without a quick disk takes minutes where kubeadm's default waits four. */
#define CONTROL_PLANE_TIMEOUT "20m0s"
#define JOIN_TIMEOUT          "10m0s"

int kubeadm_minor(const char *version, unsigned int *ret_minor, struct err *err)
{
	_cleanup_(freep) char *digits = NULL;
	struct err ignored = ERR_INIT;
	uint64_t minor;
	size_t len;

	if (startswith(version, "1.")) {
		len = strcspn(version + 2, ".");
		digits = xstrndup(version + 2, len);
		if (parse_u64(digits, 999, &minor, &ignored) == 0) {
			*ret_minor = (unsigned int)minor;
			return 0;
		}
		err_release(&ignored);
	}
	return err_set(err, ERR_CONFIG, "%s is no version of Kubernetes such as 1.31.4", version);
}

/* What the documents of one call share: what one version calls by another name than the next, and
 * the node's address. */
struct scope {
	const char *api;
	bool lists;    /* extra arguments as [{name, value}] */
	bool timeouts; /* an object of time-outs */
	unsigned int minor;
	struct ipv4 node_ip;
};

static struct scope scope_of(unsigned int minor)
{
	if (minor < 22)
		return (struct scope){"kubeadm.k8s.io/v1beta2", false, false, minor, {0}};
	if (minor < 31)
		return (struct scope){"kubeadm.k8s.io/v1beta3", false, false, minor, {0}};
	return (struct scope){"kubeadm.k8s.io/v1beta4", true, true, minor, {0}};
}

static json_t *document(const char *api, const char *kind)
{
	return json_pack("{s:s,s:s}", "apiVersion", api, "kind", kind);
}

static void put_argument(const struct scope *d, json_t *arguments, const char *name,
			 const char *value)
{
	if (d->lists)
		json_array_append_new(arguments,
				      json_pack("{s:s,s:s}", "name", name, "value", value));
	else
		jsonx_put_string(arguments, name, value);
}

/* "k=v,k=v"; NULL when there are none. */
static char *join_labels(const struct plan_kube *k)
{
	struct buf b;

	if (k->n_labels == 0)
		return NULL;
	buf_init(&b, LIMIT_PLAN_BYTES);
	for (size_t i = 0; i < k->n_labels; i++)
		buf_addf(&b, "%s%s=%s", i ? "," : "", k->labels[i].key, k->labels[i].value);
	return buf_take(&b);
}

static json_t *kubelet_arguments(const struct plan *plan, const struct scope *d)
{
	json_t *arguments = d->lists ? json_array() : json_object();
	_cleanup_(freep) char *labels = join_labels(&plan->kube);
	char ip[IPV4_TEXT_SIZE];

	if (d->node_ip.a)
		put_argument(d, arguments, "node-ip", ipv4_format(d->node_ip, ip));
	if (labels)
		put_argument(d, arguments, "node-labels", labels);
	return arguments;
}

static void add_taint(json_t *taints, const char *key, const char *value, const char *effect)
{
	json_t *t = json_object();

	jsonx_put_string(t, "key", key);
	if (*value)
		jsonx_put_string(t, "value", value);
	jsonx_put_string(t, "effect", effect);
	json_array_append_new(taints, t);
}

/* A list that is there replaces kubeadm's own, so that its taint is repeated where it is wanted. */
static json_t *make_taints(const struct plan_kube *k, const struct scope *d)
{
	json_t *taints = json_array();

	if (k->role == ROLE_CONTROL_PLANE && !k->control_plane_takes_work) {
		if (d->minor < 25)
			add_taint(taints, "node-role.kubernetes.io/master", "", "NoSchedule");
		if (d->minor >= 24)
			add_taint(taints, "node-role.kubernetes.io/control-plane", "",
				  "NoSchedule");
	}
	for (size_t i = 0; i < k->n_taints; i++) {
		const char *colon = strrchr(k->taints[i].value, ':');
		_cleanup_(freep) char *value = NULL;

		if (!colon)
			BUG("a taint without effect");
		value = xstrndup(k->taints[i].value, (size_t)(colon - k->taints[i].value));
		add_taint(taints, k->taints[i].key, value, colon + 1);
	}
	return taints;
}

static json_t *registration(const struct plan *plan, const struct scope *d)
{
	json_t *j = json_object();

	jsonx_put_string(j, "name", plan->node);
	jsonx_put_string(j, "criSocket", KUBEADM_CRI_SOCKET);
	json_object_set_new(j, "kubeletExtraArgs", kubelet_arguments(plan, d));
	json_object_set_new(j, "taints", make_taints(&plan->kube, d));
	return j;
}

static json_t *local_endpoint(const struct plan *plan)
{
	json_t *j = json_object();
	char ip[IPV4_TEXT_SIZE];

	if (plan->network.address.ip.a)
		jsonx_put_string(j, "advertiseAddress", ipv4_format(plan->network.address.ip, ip));
	json_object_set_new(j, "bindPort", json_integer(API_PORT));
	return j;
}

static json_t *timeouts(void)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s}", "controlPlaneComponentHealthCheck",
			 CONTROL_PLANE_TIMEOUT, "kubeletHealthCheck", JOIN_TIMEOUT, "discovery",
			 JOIN_TIMEOUT, "tlsBootstrap", JOIN_TIMEOUT, "kubernetesAPICall", "5m0s");
}

static json_t *bootstrap_token(const struct secret *token)
{
	return json_pack("{s:s,s:s,s:[s,s],s:[s]}", "token", secret_reveal(token), "ttl", "15m0s",
			 "usages", "signing", "authentication", "groups",
			 "system:bootstrappers:kubeadm:default-node-token");
}

static json_t *init_document(const struct plan *plan, const struct kube_secrets *s,
			     const struct scope *d)
{
	json_t *j = document(d->api, "InitConfiguration"), *tokens = json_array();

	json_array_append_new(tokens, bootstrap_token(&s->token));
	json_object_set_new(j, "bootstrapTokens", tokens);
	json_object_set_new(j, "localAPIEndpoint", local_endpoint(plan));
	json_object_set_new(j, "nodeRegistration", registration(plan, d));
	if (d->timeouts)
		json_object_set_new(j, "timeouts", timeouts());
	return j;
}

static json_t *cluster_document(const struct plan *plan, const struct scope *d)
{
	const struct plan_kube *k = &plan->kube;
	json_t *j = document(d->api, "ClusterConfiguration"), *networking = json_object();
	_cleanup_(freep) char *version = xasprintf("v%s", k->version);
	char net[IPV4_NET_TEXT_SIZE];

	/* Without a version kubeadm would ask the internet for one. */
	jsonx_put_string(j, "kubernetesVersion", version);
	jsonx_put_string(j, "clusterName", k->cluster_name);
	jsonx_put_string(j, "controlPlaneEndpoint", k->endpoint);
	if (k->pod_subnet.ip.a)
		jsonx_put_string(networking, "podSubnet", ipv4_net_format(k->pod_subnet, net));
	if (k->service_subnet.ip.a)
		jsonx_put_string(networking, "serviceSubnet",
				 ipv4_net_format(k->service_subnet, net));
	json_object_set_new(j, "networking", networking);
	if (!d->timeouts)
		json_object_set_new(
			j, "apiServer",
			json_pack("{s:s}", "timeoutForControlPlane", CONTROL_PLANE_TIMEOUT));
	return j;
}

static json_t *kubelet_document(void)
{
	json_t *j = document("kubelet.config.k8s.io/v1beta1", "KubeletConfiguration");

	jsonx_put_string(j, "cgroupDriver", "systemd");
	return j;
}

static json_t *join_document(const struct plan *plan, const struct kube_secrets *s,
			     const struct scope *d)
{
	json_t *j = document(d->api, "JoinConfiguration"), *discovery = json_object();
	json_t *bootstrap = json_object();

	jsonx_put_string(bootstrap, "apiServerEndpoint", s->endpoint);
	jsonx_put_string(bootstrap, "token", secret_reveal(&s->token));
	jsonx_put_strv(bootstrap, "caCertHashes", &s->ca_hashes);
	json_object_set_new(discovery, "bootstrapToken", bootstrap);
	if (!d->timeouts)
		jsonx_put_string(discovery, "timeout", JOIN_TIMEOUT);
	json_object_set_new(j, "discovery", discovery);
	json_object_set_new(j, "nodeRegistration", registration(plan, d));
	if (plan->kube.role == ROLE_CONTROL_PLANE)
		json_object_set_new(j, "controlPlane",
				    json_pack("{s:o}", "localAPIEndpoint", local_endpoint(plan)));
	if (d->timeouts)
		json_object_set_new(j, "timeouts", timeouts());
	return j;
}

static bool add(struct buf *b, json_t *j)
{
	_cleanup_json_ json_t *owned = j;
	char *text = jsonx_pretty(owned);
	bool fits = (b->len == 0 || buf_adds(b, "---\n")) && buf_adds(b, text);

	explicit_bzero(text, strlen(text));
	free(text);
	return fits;
}

int kubeadm_config(const struct plan *plan, const struct kube_secrets *secrets, struct ipv4 node_ip,
		   struct secret *ret, struct err *err)
{
	unsigned int minor = 0;
	struct scope d;
	struct buf b;
	bool fits;

	if (kubeadm_minor(plan->kube.version, &minor, err) < 0)
		return -1;
	d = scope_of(minor);
	d.node_ip = node_ip;
	buf_init(&b, LIMIT_PLAN_BYTES);
	if (plan->kube.action == KUBE_INIT)
		fits = add(&b, init_document(plan, secrets, &d)) &&
		       add(&b, cluster_document(plan, &d)) && add(&b, kubelet_document());
	else
		fits = add(&b, join_document(plan, secrets, &d));
	if (fits)
		secret_set(ret, b.data, b.len);
	if (b.data)
		explicit_bzero(b.data, b.len);
	buf_release(&b);
	return fits ? 0 : err_set(err, ERR_INTERNAL, "kubeadm's configuration is too large");
}
