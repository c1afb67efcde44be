#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles node-agent, inside the build root: the source in /source, the result in /build.
set -e
cd /build
/source/configure --quiet --prefix=/usr --disable-maintainer-mode --disable-dependency-tracking \
	--disable-daemon --enable-static-libarchive CFLAGS="-O2 -g0 -ffile-prefix-map=/source=."
make --silent -j"$(nproc)" node-agent/node-agent
strip --strip-all node-agent/node-agent
