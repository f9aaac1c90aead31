#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what is missing (Debian, as root), builds, runs every test, and ends
# with "N passed, N failed".
#   BUILD=DIR  where to build (build-test in the source tree)
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$top/build-test}

. "$top/tests/support/packages.sh"
install_missing $build_packages $test_packages

if [ ! -e "$build/build.ninja" ]; then
    meson setup "$build" "$top" -Dwerror=true -Dtests=enabled
fi
ninja -C "$build"
status=0
meson test -C "$build" --no-rebuild --print-errorlogs "$@" || status=$?
python3 "$top/tests/support/summary.py" "$build" || status=1
exit "$status"
