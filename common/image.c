/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include "limits.h"

#include <string.h>

const struct asset *manifest_find(const struct manifest *m, const char *path)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(path, m->assets[mid].path);

		if (!c)
			return &m->assets[mid];
		if (c < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

void asset_release(struct asset *a)
{
	free(a->path);
	free(a->chunks);
	*a = (struct asset){0};
}

void asset_copy(struct asset *dst, const struct asset *src)
{
	*dst = *src;
	dst->path = xstrdup(src->path);
	dst->chunks = xmemdup(src->chunks, src->n_chunks * sizeof(*src->chunks));
}

void manifest_release(struct manifest *m)
{
	for (size_t i = 0; i < m->n; i++)
		asset_release(&m->assets[i]);
	free(m->assets);
	*m = (struct manifest){0};
}

json_t *asset_to_json(const struct asset *a)
{
	json_t *j = json_object(), *chunks = json_array();
	char hex[SHA256_TEXT_SIZE];

	jsonx_put_string(j, "path", a->path);
	json_object_set_new(j, "size", json_integer((json_int_t)a->size));
	jsonx_put_string(j, "sha256", sha256_format(&a->digest, hex));
	for (size_t i = 0; i < a->n_chunks; i++)
		json_array_append_new(chunks, json_string(sha256_format(&a->chunks[i], hex)));
	json_object_set_new(j, "chunks", chunks);
	return j;
}

/* Relative, no empty, "." or ".." part, nothing that URLs would have to escape. */
static bool path_is_clean(const char *path)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+-/";
	const char *p = path;

	if (strlen(path) > LIMIT_URL / 2 || path[strspn(path, allowed)])
		return false;
	for (;;) {
		size_t len = strcspn(p, "/");

		if (!len || (len <= 2 && strncmp(p, "..", len) == 0))
			return false;
		p += len;
		if (!*p)
			return true;
		p++;
	}
}

int asset_from_json(const json_t *j, const char *path, struct asset *ret, struct err *err)
{
	_cleanup_(asset_release) struct asset a = {0};
	_cleanup_(freep) char *digest = NULL;
	struct err why = ERR_INIT;
	const json_t *chunks;
	struct jsonx_reader r;
	uint64_t wanted;
	json_t *jc;
	size_t i;

	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "path", &a.path);
	jsonx_u64(&r, "size", INT64_MAX, &a.size);
	jsonx_string(&r, "sha256", &digest);
	chunks = jsonx_array(&r, "chunks", LIMIT_MANIFEST_BYTES / SHA256_TEXT_SIZE);
	if (a.path && !path_is_clean(a.path))
		jsonx_fail(&r, "path", "is no path below the assets");
	if (digest && sha256_parse(digest, &a.digest, &why) < 0)
		jsonx_fail(&r, "sha256", "is wrong: %s", err_text(&why));
	wanted = a.size / ASSET_CHUNK + (a.size % ASSET_CHUNK != 0);
	if (chunks && json_array_size(chunks) != wanted)
		jsonx_fail(&r, "chunks", "has %zu digests, the size wants %ju",
			   json_array_size(chunks), (uintmax_t)wanted);
	if (!r.failed)
		a.chunks = xcalloc(json_array_size(chunks), sizeof(*a.chunks));
	json_array_foreach (r.failed ? NULL : (json_t *)chunks, i, jc) {
		const char *hex = json_string_value(jc);

		if (!hex || sha256_parse(hex, &a.chunks[i], &why) < 0) {
			jsonx_fail(&r, "chunks", "[%zu] is no SHA-256 digest", i);
			break;
		}
		a.n_chunks++;
	}
	err_release(&why);
	if (jsonx_done(&r) < 0)
		return -1;
	*ret = a;
	a = (struct asset){0};
	return 0;
}

json_t *manifest_to_json(const struct manifest *m)
{
	json_t *j = json_object(), *assets = json_array();

	for (size_t i = 0; i < m->n; i++)
		json_array_append_new(assets, asset_to_json(&m->assets[i]));
	json_object_set_new(j, "assets", assets);
	return j;
}

int manifest_from_json(const json_t *j, struct manifest *ret, struct err *err)
{
	_cleanup_(manifest_release) struct manifest m = {0};
	const json_t *assets;
	struct jsonx_reader r;
	json_t *ja;
	size_t i;

	jsonx_begin(&r, j, "$", err);
	assets = jsonx_array(&r, "assets", LIMIT_MANIFEST_BYTES / SHA256_TEXT_SIZE);
	if (jsonx_done(&r) < 0)
		return -1;
	m.assets = xcalloc(json_array_size(assets), sizeof(*m.assets));
	json_array_foreach ((json_t *)assets, i, ja) {
		_cleanup_(freep) char *at = xasprintf("$.assets[%zu]", i);

		if (asset_from_json(ja, at, &m.assets[m.n], err) < 0)
			return -1;
		m.n++;
		if (i && strcmp(m.assets[i - 1].path, m.assets[i].path) >= 0)
			return err_set(err, ERR_PROTOCOL, "%s.path is not in order", at);
	}
	*ret = m;
	m = (struct manifest){0};
	return 0;
}
