#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs missing packages (on Debian, with root's rights), builds, and shows a
# session with mediated devices on a simulated kernel. Devices and definitions of
# this machine stay unchanged.
#   BUILD=DIR  where to build (build-demo in the source tree)
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$top/build-demo}

# The simulated kernel is a FUSE file system. Check whether it can be mounted
# before downloading packages.
lacks_fuse() {
    echo "The demonstration needs a FUSE file system, but $1." >&2
    echo "In a container, add: --device /dev/fuse --cap-add SYS_ADMIN" >&2
    echo "On a host, load the module: modprobe fuse" >&2
    exit 1
}
[ -c /dev/fuse ] || lacks_fuse "there is no /dev/fuse"
(: <>/dev/fuse) 2>/dev/null || lacks_fuse "/dev/fuse cannot be opened"
if [ "$(id -u)" = 0 ]; then
    capabilities=$(sed -n 's/^CapEff:[[:space:]]*//p' /proc/self/status)
    [ $((0x$capabilities >> 21 & 1)) = 1 ] ||
        lacks_fuse "this process may not mount it (CAP_SYS_ADMIN)"
fi

. "$top/tests/support/packages.sh"
# shellcheck disable=SC2086 # lists of words
install_missing $build_packages $demo_packages

if [ ! -e "$build/build.ninja" ]; then
    echo "Configuring $build"
    meson setup "$build" "$top" --unity=on -Dunity_size=30 \
        -Dbuildtype=plain -Dpython=disabled -Ddoc=disabled -Dman=disabled \
        >/dev/null
fi
echo "Building: 40 seconds of a processor"
NINJA_STATUS='[%f/%t, %e s] ' ninja -C "$build" mdevctl/mdevctl \
    tests/kernel/mdevsim/mdevsim

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir "$root/sys"
PATH=$build/mdevctl:$PATH MDEVCTL_ENV_ROOT=$root \
    "$build/tests/kernel/mdevsim/mdevsim" "$root/sys" \
    --parent 0000:00:02.0=i915 --parent mtty=mtty \
    -- sh "$top/tests/support/demo_steps.sh"
