#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The firmware that the boot environment's modules ask for, as far as the node image has it. An image
# without the firmware packages is no error: node-agent names the driver that misses its own.
#
# usage: firmware.sh ROOT TARGET
set -euo pipefail
root=$1 target=$2

find "$target/usr/lib/modules" -name '*.ko*' -print0 | xargs -0 modinfo -F firmware | sort -u |
	while read -r name; do
		for file in "$root/usr/lib/firmware/$name"{,.xz,.zst}; do
			[ ! -e "$file" ] || install -D -m 0644 "$file" "$target${file#"$root"}"
		done
	done
