#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hook of mmdebstrap, before the kernel is installed: what its initramfs is made with.
#
# usage: rootfs-prepare.sh ROOT
set -euo pipefail
root=$1

# There is no swap to resume from; without this the initramfs waits for one.
install -d "$root/etc/initramfs-tools/conf.d"
cat > "$root/etc/initramfs-tools/conf.d/provision" <<-CONF
	MODULES=most
	RESUME=none
	COMPRESS=zstd
CONF
