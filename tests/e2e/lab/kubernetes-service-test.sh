#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kubernetes-service-test.sh NETNS KUBECONFIG SERVER CLIENT: does the cluster carry traffic?
#
# A pod on node CLIENT fetches a Service whose only pod is on node SERVER, and has to get that pod's
# name: scheduler, kube-proxy's rules and the pod network all have their part in it. Both images are in
# the lab's bundle. What it makes is in one namespace, which it deletes. KUBECTL may name another kubectl.
set -euo pipefail

here=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
# shellcheck source=tests/e2e/lab/kubernetes-common.sh
. "$here/kubernetes-common.sh"

limit=600s # an emulated machine on a busy host takes minutes for a pod

[[ $# -eq 4 ]] || kube_die 'usage: kubernetes-service-test.sh NETNS KUBECONFIG SERVER CLIENT'
netns=$1 kubeconfig=$2 server=$3 client=$4
kubectl=${KUBECTL:-$("$here/kubernetes-build.sh" --print)/kubectl}
namespace=service-test-$$

kube() {
	ip netns exec "$netns" "$kubectl" --kubeconfig "$kubeconfig" --namespace "$namespace" "$@"
}

fail() {
	kube get pods,services,endpoints,events --output wide >&2 || true
	kube_die "$*"
}

server_manifest() {
	cat <<END
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  nodeSelector: {kubernetes.io/hostname: "$server"}
  tolerations: [{operator: Exists}]
  containers:
  - name: web
    image: $kube_web_image
    imagePullPolicy: Never
    readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}
END
}

# The Service's address is in the environment of every pod that is made after it; there is no DNS here.
client_manifest() {
	cat <<END
apiVersion: batch/v1
kind: Job
metadata: {name: client}
spec:
  backoffLimit: 20
  template:
    spec:
      restartPolicy: OnFailure
      nodeSelector: {kubernetes.io/hostname: "$client"}
      tolerations: [{operator: Exists}]
      containers:
      - name: client
        image: $kube_web_image
        imagePullPolicy: Never
        args: [get, "http://\$(WEB_SERVICE_HOST):80/"]
END
}

trap 'ip netns exec "$netns" "$kubectl" --kubeconfig "$kubeconfig" delete namespace "$namespace" --wait=false >/dev/null' EXIT
kube create namespace "$namespace" >/dev/null
server_manifest | kube create -f - >/dev/null
kube wait --for=condition=Ready --timeout="$limit" pod/web >/dev/null || fail "the server on $server is not Ready"
client_manifest | kube create -f - >/dev/null
kube wait --for=condition=Complete --timeout="$limit" job/client >/dev/null ||
	fail "a pod on $client does not reach the Service whose pod is on $server"
answer=$(kube logs job/client)
[[ $answer == web ]] || fail "the Service answered '$answer', its pod is named web"
kube_say "a pod on $client reached the Service whose pod is on $server"
