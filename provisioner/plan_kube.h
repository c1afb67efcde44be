/* SPDX-License-Identifier: Apache-2.0 */
/* The Kubernetes part of a plan. Pure. */
#ifndef PROVISION_PLAN_KUBE_H
#define PROVISION_PLAN_KUBE_H

#include "plan_build.h"

/* What the files alone decide: there is a cluster to make or to join. */
int plan_kube_check(const struct node *n, const struct cluster *c,
		    struct err *err) _must_check_ _nonnull_;
/* Fills k, which is zeroed, after plan_kube_check. */
int plan_kube_build(const struct node *n, const struct cluster *c, const struct manifest *m,
		    const struct plan_inputs *in, struct plan_kube *k,
		    struct err *err) _must_check_ _nonnull_;
/* The pause image that kubeadm of this version asks for, "registry.k8s.io/pause:3.10"; static. */
const char *kube_pause_image(const char *version) _nonnull_;

#endif
