/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes as upstream releases it: which files a version of a flavour has, where they lie, and
 * where upstream says their digests (kubernetes.io "Download Kubernetes"; the k3s, cri-tools and
 * flannel releases on GitHub).
 */
#ifndef PROVISION_ASSETS_RELEASE_H
#define PROVISION_ASSETS_RELEASE_H

#include "cluster.h"

/* Below the assets folder. */
#define ASSET_FLANNEL "network/flannel.yaml"

struct release_file {
	char *url;
	char *digest_url; /* a lone digest, or lines "digest  name" as sha256sum writes them; NULL:
			     upstream has none */
	char *digest;     /* "sha256-HEX", where it is known already; else NULL */
	char *signature_url; /* a detached OpenPGP signature; NULL: upstream has none */
	char *member;        /* the url is a tar.gz and this is the file wanted of it; else NULL */
	char *path;          /* below the assets folder */
};

struct release {
	struct release_file *files;
	size_t n;
};

/* The folder of a version below the assets folder, "kube/k3s/1.31.4+k3s1/amd64"; caller frees. */
char *release_folder(enum kube_flavour flavour, const char *version, enum arch arch) _nonnull_;
/* ERR_USAGE unless it looks like "1.31.4", for k3s "1.31.4+k3s1" (no leading v). */
int release_version_check(enum kube_flavour flavour, const char *version,
			  struct err *err) _must_check_ _nonnull_;
/* The files of a version. mirror: a URL that stands for upstream's hosts, or NULL. Release with
 * release_release. */
int release_files(enum kube_flavour flavour, const char *version, enum arch arch,
		  const char *mirror, struct release *ret, struct err *err) _must_check_
	__attribute__((nonnull(2, 5, 6)));
/* The manifest of this version of flannel, "0.27.4", the pod network; NULL: the latest. Upstream
 * has no digest of it. */
int release_flannel(const char *version, const char *mirror, struct release *ret,
		    struct err *err) _must_check_ __attribute__((nonnull(3, 4)));
void release_release(struct release *r) _nonnull_;
/* The digest of the file `name` in the text of a digest_url, "sha512-HEX" or "sha256-HEX", which
 * the caller frees; others are passed over. ERR_PROTOCOL when it is not there. */
int release_digest(const char *text, const char *name, char **ret,
		   struct err *err) _must_check_ _nonnull_;

#endif
