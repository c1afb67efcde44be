/* SPDX-License-Identifier: Apache-2.0 */
/* What the keeper does with its keys: join material and tokens. */
#include "keeper.h"

#include <string.h>
#include <time.h>

#include <openssl/rand.h>

#include "base64.h"
#include "grant.h"
#include "inventory.h"
#include "kube_api.h"
#include "limits.h"
#include "request_sign.h"
#include "secrets.h"

#define ADMIN_CN   "provision-keeper"
#define ADMIN_DAYS 1

int keeper_duty_init(struct keeper_duty *d, const struct paths *paths, const struct cluster *c,
		     struct err *err)
{
	*d = (struct keeper_duty){
		.paths = {xstrdup(paths->config), xstrdup(paths->state), xstrdup(paths->run),
			  xstrdup(paths->data)},
		.flavour = c->flavour,
		.endpoint = xstrdup(c->endpoint),
		.kubeconfig = kubeconfig_path(paths->config, c),
		.grants = grant_open(paths->state, err),
	};
	if (d->grants >= 0)
		return 0;
	keeper_duty_release(d);
	return -1;
}

void keeper_duty_release(struct keeper_duty *d)
{
	paths_release(&d->paths);
	free(d->endpoint);
	free(d->kubeconfig);
	closep(&d->grants);
}

struct join {
	char *node, *revoke;
	char *key, *time, *signature, *body; /* of the node's request */
	bool init, control_plane, reinstall;
};

static void join_release(struct join *j)
{
	free(j->node);
	free(j->revoke);
	free(j->key);
	free(j->time);
	free(j->signature);
	free(j->body);
}

static int access_cluster(const struct keeper_duty *d, struct kubeconfig *ret, struct err *err)
{
	if (d->kubeconfig)
		return kubeconfig_load(d->kubeconfig, ret, err);
	return kubeconfig_of_ours(d->paths.state, d->endpoint, ADMIN_CN, ADMIN_DAYS, ret, err);
}

static void make_token(struct token *t)
{
	uint8_t bytes[TOKEN_RANDOM];

	do {
		if (RAND_bytes(bytes, sizeof(bytes)) != 1)
			BUG("no random numbers");
	} while (!token_from_random(bytes, t));
	explicit_bzero(bytes, sizeof(bytes));
}

/* Where a kubeadm, or a k3s server, looks for a file of the cluster's pki. */
static const struct {
	const char *name, *kubeadm, *k3s;
} pki_places[] = {
	{"ca.crt", "/etc/kubernetes/pki/ca.crt", "server-ca.crt"},
	{"ca.key", "/etc/kubernetes/pki/ca.key", "server-ca.key"},
	{"ca.crt", NULL, "client-ca.crt"},
	{"ca.key", NULL, "client-ca.key"},
	{"etcd/ca.crt", "/etc/kubernetes/pki/etcd/ca.crt", "etcd/server-ca.crt"},
	{"etcd/ca.key", "/etc/kubernetes/pki/etcd/ca.key", "etcd/server-ca.key"},
	{"etcd/ca.crt", NULL, "etcd/peer-ca.crt"},
	{"etcd/ca.key", NULL, "etcd/peer-ca.key"},
	{"front-proxy-ca.crt", "/etc/kubernetes/pki/front-proxy-ca.crt", "request-header-ca.crt"},
	{"front-proxy-ca.key", "/etc/kubernetes/pki/front-proxy-ca.key", "request-header-ca.key"},
	{"sa.pub", "/etc/kubernetes/pki/sa.pub", NULL},
	{"sa.key", "/etc/kubernetes/pki/sa.key", "service.key"},
};
#define K3S_TLS "/var/lib/rancher/k3s/server/tls/"

static int add_file(const struct keeper_duty *d, const char *name, const char *path, json_t *files,
		    struct err *err)
{
	_cleanup_(secret_release) struct secret s = SECRET_INIT;
	json_t *file = json_object();
	char *text;

	json_array_append_new(files, file);
	if (secrets_pki_read(d->paths.state, name, &s, err) < 0)
		return -1;
	text = base64_encode(secret_reveal(&s), secret_length(&s));
	jsonx_put_string(file, "path", path);
	json_object_set_new(file, "mode", json_integer(endswith(name, ".key") ? 0600 : 0644));
	jsonx_put_string(file, "contents", text);
	explicit_bzero(text, strlen(text));
	free(text);
	return 0;
}

static int add_files(const struct keeper_duty *d, json_t *secrets, struct err *err)
{
	json_t *files = json_array();

	json_object_set_new(secrets, "files", files);
	for (size_t i = 0; i < ARRAY_SIZE(pki_places); i++) {
		_cleanup_(freep) char *path = NULL;

		if (d->flavour == FLAVOUR_K3S && pki_places[i].k3s)
			path = xasprintf(K3S_TLS "%s", pki_places[i].k3s);
		else if (d->flavour == FLAVOUR_KUBEADM)
			path = xstrdup(pki_places[i].kubeadm);
		if (path && add_file(d, pki_places[i].name, path, files, err) < 0)
			return -1;
	}
	return 0;
}

static void put_token(json_t *secrets, const struct token *t, const char *before)
{
	char *text = xasprintf("%s%s.%s", before, t->id, t->secret);

	jsonx_put_string(secrets, "token", text);
	explicit_bzero(text, strlen(text));
	free(text);
}

/* K10<sha256 of the server's CA certificate>:: , by which a joining k3s verifies the server. */
static char *k3s_prefix(const char *ca_pem)
{
	const struct sha256 digest = sha256_of(ca_pem, strlen(ca_pem));
	char text[SHA256_TEXT_SIZE];

	return xasprintf("K10%s::", sha256_format(&digest, text));
}

static int k3s_server_token(const struct keeper_duty *d, const char *before, json_t *secrets,
			    struct err *err)
{
	_cleanup_(secret_release) struct secret s = SECRET_INIT;
	char *text;

	if (d->kubeconfig)
		return err_set(err, ERR_REFUSED,
			       "a further k3s server of a cluster that exists already needs its "
			       "server token, which is not ours to have: join it as a worker");
	if (secrets_k3s_token(d->paths.state, &s, err) < 0)
		return -1;
	text = xasprintf("%s%s%s", before, *before ? "server:" : "", secret_reveal(&s));
	jsonx_put_string(secrets, "token", text);
	explicit_bzero(text, strlen(text));
	free(text);
	return 0;
}

/* The first control plane makes the cluster from our own keys: no API server is there to ask. */
static int join_init(const struct keeper_duty *d, json_t *secrets, struct err *err)
{
	struct token t;

	if (add_files(d, secrets, err) < 0)
		return -1;
	if (d->flavour == FLAVOUR_K3S) {
		jsonx_put_string(secrets, "kind", "k3s-server");
		json_object_set_new(secrets, "init", json_true());
		return k3s_server_token(d, "", secrets, err);
	}
	make_token(&t);
	jsonx_put_string(secrets, "kind", "kubeadm-init");
	put_token(secrets, &t, "");
	explicit_bzero(&t, sizeof(t));
	return 0;
}

static int mint(const struct keeper_duty *d, const struct join *j, const struct kubeconfig *k,
		struct token *t, struct err *err)
{
	_cleanup_(kube_api_freep) struct kube_api *api = kube_api_new(k);
	_cleanup_(freep) char *what = xasprintf("provision: join of %s", j->node);

	make_token(t);
	if (j->revoke && kube_api_revoke_token(api, j->revoke, err) < 0)
		return -1;
	/* Ready of the old object must not pass for Ready of the new node */
	if (j->reinstall && kube_api_delete_node(api, j->node, err) < 0)
		return -1;
	return kube_api_add_token(api, t, (int64_t)time(NULL) + TOKEN_LIFETIME_S,
				  d->flavour == FLAVOUR_K3S
					  ? "system:bootstrappers:k3s:default-node-token"
					  : "system:bootstrappers:kubeadm:default-node-token",
				  what, err);
}

static int kubeadm_join(const struct keeper_duty *d, const struct join *j,
			const struct kubeconfig *k, const struct token *t, json_t *secrets,
			struct err *err)
{
	_cleanup_(freep) char *hash = NULL;

	if (!k->ca_pem)
		return err_set(err, ERR_CONFIG, "%s has no certificate-authority-data",
			       d->kubeconfig);
	if (secrets_spki_hash(k->ca_pem, &hash, err) < 0)
		return -1;
	jsonx_put_string(secrets, "kind", "kubeadm-join");
	jsonx_put_string(secrets, "endpoint", d->endpoint);
	json_object_set_new(secrets, "caCertHashes", json_pack("[s]", hash));
	put_token(secrets, t, "");
	return j->control_plane ? add_files(d, secrets, err) : 0;
}

static int k3s_join(const struct keeper_duty *d, const struct join *j, const struct kubeconfig *k,
		    const struct token *t, json_t *secrets, struct err *err)
{
	_cleanup_(freep) char *endpoint = xasprintf("https://%s", d->endpoint),
			      *before = k->ca_pem ? k3s_prefix(k->ca_pem) : xstrdup("");

	jsonx_put_string(secrets, "endpoint", endpoint);
	if (j->control_plane) {
		jsonx_put_string(secrets, "kind", "k3s-server");
		json_object_set_new(secrets, "init", json_false());
		return k3s_server_token(d, before, secrets, err);
	}
	jsonx_put_string(secrets, "kind", "k3s-agent");
	put_token(secrets, t, before);
	return 0;
}

static int join_existing(const struct keeper_duty *d, const struct join *j, json_t *reply,
			 json_t *secrets, struct err *err)
{
	_cleanup_(kubeconfig_release) struct kubeconfig k = {0};
	struct token t;
	int r;

	if (access_cluster(d, &k, err) < 0 || mint(d, j, &k, &t, err) < 0)
		return -1;
	jsonx_put_string(reply, "tokenId", t.id);
	r = d->flavour == FLAVOUR_K3S ? k3s_join(d, j, &k, &t, secrets, err)
				      : kubeadm_join(d, j, &k, &t, secrets, err);
	explicit_bzero(&t, sizeof(t));
	return r;
}

/* The keys of the cluster's CA leave for a machine that root asked for, by the machine's own
 * signature: that is not for the wire-facing process to say. */
static int check_grant(const struct keeper_duty *d, const struct join *j, struct err *err)
{
	const struct signed_request s = {
		.method = "POST",
		.path = "/v1/secrets/join",
		.key = j->key,
		.time = j->time,
		.signature = j->signature,
		.body = j->body ? j->body : "",
		.body_len = j->body ? strlen(j->body) : 0,
	};
	uint8_t key[ED25519_KEY_SIZE];

	if (request_verify(&s, (int64_t)time(NULL) * 1000, key, err) < 0)
		return -1;
	return grant_take(d->grants, j->node, key, j->init, err);
}

/* Where the API server is, of a cluster that had no control plane when the daemon was started.
 * Caller frees; NULL after an error. */
static char *find_endpoint(const struct keeper_duty *d, struct err *err)
{
	_cleanup_(inventory_freep) struct inventory *inv = NULL;
	_cleanup_(problems_release) struct problems ps = {0};

	if (inventory_load(d->paths.config, &inv, &ps) < 0) {
		if (problems_to_err(&ps, err) < 0)
			return NULL;
		BUG("a configuration that is wrong without a problem");
	}
	if (!inv->cluster.endpoint)
		err_set(err, ERR_CONFIG,
			"cluster.yaml: cluster.controlPlaneEndpoint is not set: host:port where "
			"the API server is reached");
	return xstrdup(inv->cluster.endpoint);
}

static int answer_join(const struct keeper_duty *d, struct jsonx_reader *r, json_t *reply,
		       struct err *err)
{
	_cleanup_(join_release) struct join j = {0};
	_cleanup_(freep) char *endpoint = NULL;
	struct keeper_duty now = *d; /* borrows */
	json_t *secrets = json_object();

	json_object_set_new(reply, "secrets", secrets);
	jsonx_string(r, "node", &j.node);
	jsonx_opt_bool(r, "init", &j.init);
	jsonx_opt_bool(r, "controlPlane", &j.control_plane);
	jsonx_opt_bool(r, "reinstall", &j.reinstall);
	jsonx_opt_string(r, "revoke", &j.revoke);
	jsonx_opt_string(r, "key", &j.key);
	jsonx_opt_string(r, "time", &j.time);
	jsonx_opt_string(r, "signature", &j.signature);
	jsonx_opt_string(r, "body", &j.body);
	if (jsonx_done(r) < 0)
		return -1;
	if (!d->endpoint) {
		endpoint = find_endpoint(d, err);
		if (!endpoint)
			return -1;
		now.endpoint = endpoint;
	}
	if (j.control_plane && !j.init && d->kubeconfig)
		return err_set(err, ERR_REFUSED,
			       "a further control plane of a cluster that exists already needs its "
			       "CA keys, which are not ours to have: set `role: worker`");
	if ((j.init || j.control_plane) && check_grant(&now, &j, err) < 0)
		return -1;
	return j.init ? join_init(&now, secrets, err)
		      : join_existing(&now, &j, reply, secrets, err);
}

int keeper_answer(const struct keeper_duty *d, const json_t *question, json_t **ret,
		  struct err *err)
{
	_cleanup_json_ json_t *reply = json_object();
	_cleanup_(freep) char *op = NULL;
	struct jsonx_reader r;

	jsonx_begin(&r, question, "$", err);
	jsonx_string(&r, "op", &op);
	if (!op || !streq(op, "join"))
		return jsonx_done(&r) < 0
			       ? -1
			       : err_set(err, ERR_INTERNAL, "the keeper has no such operation");
	if (answer_join(d, &r, reply, err) < 0)
		return -1;
	*ret = json_incref(reply);
	return 0;
}
