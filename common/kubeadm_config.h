/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file that `kubeadm --config` reads, in the form that the version asks for:
 *
 *   before 1.22   kubeadm.k8s.io/v1beta2
 *   1.22 to 1.30  kubeadm.k8s.io/v1beta3
 *   from 1.31     kubeadm.k8s.io/v1beta4: arguments are lists, time-outs an object of their own
 *
 * Documents are JSON, which is YAML too. Pure.
 */
#ifndef PROVISION_KUBEADM_CONFIG_H
#define PROVISION_KUBEADM_CONFIG_H

#include "kube_secrets.h"
#include "plan.h"

#define KUBEADM_CRI_SOCKET "unix:///run/containerd/containerd.sock"

/* The minor number of a version such as "1.31.4"; ERR_CONFIG for anything else. */
int kubeadm_minor(const char *version, unsigned int *ret_minor,
		  struct err *err) _must_check_ _nonnull_;
/* Init-, Cluster- and KubeletConfiguration for `kubeadm init`, or JoinConfiguration for `kubeadm
 * join`, by the plan's action. node_ip: see node_address; 0 leaves it out. The text holds the
 * token. */
int kubeadm_config(const struct plan *plan, const struct kube_secrets *secrets, struct ipv4 node_ip,
		   struct secret *ret, struct err *err) _must_check_ _nonnull_;

#endif
