# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by scripts for new developers: the packages that they need on Debian
# 12, and a function to install them.
# shellcheck disable=SC2034 # the scripts use these
build_packages='g++ meson ninja-build pkg-config'
# The default Boost of Debian 12 is too old. Later releases have newer versions.
# After Debian 13, Boost.Process is a library of its own. Debian 12 has the
# directories of udev and systemd in other packages.
boost=
process=
directories=systemd-dev
case $(. /etc/os-release && echo "$ID${VERSION_ID-}") in
    debian12) boost=1.81 directories='systemd udev' ;;
    debian13) ;;
    debian*) process=libboost-process-dev ;;
esac
build_packages="$build_packages libboost$boost-dev
libboost-program-options$boost-dev $process"
# For the demonstration, in addition to the compiler and Boost.
demo_packages='libfuse3-dev fuse3'
test_packages='catch2 libfuse3-dev fuse3 python3 python3-docutils strace
valgrind cppcheck shellcheck
pybind11-dev python3-dev python3-pytest mypy
doxygen abigail-tools git clang libclang-rt-dev cmake make python3-jsonschema
bash-completion fish zsh ansible-core'
# For tests/shipped/packages/run.sh.
package_packages="autopkgtest build-essential debhelper debootstrap dh-python
doxygen dpkg-dev git lintian pybind11-dev python3-dev python3-docutils rpm
$directories"

install_missing() {
    missing=
    for package; do
        dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null |
            grep -q '^install ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "As root, install first:$missing" >&2
        return 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    # shellcheck disable=SC2086 # a list of words
    apt-get install -q -y --no-install-recommends $missing
}
