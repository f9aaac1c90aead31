#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2317 # for the shell in the root; called by name
# Builds for another architecture with Debian's toolchain, in a root of its own,
# and runs the unit and golden tests in qemu's emulation of programs. For s390x,
# the program also runs on two real kernels in an emulated machine. Prints TAP.
# Needs root. No files of this system are changed.
#
#   sh tests/platforms/cross.sh [--cache DIR] [--fresh] s390x|arm64
#     --cache DIR  the directory that keeps the roots
#                  (~/.cache/mdevctl-platforms)
#     --fresh      makes a new root
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
. "$top/tests/platforms/root.sh"
arch=
while [ $# -gt 0 ]; do
    case $1 in
        --cache) cache=$2; shift ;;
        --fresh) fresh=1 ;;
        s390x) arch=s390x gnu=s390x-linux-gnu cpu=s390x qemu=s390x endian=big ;;
        arm64) arch=arm64 gnu=aarch64-linux-gnu cpu=aarch64 qemu=aarch64
            endian=little ;;
        *) arch=; break ;;
    esac
    shift
done
if [ -z "$arch" ]; then
    sed -n '/^# Builds/,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"
    exit 2
fi
begin bookworm bookworm-cross
build=/build-$arch

installs() {
    copies_tree
    in_root "dpkg --add-architecture $arch
        . tests/support/packages.sh
        install_missing ccache python3 \$build_packages \$demo_packages \
            crossbuild-essential-$arch qemu-user-static dpkg-dev \
            libboost1.81-dev:$arch libboost-program-options1.81-dev:$arch \
            catch2:$arch libfuse3-dev:$arch"
    cat >"$root/$arch.ini" <<END
[binaries]
c = ['ccache', '$gnu-gcc']
cpp = ['ccache', '$gnu-g++']
ar = '$gnu-ar'
strip = '$gnu-strip'
pkgconfig = 'pkg-config'
exe_wrapper = 'qemu-$qemu-static'
[properties]
pkg_config_libdir = ['/usr/lib/$gnu/pkgconfig', '/usr/share/pkgconfig']
[host_machine]
system = 'linux'
cpu_family = '$cpu'
cpu = '$cpu'
endian = '$endian'
END
    # For the golden cases, which call the program by two names.
    mkdir -p "$root/emulated-$arch"
    cat >"$root/emulated-$arch/mdevctl" <<END
#!/bin/sh
exec qemu-$qemu-static -0 "\$0" $build/mdevctl/mdevctl "\$@"
END
    chmod +x "$root/emulated-$arch/mdevctl"
}

builds() {
    in_root "[ -e $build/build.ninja ] || meson setup --cross-file /$arch.ini \
            $build -Dtests=enabled -Dwerror=true -Dbuildtype=plain \
            -Ddebug=false -Dpython=disabled -Ddoc=disabled
        ninja -C $build -k 0 -j$(nproc) mdevctl/mdevctl libmdev/libmdev.so.0 \
            bindings/c/libmdev-c.so.0 tests/unit/unit tests/unit/scriptdir"
}

# The simulated kernel must have the byte order of the real kernel for FUSE.
builds_simulator() {
    in_root "[ -e /build-own/build.ninja ] ||
            CC='ccache gcc' CXX='ccache g++' meson setup /build-own \
            -Dbuildtype=plain -Dpython=disabled -Ddoc=disabled -Dman=disabled
        ninja -C /build-own tests/kernel/mdevsim/mdevsim
        $gnu-gcc -static -o /emulated-$arch/probe tests/platforms/probe.c"
}

symbols_are_listed() {
    in_root "python3 data/debian/symbols.py --strict \
        $build/libmdev/libmdev.so.0 $build/bindings/c/libmdev-c.so.0"
}

# The probe detects missing features of the emulation. Cases that need them are
# skipped.
cases_pass() {
    tap_passes cases "python3 tests/golden/run.py \
        --mdevctl /emulated-$arch/mdevctl \
        --mdevsim /build-own/tests/kernel/mdevsim/mdevsim \
        --lacks \"\$(qemu-$qemu-static /emulated-$arch/probe)\""
}

check "a root of $release is made" makes_root
check "Debian's toolchain for $arch is installed" installs
if [ "$failed" = 0 ]; then
    check "the source is built for $arch" builds
    check "symbols files list the exported symbols" symbols_are_listed
    check "units pass" tests_pass "$build" '--suite unit --timeout-multiplier 10'
    check "the simulated kernel is built" builds_simulator
    check "the golden cases pass" cases_pass
    if [ "$arch" = s390x ]; then
        . "$top/tests/platforms/s390x/machine.sh"
    fi
fi
end
