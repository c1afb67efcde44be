#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Copies what node-agent is compiled from, without what a build left in the tree. What TO held goes: a
# header that has moved since would be found in its old place.
#
# usage: source.sh FROM TO
set -e
rm -rf "$2"
mkdir -p "$2"
to=$(cd "$2" && pwd)
cd "$1"
{
	printf '%s\n' configure configure.ac aclocal.m4 Makefile.am Makefile.in config.h.in
	find build-aux m4 common node-agent -type f ! -path '*/.*' ! -name '*.o' ! -name '*.lo' ! -name '*.la' \
		! -name '*~' ! -path node-agent/node-agent
} | tar -c -f - --files-from=- | tar -x -f - -C "$to" --no-same-owner
