/* SPDX-License-Identifier: Apache-2.0 */
#include "kubeconfig.h"

#include <fcntl.h>
#include <string.h>

#include "base64.h"
#include "fsio.h"
#include "limits.h"
#include "secrets.h"
#include "yaml_tree.h"

#define ADMIN_DAYS 365

void kubeconfig_release(struct kubeconfig *k)
{
	free(k->server);
	free(k->ca_pem);
	free(k->cert_pem);
	secret_release(&k->key);
	secret_release(&k->token);
	*k = (struct kubeconfig){0};
}

/* The text of a key of a map, or NULL. Borrowed. */
static const char *text_at(const struct yaml_item *map, const char *key)
{
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n; i++)
		if (streq(map->entries[i].key, key) && map->entries[i].value->kind == YAML_TEXT)
			return map->entries[i].value->text;
	return NULL;
}

static struct yaml_item *item_at(const struct yaml_item *map, const char *key)
{
	for (size_t i = 0; map && map->kind == YAML_MAP && i < map->n; i++)
		if (streq(map->entries[i].key, key))
			return map->entries[i].value;
	return NULL;
}

/* `list` is a list of {name: N, KIND: {..}}: the inner map of the one called name. */
static struct yaml_item *named(const struct yaml_item *root, const char *list, const char *kind,
			       const char *name)
{
	struct yaml_item *all = item_at(root, list);

	for (size_t i = 0; name && all && all->kind == YAML_LIST && i < all->n; i++) {
		const char *own = text_at(all->entries[i].value, "name");

		if (own && streq(own, name))
			return item_at(all->entries[i].value, kind);
	}
	return NULL;
}

/* KEY-data in base64, or KEY as a file; absent leaves *ret empty. */
static int data_or_file(const struct yaml_item *map, const char *key, const char *dir,
			struct secret *ret, struct err *err)
{
	_cleanup_(freep) char *data_key = xasprintf("%s-data", key), *path = NULL, *bytes = NULL;
	const char *data = text_at(map, data_key), *file = text_at(map, key);
	size_t len;

	if (data) {
		if (base64_decode(data, (uint8_t **)&bytes, &len, err) < 0)
			return err_wrap(err, "%s", data_key);
	} else if (file) {
		path = *file == '/' ? xstrdup(file) : xasprintf("%s/%s", dir, file);
		if (file_read(AT_FDCWD, path, LIMIT_YAML_BYTES, &bytes, &len, err) < 0)
			return err_wrap(err, "%s", key);
	} else {
		return 0;
	}
	secret_set(ret, bytes, len);
	explicit_bzero(bytes, len);
	return 0;
}

/* The same for what is no secret. */
static int public_data(const struct yaml_item *map, const char *key, const char *dir, char **ret,
		       struct err *err)
{
	_cleanup_(secret_release) struct secret s = SECRET_INIT;

	if (data_or_file(map, key, dir, &s, err) < 0)
		return -1;
	if (secret_length(&s))
		*ret = xstrdup(secret_reveal(&s));
	return 0;
}

static int read_user(const struct yaml_item *user, const char *dir, struct kubeconfig *k,
		     struct err *err)
{
	const char *token = text_at(user, "token");

	if (item_at(user, "exec") || item_at(user, "auth-provider"))
		return err_set(err, ERR_CONFIG,
			       "its user logs in by a plugin: give a kubeconfig with a client "
			       "certificate or a token");
	if (public_data(user, "client-certificate", dir, &k->cert_pem, err) < 0 ||
	    data_or_file(user, "client-key", dir, &k->key, err) < 0)
		return -1;
	if (token)
		secret_set(&k->token, token, strlen(token));
	if ((!k->cert_pem || !secret_length(&k->key)) && !token)
		return err_set(err, ERR_CONFIG,
			       "its user has neither a client certificate with a "
			       "key nor a token");
	return 0;
}

static int read_context(const struct yaml_item *root, const char *dir, struct kubeconfig *k,
			struct err *err)
{
	const char *current = text_at(root, "current-context"), *server;
	const struct yaml_item *context = named(root, "contexts", "context", current);
	const struct yaml_item *cluster =
		named(root, "clusters", "cluster", text_at(context, "cluster"));
	const struct yaml_item *user = named(root, "users", "user", text_at(context, "user"));

	if (!context || !cluster || !user)
		return err_set(err, ERR_CONFIG,
			       "current-context does not lead to a cluster and a "
			       "user");
	server = text_at(cluster, "server");
	if (!server || !startswith(server, "https://"))
		return err_set(err, ERR_CONFIG, "the cluster's server is no https:// address");
	k->server = xstrdup(server);
	if (endswith(k->server, "/"))
		k->server[strlen(k->server) - 1] = '\0';
	if (public_data(cluster, "certificate-authority", dir, &k->ca_pem, err) < 0)
		return -1;
	return read_user(user, dir, k, err);
}

int kubeconfig_parse(const char *text, size_t len, const char *path, const char *dir,
		     struct kubeconfig *ret, struct err *err)
{
	_cleanup_(kubeconfig_release) struct kubeconfig k = {0};
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(yaml_item_freep) struct yaml_item *root = yaml_parse(text, len, path, &ps);

	if (!root)
		return problems_to_err(&ps, err);
	if (read_context(root, dir, &k, err) < 0)
		return err_wrap(err, "%s", path);
	*ret = k;
	k = (struct kubeconfig){0};
	return 0;
}

int kubeconfig_load(const char *path, struct kubeconfig *ret, struct err *err)
{
	const char *slash = strrchr(path, '/');
	_cleanup_(freep) char *text = NULL,
			      *dir = slash ? xstrndup(path, (size_t)(slash - path)) : xstrdup(".");
	size_t len;
	int r;

	if (file_read(AT_FDCWD, path, LIMIT_YAML_BYTES, &text, &len, err) < 0)
		return -1;
	r = kubeconfig_parse(text, len, path, dir, ret, err);
	explicit_bzero(text, len);
	return r;
}

int kubeconfig_of_ours(const char *state_dir, const char *endpoint, const char *cn,
		       unsigned int days, struct kubeconfig *ret, struct err *err)
{
	_cleanup_(kubeconfig_release) struct kubeconfig k = {0};
	_cleanup_(secret_release) struct secret ca = SECRET_INIT;

	if (secrets_pki_read(state_dir, "ca.crt", &ca, err) < 0 ||
	    secrets_client_cert(state_dir, cn, "system:masters", days, &k.cert_pem, &k.key, err) <
		    0)
		return -1;
	k.ca_pem = xstrdup(secret_reveal(&ca));
	k.server = xasprintf("https://%s", endpoint);
	*ret = k;
	k = (struct kubeconfig){0};
	return 0;
}

/* "  key: base64\n" into a secret text that grows. */
static void add_data(struct secret *s, const char *indent, const char *key, const char *bytes,
		     size_t n)
{
	_cleanup_(freep) char *data = base64_encode(bytes, n), *all = NULL;

	all = xasprintf("%s%s%s: %s\n", secret_reveal(s), indent, key, data);
	secret_set(s, all, strlen(all));
	explicit_bzero(data, strlen(data));
	explicit_bzero(all, strlen(all));
}

static void add_text(struct secret *s, const char *text)
{
	_cleanup_(freep) char *all = xasprintf("%s%s", secret_reveal(s), text);

	secret_set(s, all, strlen(all));
	explicit_bzero(all, strlen(all));
}

void kubeconfig_to_yaml(const struct kubeconfig *k, const char *name, struct secret *ret)
{
	_cleanup_(freep) char *head = xasprintf(
		"apiVersion: v1\nkind: Config\ncurrent-context: admin@%s\n"
		"contexts:\n- name: admin@%s\n  context:\n    cluster: %s\n    user: admin@%s\n"
		"clusters:\n- name: %s\n  cluster:\n    server: %s\n",
		name, name, name, name, name, k->server);
	_cleanup_(freep) char *user = xasprintf("users:\n- name: admin@%s\n  user:\n", name);

	secret_set(ret, head, strlen(head));
	if (k->ca_pem)
		add_data(ret, "    ", "certificate-authority-data", k->ca_pem, strlen(k->ca_pem));
	add_text(ret, user);
	if (k->cert_pem) {
		add_data(ret, "    ", "client-certificate-data", k->cert_pem, strlen(k->cert_pem));
		add_data(ret, "    ", "client-key-data", secret_reveal(&k->key),
			 secret_length(&k->key));
	} else {
		add_text(ret, "    token: ");
		add_text(ret, secret_reveal(&k->token));
		add_text(ret, "\n");
	}
}

char *kubeconfig_path(const char *config_dir, const struct cluster *c)
{
	if (!c->kubeconfig)
		return NULL;
	return *c->kubeconfig == '/' ? xstrdup(c->kubeconfig)
				     : xasprintf("%s/%s", config_dir, c->kubeconfig);
}

static int read_as_is(const char *path, struct secret *ret, struct err *err)
{
	_cleanup_(freep) char *text = NULL;
	size_t len;

	if (file_read(AT_FDCWD, path, LIMIT_YAML_BYTES, &text, &len, err) < 0)
		return -1;
	secret_set(ret, text, len);
	explicit_bzero(text, len);
	return 0;
}

int kubeconfig_for_admin(const char *state_dir, const char *config_dir, const struct cluster *c,
			 struct secret *ret, struct err *err)
{
	_cleanup_(kubeconfig_release) struct kubeconfig k = {0};
	_cleanup_(freep) char *path = kubeconfig_path(config_dir, c);

	if (path)
		return read_as_is(path, ret, err);
	if (!c->endpoint)
		return err_set(err, ERR_CONFIG,
			       "cluster.yaml: cluster.controlPlaneEndpoint is not set: host:port "
			       "where the API server is reached");
	if (kubeconfig_of_ours(state_dir, c->endpoint, "kubernetes-admin", ADMIN_DAYS, &k, err) < 0)
		return -1;
	kubeconfig_to_yaml(&k, c->name, ret);
	return 0;
}
