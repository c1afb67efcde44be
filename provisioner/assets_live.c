/* SPDX-License-Identifier: Apache-2.0 */
#include "assets_live.h"

#include <string.h>

static const char flatcar_host[] = "https://stable.release.flatcar-linux.net";
static const char fcos_host[] = "https://builds.coreos.fedoraproject.org";

/* A stream's metadata has some 100 KB, a release's less. */
#define METADATA_MAX ((size_t)4 * 1024 * 1024)

int live_asset_path(enum live_kind kind, const char *version, enum arch arch, const char *file,
		    char **ret, struct err *err)
{
	_cleanup_(freep) char *image = live_image_name(kind, version);

	if (live_kind_of(image) != kind)
		return err_set(err, ERR_USAGE,
			       "\"%.64s\" is no version of %s: letters, digits, '.', '_' and '-'",
			       version, live_kind_name(kind));
	*ret = xasprintf("boot/%s-%s/%s", image, arch_name(arch), file);
	return 0;
}

/* Takes url, digest_url, signature_url and digest over. */
static int add(struct release *r, const struct live_wish *w, const char *version, const char *file,
	       struct release_file made, struct err *err)
{
	struct release_file *f = ARRAY_APPEND(r->files, r->n);

	*f = made;
	return live_asset_path(w->kind, version, w->arch, file, &f->path, err);
}

int live_release_flatcar(const struct live_wish *w, const char *version, struct release *ret,
			 struct err *err)
{
	static const char *const theirs[] = {"flatcar_production_pxe.vmlinuz",
					     "flatcar_production_pxe_image.cpio.gz"};
	const char *const *ours = live_kind_files(LIVE_FLATCAR);
	struct release r = {0};

	for (size_t i = 0; i < ARRAY_SIZE(theirs); i++) {
		char *url = xasprintf("%s/%s-usr/%s/%s", w->mirror ? w->mirror : flatcar_host,
				      arch_name(w->arch), version, theirs[i]);
		const struct release_file f = {.url = url,
					       .digest_url = xasprintf("%s.DIGESTS", url),
					       .signature_url = xasprintf("%s.sig", url)};

		if (add(&r, w, version, ours[i], f, err) < 0) {
			release_release(&r);
			return -1;
		}
	}
	*ret = r;
	return 0;
}

/* A member of a member..., or NULL. */
static const json_t *below(const json_t *j, const char *const *keys)
{
	for (; *keys; keys++)
		j = json_object_get(j, *keys);
	return j;
}

/* The objects of kernel, initramfs and rootfs: a stream and a release have them at different
 * places. */
static const json_t *fcos_files(const json_t *arch, const char **ret_release)
{
	static const char *const of_stream[] = {"artifacts", "metal", "formats", "pxe", NULL};
	static const char *const of_release[] = {"media", "metal", "artifacts", "pxe", NULL};
	static const char *const release[] = {"artifacts", "metal", "release", NULL};
	const char *told = json_string_value(below(arch, release));
	const json_t *files = below(arch, of_stream);

	if (told)
		*ret_release = told;
	return files ? files : below(arch, of_release);
}

/* On the mirror, where it stands for upstream's host. */
static char *fcos_url(const struct live_wish *w, const char *location)
{
	return w->mirror && startswith(location, fcos_host)
		       ? xasprintf("%s%s", w->mirror, location + strlen(fcos_host))
		       : xstrdup(location);
}

static int add_fcos(struct release *r, const struct live_wish *w, const char *version,
		    const json_t *files, const char *theirs, const char *ours, struct err *err)
{
	const json_t *j = json_object_get(files, theirs);
	const char *location = json_string_value(json_object_get(j, "location"));
	const char *signature = json_string_value(json_object_get(j, "signature"));
	const char *sha256 = json_string_value(json_object_get(j, "sha256"));
	struct release_file f = {0};

	if (!location || !strrchr(location, '/') || !sha256)
		return err_set(err, ERR_PROTOCOL,
			       "upstream's metadata has no location or no sha256 of the PXE %s",
			       theirs);
	f.url = fcos_url(w, location);
	f.signature_url = signature ? fcos_url(w, signature) : NULL;
	f.digest = xasprintf("sha256-%s", sha256);
	return add(r, w, version, ours, f, err);
}

int live_release_fcos(const struct live_wish *w, const json_t *metadata, struct release *ret,
		      struct err *err)
{
	static const char *const archs[ARCH_MAX] = {"x86_64", "aarch64"};
	static const char *const theirs[] = {"kernel", "initramfs", "rootfs"};
	const char *const *ours = live_kind_files(LIVE_FCOS);
	const json_t *arch =
		json_object_get(json_object_get(metadata, "architectures"), archs[w->arch]);
	const char *version = json_string_value(json_object_get(metadata, "release"));
	const json_t *files = fcos_files(arch, &version);
	struct release r = {0};

	if (!files || !version)
		return err_set(err, ERR_PROTOCOL,
			       "upstream's metadata has no PXE files of this release for %s",
			       archs[w->arch]);
	for (size_t i = 0; i < ARRAY_SIZE(theirs); i++)
		if (add_fcos(&r, w, version, files, theirs[i], ours[i], err) < 0) {
			release_release(&r);
			return -1;
		}
	*ret = r;
	return 0;
}

/* Caller frees; NULL after an error. */
static char *get(struct fetch *f, const char *url, struct err *err)
{
	const struct fetch_request req = {.url = url, .max = METADATA_MAX};
	_cleanup_(fetch_answer_release) struct fetch_answer a = {0};

	if (fetch_do(f, &req, &a, err) < 0) {
		err_wrap(err, "%s", url);
		return NULL;
	}
	if (a.status != 200) {
		err_set(err, a.status == 404 ? ERR_NOT_FOUND : ERR_NETWORK,
			"%s answers with status %ld%s", url, a.status,
			a.status == 404 ? ": is the version one that was released?" : "");
		return NULL;
	}
	return TAKE_PTR(a.body);
}

static int flatcar(struct fetch *f, const struct live_wish *w, struct release *ret, struct err *err)
{
	static const char key[] = "FLATCAR_VERSION=";
	_cleanup_(freep) char *url = NULL, *text = NULL;
	char *version;

	if (w->version)
		return live_release_flatcar(w, w->version, ret, err);
	url = xasprintf("%s/%s-usr/current/version.txt", w->mirror ? w->mirror : flatcar_host,
			arch_name(w->arch));
	text = get(f, url, err);
	if (!text)
		return -1;
	version = startswith(text, key) ? text : strstr(text, "\nFLATCAR_VERSION=");
	if (!version)
		return err_set(err, ERR_PROTOCOL, "%s has no line %s", url, key);
	version = strchr(version, '=') + 1;
	version[strcspn(version, "\r\n")] = '\0';
	return live_release_flatcar(w, version, ret, err);
}

static int get_json(struct fetch *f, const char *url, json_t **ret, struct err *err)
{
	_cleanup_(freep) char *text = get(f, url, err);

	if (!text)
		return -1;
	return jsonx_parse(text, strlen(text), url, ret, err);
}

static int fcos(struct fetch *f, const struct live_wish *w, struct release *ret, struct err *err)
{
	const char *host = w->mirror ? w->mirror : fcos_host;
	_cleanup_(freep) char *url =
		w->version ? xasprintf("%s/prod/streams/stable/builds/%s/release.json", host,
				       w->version)
			   : xasprintf("%s/streams/stable.json", host);
	_cleanup_json_ json_t *metadata = NULL;

	if (get_json(f, url, &metadata, err) < 0)
		return -1;
	return live_release_fcos(w, metadata, ret, err) < 0 ? err_wrap(err, "%s", url) : 0;
}

int live_release(struct fetch *f, const struct live_wish *w, struct release *ret, struct err *err)
{
	_cleanup_(freep) char *path = NULL;

	/* it becomes part of URLs and of paths */
	if (w->version && live_asset_path(w->kind, w->version, w->arch, "x", &path, err) < 0)
		return -1;
	return w->kind == LIVE_FLATCAR ? flatcar(f, w, ret, err) : fcos(f, w, ret, err);
}
