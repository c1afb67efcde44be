/* SPDX-License-Identifier: Apache-2.0 */
#include "assets_release.h"

#include <string.h>

#include "image.h"

/* What upstream's hosts are called, unless a mirror stands for all of them. */
static const char kubernetes_host[] = "https://dl.k8s.io";
static const char cri_tools_host[] =
	"https://github.com/kubernetes-sigs/cri-tools/releases/download";
static const char flannel_host[] = "https://github.com/flannel-io/flannel/releases";
static const char k3s_host[] = "https://github.com/k3s-io/k3s/releases/download";

char *release_folder(enum kube_flavour flavour, const char *version, enum arch arch)
{
	return xasprintf("kube/%s/%s/%s", flavour_name(flavour), version, arch_name(arch));
}

/* Passes over one to three digits; false when there is none. */
static bool pass_number(const char **at)
{
	size_t n = strspn(*at, "0123456789");

	*at += n;
	return n >= 1 && n <= 3;
}

/* Passes over "1.31.4". */
static bool pass_version(const char **at)
{
	for (int i = 0; i < 3; i++) {
		if ((i && *(*at)++ != '.') || !pass_number(at))
			return false;
	}
	return true;
}

int release_version_check(enum kube_flavour flavour, const char *version, struct err *err)
{
	const char *rest = version;
	bool good = pass_version(&rest);

	if (good && flavour == FLAVOUR_K3S) {
		good = startswith(rest, "+k3s");
		rest += good ? strlen("+k3s") : 0;
		good = good && pass_number(&rest);
	}
	if (good && !*rest)
		return 0;
	return err_set(err, ERR_USAGE, "\"%.64s\" is no version of %s: write it as %s", version,
		       flavour == FLAVOUR_K3S ? "k3s" : "Kubernetes",
		       flavour == FLAVOUR_K3S ? "1.31.4+k3s1" : "1.31.4");
}

/* Takes url, digest_url and path over. */
static void add(struct release *r, char *url, char *digest_url, const char *member, char *path)
{
	struct release_file *f = ARRAY_APPEND(r->files, r->n);

	*f = (struct release_file){
		.url = url, .digest_url = digest_url, .member = xstrdup(member), .path = path};
}

static void kubernetes_files(struct release *r, const char *version, const char *arch,
			     const char *mirror, const char *folder)
{
	static const char *const programs[] = {"kubeadm", "kubelet", "kubectl"};
	const char *host = mirror ? mirror : kubernetes_host;
	int minor = (int)(strrchr(version, '.') - version);
	char *url;

	for (size_t i = 0; i < ARRAY_SIZE(programs); i++) {
		url = xasprintf("%s/release/v%s/bin/linux/%s/%s", host, version, arch, programs[i]);
		add(r, url, xasprintf("%s.sha256", url), NULL,
		    xasprintf("%s/bin/%s", folder, programs[i]));
	}
	/* kubeadm calls crictl up to 1.31; cri-tools have a release .0 for each minor version */
	if (strtol(strchr(version, '.') + 1, NULL, 10) > 31)
		return;
	url = xasprintf("%s/v%.*s.0/crictl-v%.*s.0-linux-%s.tar.gz",
			mirror ? mirror : cri_tools_host, minor, version, minor, version, arch);
	add(r, url, xasprintf("%s.sha256", url), "crictl", xasprintf("%s/bin/crictl", folder));
}

/* A "+" is an escape for a space in some servers' eyes. */
static char *escape_plus(const char *version)
{
	const char *plus = strchr(version, '+');

	return plus ? xasprintf("%.*s%%2B%s", (int)(plus - version), version, plus + 1)
		    : xstrdup(version);
}

static void k3s_files(struct release *r, const char *version, const char *arch, const char *mirror,
		      const char *folder)
{
	_cleanup_(freep) char *v = escape_plus(version);
	_cleanup_(freep) char *base = xasprintf("%s/v%s", mirror ? mirror : k3s_host, v);
	const char *suffix = streq(arch, "amd64") ? "" : "-";

	add(r, xasprintf("%s/k3s%s%s", base, suffix, *suffix ? arch : ""),
	    xasprintf("%s/sha256sum-%s.txt", base, arch), NULL, xasprintf("%s/bin/k3s", folder));
	add(r, xasprintf("%s/k3s-airgap-images-%s.tar.zst", base, arch),
	    xasprintf("%s/sha256sum-%s.txt", base, arch), NULL,
	    xasprintf("%s/images/k3s-airgap-images-%s.tar.zst", folder, arch));
}

int release_files(enum kube_flavour flavour, const char *version, enum arch arch,
		  const char *mirror, struct release *ret, struct err *err)
{
	static void (*const files[FLAVOUR_MAX])(struct release *, const char *, const char *,
						const char *, const char *) = {
		[FLAVOUR_KUBEADM] = kubernetes_files,
		[FLAVOUR_K3S] = k3s_files,
	};
	_cleanup_(freep) char *folder = NULL;

	if (release_version_check(flavour, version, err) < 0)
		return -1;
	folder = release_folder(flavour, version, arch);
	*ret = (struct release){0};
	files[flavour](ret, version, arch_name(arch), mirror, folder);
	return 0;
}

int release_flannel(const char *version, const char *mirror, struct release *ret, struct err *err)
{
	const char *rest = version, *host = mirror ? mirror : flannel_host;

	if (version && (!pass_version(&rest) || *rest))
		return err_set(err, ERR_USAGE,
			       "\"%.64s\" is no version of flannel: write it as 0.27.4", version);
	*ret = (struct release){0};
	add(ret,
	    version ? xasprintf("%s/download/v%s/kube-flannel.yml", host, version)
		    : xasprintf("%s/latest/download/kube-flannel.yml", host),
	    NULL, NULL, xstrdup(ASSET_FLANNEL));
	return 0;
}

void release_release(struct release *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->files[i].url);
		free(r->files[i].digest_url);
		free(r->files[i].digest);
		free(r->files[i].signature_url);
		free(r->files[i].member);
		free(r->files[i].path);
	}
	free(r->files);
	*r = (struct release){0};
}

/* What so many hexadecimal digits are a digest of, or NULL. */
static const char *kind_of_digest(size_t digits)
{
	return digits == 128 ? "sha512" : digits == 64 ? "sha256" : NULL;
}

int release_digest(const char *text, const char *name, char **ret, struct err *err)
{
	size_t n;

	for (const char *line = text; *line; line += n + (line[n] == '\n')) {
		_cleanup_(freep) char *copy = NULL;
		const char *kind;
		char *file;
		size_t hex;

		n = strcspn(line, "\n");
		copy = xstrndup(line, n);
		copy[strcspn(copy, "\r")] = '\0';
		hex = strspn(copy, "0123456789abcdef");
		kind = kind_of_digest(hex);
		if (!kind || (copy[hex] && copy[hex] != ' '))
			continue;
		file = copy + hex + strspn(copy + hex, " *");
		copy[hex] = '\0';
		if (!*file || streq(file, name) ||
		    (endswith(file, name) && file[strlen(file) - strlen(name) - 1] == '/')) {
			*ret = xasprintf("%s-%s", kind, copy);
			return 0;
		}
	}
	return err_set(err, ERR_PROTOCOL, "upstream's list of digests has none for %s", name);
}
