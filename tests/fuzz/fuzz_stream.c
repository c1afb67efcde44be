/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the metadata of a stream of Fedora CoreOS, and as a list of digests: every file that
 * is taken has a URL, a digest and a path below the assets. */
#include "assets_live.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_release(const json_t *metadata, enum arch arch, const char *mirror)
{
	const struct live_wish wish = {.kind = LIVE_FCOS, .mirror = mirror, .arch = arch};
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct release release = {0};

	if (live_release_fcos(&wish, metadata, &release, &err) < 0)
		return;
	for (size_t i = 0; i < release.n; i++) {
		const struct release_file *f = &release.files[i];

		if (!f->url || !f->digest || !startswith(f->path, "boot/fcos-") ||
		    strstr(f->path, "/."))
			BUG("a file that nothing vouches for");
	}
	release_release(&release);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = xstrndup((const char *)data, size), *digest = NULL;
	_cleanup_(err_release) struct err err = ERR_INIT, not_listed = ERR_INIT;
	_cleanup_json_ json_t *metadata = NULL;

	if (jsonx_parse(text, strlen(text), "the stream", &metadata, &err) == 0) {
		check_release(metadata, ARCH_AMD64, NULL);
		check_release(metadata, ARCH_ARM64, "http://mirror.example.com");
	}
	if (release_digest(text, "vmlinuz", &digest, &not_listed) == 0 &&
	    !startswith(digest, "sha256-") && !startswith(digest, "sha512-"))
		BUG("a digest of another kind");
	return 0;
}
