#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Adds the built manual pages to a release's tarball.
#   dist.sh RST2MAN  with MESON_DIST_ROOT in the environment
set -eu
cd "$MESON_DIST_ROOT/doc"
for page in *.rst; do
    "$1" --strict "$page" "${page%.rst}"
done
