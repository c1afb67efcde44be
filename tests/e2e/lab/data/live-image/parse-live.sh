#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Hook of dracut: sysroot.mount is the root, whatever root= says.
# shellcheck disable=SC2034
root=live
rootok=1
