/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that requests are answered from, loaded once and then not changed: inventory,
 * templates, scripts, manifest, CA. A reload makes a new one; requests in progress keep theirs. The
 * one thing that moves in it is whether a node's netboot installs, an atomic flag per node.
 */
#ifndef PROVISION_SITE_H
#define PROVISION_SITE_H

#include "blob_cache.h"
#include "intent.h"
#include "inventory.h"
#include "node_texts.h"
#include "live_image.h"
#include "paths.h"
#include "plan_build.h"
#include "render/render_ipxe.h"
#include "started.h"

struct site {
	struct inventory *inventory;
	struct strv held; /* keys of cluster.yaml whose new values wait for a restart */
	struct templates *templates;
	struct ipxe_scripts *scripts;
	struct node_texts *texts;
	struct manifest manifest;
	char *network_manifest; /* text of the pod network's manifest, or NULL */
	char *ca_pem;
	char ca_digest[SHA256_TEXT_SIZE];
	struct ipv4 *statics; /* addresses of records, sorted */
	size_t n_statics;
	struct site_node *nodes;     /* beside inventory->nodes, same order */
	struct blob_cache *ignition; /* configs as they were rendered, by node and our address */
	unsigned int refs;           /* atomic */
};

struct site_node {
	char *boot_path;      /* "boot/debian-13-amd64" */
	char *arguments;      /* of the kernel, with spaces between */
	enum live_kind live;  /* its image runs in memory */
	bool boot_missing;    /* what is booted over the network is not among the assets */
	unsigned char answer; /* atomic: enum boot_answer */
	/* atomic: site_mark of what the machine told when it claimed; 0: nothing yet */
	uint64_t uuid_mark, serial_mark;
	/* the control socket's thread only: */
	bool basis_known;
	struct sha256 basis; /* all zero when the record gives no plan */
};

/* Why a netboot gets what it gets. */
enum boot_answer {
	BOOT_DECLARED,  /* nobody asked for an installation */
	BOOT_INSTALL,   /* an intent is open or claimed */
	BOOT_WRITTEN,   /* the disks are written */
	BOOT_INSTALLED, /* done */
	BOOT_ENDED,     /* the intent was cancelled or has expired */
	BOOT_MEMORY,    /* its image runs in memory: it gets it at every netboot */
	BOOT_ANSWER_MAX
};

/* Loads all. started: what of cluster.yaml stays as it is, or NULL: nothing does yet. On failure
 * every problem of the operator's files is in ps, and the first is err; ERR_BUSY when the assets
 * are being signed at this moment. */
int site_load(const struct paths *paths, const struct started *started, struct site **ret,
	      struct problems *ps, struct err *err) _must_check_
	__attribute__((nonnull(1, 3, 4, 5)));
/* The same for looking at it only: without the CA, which may not be there. */
int site_check(const struct paths *paths, struct site **ret, struct problems *ps,
	       struct err *err) _must_check_ _nonnull_;
/* One more reference; gives site. */
struct site *site_ref(struct site *site) _nonnull_;
/* Drops one; NULL-safe; gives NULL. */
struct site *site_unref(struct site *site);
static inline void site_unrefp(struct site **site)
{
	site_unref(*site);
}
#define _cleanup_site_ _cleanup_(site_unrefp)

/* A number that stands for a text, without regard to upper and lower case; 0 of "" and NULL. */
uint64_t site_mark(const char *text);
/* The node's place in site->nodes. */
struct site_node *site_node_of(const struct site *site, const struct node *n) _nonnull_;
/* What it gets at this moment. */
static inline enum boot_answer site_answer(const struct site_node *n)
{
	return (enum boot_answer)__atomic_load_n(&n->answer, __ATOMIC_RELAXED);
}
/* in: the intent that counts for the node, or NULL. live: its image runs in memory, so that one
 * installation that was asked for, and not taken back before it was done, holds for every boot from
 * then on. */
enum boot_answer boot_answer_of(const struct intent *in, bool live, int64_t now_ms);
/* Something of ours is started over the network: the installer, or a system in memory. */
bool boot_answer_starts(enum boot_answer a);
/* A sentence for the console: "installed already". */
const char *boot_answer_reason(enum boot_answer a);

/* What decides a plan beside the record. */
struct site_facts {
	const char *url, *assets_url; /* as this machine reaches us */
	struct plan_facts plan;
};
/* The node's plan, its disks still rules. Free with plan_free. */
int site_plan(const struct site *site, const struct node *n, const struct site_facts *facts,
	      struct plan **ret, struct err *err) _must_check_ _nonnull_;
/* A digest of what the record alone says, to tell later whether it was edited. */
int site_basis(const struct site *site, const struct node *n, struct sha256 *ret,
	       struct err *err) _must_check_ _nonnull_;

/* Some record has this static address. */
bool site_is_static(const struct site *site, struct ipv4 ip) _nonnull_;

/* The current one, shared by threads. */
struct site_slot;
struct site_slot *site_slot_new(void);
/* Takes the reference over; the old one goes when its last user does. */
void site_slot_set(struct site_slot *slot, struct site *site) _nonnull_;
/* A reference of the caller's own; drop it with site_unref. */
struct site *site_slot_get(struct site_slot *slot) _nonnull_;
struct site_slot *site_slot_free(struct site_slot *slot);

#endif
