#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A machine that nobody declared is told how to be added, is sent to its own disk and is not
# touched; one that is declared without an intent is sent to its disk as well.
set -euo pipefail
# shellcheck source=tests/e2e/lab/lab.sh
. "$(dirname "$0")/lab/lab.sh"

lab_begin unknown
network_create
provisioner_init --dhcp server --no-coredns --network bridge --version "$cluster_version"
provisioner_images
provisioner_kubernetes
provisioner_start

machine_create guest --mac 52:54:00:00:00:09 --firmware bios --disk virtio-blk:GUEST1:1G
disk_bootable guest GUEST1
before=$(disk_sum guest GUEST1)
machine_start guest
machine_wait guest 300 'provision add-node 52:54:00:00:00:09' || lab_fail "the guest was not told how to be added"
machine_wait guest 300 'HELLO-FROM-DISK' || lab_fail "the guest did not get to its own disk"
lab_note "an unknown machine boots its disk"
provision status | grep -q '52:54:00:00:00:09' || lab_fail "the guest is not in provision status"
machine_kill guest
[ "$(disk_sum guest GUEST1)" = "$before" ] || lab_fail "the guest's disk was changed"

# A file alone, as a git pull brings it, is no intent.
printf 'mac: 52:54:00:00:00:09\nrole: worker\n' >"$PROVISION_CONFIG/nodes/guest.yaml"
lab_until 30 provisioner_is guest declared || lab_fail "the guest is not shown as declared"
machine_mark guest
machine_start guest
machine_wait guest 300 'HELLO-FROM-DISK' || lab_fail "the declared machine did not get to its own disk"
machine_kill guest
[ "$(disk_sum guest GUEST1)" = "$before" ] || lab_fail "the declared machine's disk was changed"
lab_note "a declared machine without an intent boots its disk"
