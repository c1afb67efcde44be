/* SPDX-License-Identifier: Apache-2.0 */
/* cluster.yaml: parsed and typed. */
#ifndef PROVISION_CLUSTER_H
#define PROVISION_CLUSTER_H

#include "node.h"

enum kube_flavour { FLAVOUR_INVALID = -1, FLAVOUR_KUBEADM, FLAVOUR_K3S, FLAVOUR_MAX };
enum dhcp_mode { DHCP_INVALID = -1, DHCP_PROXY, DHCP_SERVER, DHCP_OFF, DHCP_MAX };
enum unknown_action { UNKNOWN_INVALID = -1, UNKNOWN_DISK, UNKNOWN_IGNORE, UNKNOWN_MAX };

struct cluster {
	/* cluster: */
	char *name;
	enum kube_flavour flavour;
	char *version;    /* "1.31.4"; for k3s "1.31.4+k3s1" */
	char *endpoint;   /* controlPlaneEndpoint, host:port */
	char *kubeconfig; /* of a cluster that exists already, absolute or below the directory;
			     NULL: ours */
	struct ipv4_net pod_subnet, service_subnet;
	char *network; /* "flannel", "bridge", "none", or a manifest file */
	bool control_plane_takes_work;
	bool core_dns; /* false: kubeadm leaves CoreDNS out, where its image cannot be had */
	/* provisioner: */
	struct strv interfaces;
	struct ipv4 address; /* in URLs; 0: the first interface's own */
	uint16_t http_port, https_port;
	uint16_t tftp_first_port, tftp_last_port; /* data connections */
	/* lan: what nodes with a static address and clients of `dhcp: server` are told */
	struct ipv4_net subnet;
	struct ipv4 router;
	struct ipv4 dns[4];
	size_t n_dns;
	char *domain;
	struct strv ntp; /* addresses or names */
	/* dhcp: */
	enum dhcp_mode dhcp;
	struct ipv4_range *ranges;
	size_t n_ranges;
	uint32_t lease_time; /* seconds */
	/* the rest */
	enum unknown_action unknown;
	char *image; /* "debian-13" : the asset is image-arch */
	struct strv ssh_keys;
	struct place place, place_endpoint, place_version;
};

const char *flavour_name(enum kube_flavour f);
enum kube_flavour flavour_parse(const char *word) _nonnull_;
/* The ranges of pods and of Services that the flavour takes when it is not told. */
struct ipv4_net flavour_pod_subnet(enum kube_flavour f);
struct ipv4_net flavour_service_subnet(enum kube_flavour f);
const char *dhcp_mode_name(enum dhcp_mode m);
enum dhcp_mode dhcp_mode_parse(const char *word) _nonnull_;
const char *unknown_action_name(enum unknown_action u);
enum unknown_action unknown_action_parse(const char *word) _nonnull_;
void cluster_release(struct cluster *c) _nonnull_;

#endif
