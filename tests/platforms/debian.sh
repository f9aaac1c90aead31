#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2317 # for the shell in the root; called by name
# Builds and tests in a root of another release of Debian: everything with g++,
# the unit and golden tests with clang, then the packages. Prints TAP. Needs
# root. No files of this system are changed.
#
#   sh tests/platforms/debian.sh [--cache DIR] [--fresh] RELEASE|i386
#     RELEASE      12, 13 or unstable
#     i386         Debian 12 for 32 bits, on a processor that executes both
#     --cache DIR  the directory that keeps the roots
#                  (~/.cache/mdevctl-platforms)
#     --fresh      makes a new root
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/platforms/root.sh"
name=
root_arch=$(dpkg --print-architecture)
while [ $# -gt 0 ]; do
    case $1 in
        --cache) cache=$2; shift ;;
        --fresh) fresh=1 ;;
        12) name=bookworm ;;
        13) name=trixie ;;
        unstable) name=sid ;;
        i386) name=bookworm root_arch=i386 personality=linux32 ;;
        *) name=; break ;;
    esac
    shift
done
if [ -z "$name" ]; then
    sed -n '/^# Builds/,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
    exit 2
fi
begin "$name" "$name-$root_arch"

installs() {
    copies_tree
    in_root 'apt-get -q update
        apt-get -q -y upgrade
        . tests/support/packages.sh
        install_missing ccache $build_packages $test_packages $package_packages'
}

# builds_with CC CXX TARGETS: builds in /build-CC.
builds_with() {
    in_root "export CC='ccache $1' CXX='ccache $2'
        [ -e /build-$1/build.ninja ] || meson setup /build-$1 -Dtests=enabled \
            -Dwerror=true -Dbuildtype=plain -Ddebug=false
        ninja -C /build-$1 -k 0 -j$(nproc) $3"
}

packages_pass() {
    tap_passes packages 'sh tests/shipped/packages/run.sh \
        --cache /var/cache/packages --release "$(cat /release)"'
}

check "a root of $release is made" makes_root
check "missing packages are installed in the root" installs
if [ "$failed" = 0 ]; then
    check "everything is built with g++" builds_with gcc g++ ''
    check "tests pass" tests_pass /build-gcc ''
    check "the source is built with clang" builds_with clang clang++ \
        'mdevctl/mdevctl tests/unit/unit tests/unit/scriptdir tests/kernel/mdevsim/mdevsim'
    check "unit and golden tests pass" tests_pass /build-clang \
        '--suite unit --suite golden'
    check "packages are built, checked, installed, upgraded and removed" \
        packages_pass
fi
end
