#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what is missing (Debian, as root), builds, and leads a mediated
# device through its life on a simulated kernel: nothing of this machine's own
# devices or definitions is touched.
#   BUILD=DIR  where to build (build-test in the source tree)
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$top/build-test}

. "$top/tests/support/packages.sh"
# shellcheck disable=SC2086 # lists of words
install_missing $build_packages $test_packages

if [ ! -e "$build/build.ninja" ]; then
    meson setup "$build" "$top" -Dwerror=true -Dtests=enabled >/dev/null
fi
ninja -C "$build" mdevctl/mdevctl tests/kernel/mdevsim/mdevsim >/dev/null

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir "$root/sys"
PATH=$build/mdevctl:$PATH MDEVCTL_ENV_ROOT=$root \
    "$build/tests/kernel/mdevsim/mdevsim" "$root/sys" \
    --parent 0000:00:02.0=i915 --parent mtty=mtty \
    -- sh "$top/tests/support/demo_steps.sh"
