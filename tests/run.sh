#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs missing packages (on Debian, with root's rights), builds, runs the
# tests, and ends with "N passed, N failed".
#
#   sh tests/run.sh [--quick] [--sanitize] [--analyze] [--coverage]
#                     [--vm] [--long] [--packages] [--libvirt]
#                     [--debian RELEASE] [--s390x] [--arm64] [--i386]
#     --quick     no stress, and no virtual machine
#     --sanitize  all tests also with the address, undefined and thread
#                 sanitizers
#     --analyze   clang-tidy in addition to cppcheck
#     --coverage  lists the lines of the library that no test executes
#     --vm        every case of the virtual machine instead of the short pass
#     --packages  builds Debian's packages and an RPM, installs and upgrades
#     --libvirt   runs libvirt with this mdevctl, also in virtual machines
#     --long      every fault, minutes of stress, and the fuzzers
#     --debian RELEASE  builds, tests and packages in a root of Debian 12, 13 or
#                 unstable; may be repeated
#     --i386      the same in a root of Debian 12 for 32 bits
#     --s390x, --arm64
#                 builds for this architecture, and runs the unit and golden
#                 tests in an emulation, for s390x also on real kernels with
#                 vfio_ccw
#     These four options run nothing else, unless another option is specified.
#   BUILD=DIR  where to build (build-test in the source tree)
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$top/build-test}
quick=
sanitize=
analyze=
coverage=
packages=
libvirt=
long=
platforms=
only=1
vm=--short
while [ $# -gt 0 ]; do
    case $1 in
        --debian)
            platforms="$platforms debian-${2:?"--debian needs a release"}"
            shift 2
            continue
            ;;
        --i386) platforms="$platforms debian-i386"; shift; continue ;;
        --s390x | --arm64) platforms="$platforms cross-${1#--}"; shift; continue ;;
    esac
    only=
    case $1 in
        --quick) quick=1 ;;
        --sanitize) sanitize=1 ;;
        --analyze) analyze=1 ;;
        --coverage) coverage=1 ;;
        --vm) vm=--full ;;
        --packages) packages=1 ;;
        --libvirt) libvirt=1 ;;
        --long) long=1 ;;
        *) sed -n '/^# Installs/,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2 ;;
    esac
    shift
done
[ -n "$platforms" ] || only=

. "$top/tests/support/packages.sh"
if [ -n "$only" ]; then
    install_missing python3
else
    # shellcheck disable=SC2086 # lists of words
    install_missing $build_packages $test_packages \
        ${analyze:+clang-tidy} ${coverage:+gcovr}
fi

failed=0
results=

# test_build DIRECTORY SETUP-OPTIONS -- TEST-OPTIONS: builds and tests.
test_build() {
    directory=$1
    shift
    setup=
    while [ "$1" != -- ]; do
        setup="$setup $1"
        shift
    done
    shift
    if [ ! -e "$directory/build.ninja" ]; then
        # shellcheck disable=SC2086 # options without blanks
        meson setup "$directory" "$top" -Dtests=enabled $setup
    fi
    ninja -C "$directory"
    # Half of the tests' time is waiting.
    meson test -C "$directory" --no-rebuild --print-errorlogs \
        --num-processes $((2 * $(nproc))) "$@" || failed=1
    results="$results $directory"
}

# test_sanitized SANITIZERS TEST-OPTIONS: tests with sanitizers. The build is not
# optimized, because this would take longer than it saves, and has only the debug
# information for lines in reports. g++ warns about instrumented code of Boost.
test_sanitized() {
    sanitizers=$1
    shift
    test_build "$build-${sanitizers%%,*}" -Dbuildtype=plain -Dcpp_args=-g1 -Dwerror=false \
        -Dpython=disabled -Ddoc=disabled -Db_lundef=false \
        "-Db_sanitize=$sanitizers" -- --timeout-multiplier 4 "$@"
}

# tap NAME COMMAND...: writes the TAP of a command to NAME.tap, and prints it at
# once.
tap() {
    file=$build/$1.tap
    shift
    rm -f "$file.failed"
    { "$@" || : >"$file.failed"; } | tee "$file"
    [ ! -e "$file.failed" ] || failed=1
    results="$results $file"
}

mkdir -p "$build"
for platform in $platforms; do
    tap "$platform" sh "$top/tests/platforms/${platform%%-*}.sh" "${platform#*-}"
done
if [ -n "$only" ]; then
    # shellcheck disable=SC2086 # files of this script's own
    python3 "$top/tests/support/summary.py" $results || failed=1
    exit "$failed"
fi

# Debug information takes a quarter of the compiler's time, and no test reads it.
test_build "$build" -Dwerror=true -Ddebug=false -Dstatic=enabled --
if [ -n "$sanitize" ]; then
    test_sanitized address,undefined
    test_sanitized thread
fi
tap analyze python3 "$top/tests/source/analyze.py" ${analyze:+--clang-tidy} "$build"
if [ -z "$quick" ]; then
    tap stress python3 "$top/tests/torture/stress/mixed.py" --seconds 20 \
        --mdevctl "$build/mdevctl/mdevctl" \
        --mdevsim "$build/tests/kernel/mdevsim/mdevsim"
fi
if [ -n "$coverage" ]; then
    tap coverage python3 "$top/tests/source/coverage.py" "$build-coverage"
fi
if [ -z "$quick" ]; then
    tap vm python3 "$top/tests/kernel/vm/run.py" "$vm" --build-dir "$build"
fi
if [ -n "$libvirt" ]; then
    tap libvirt python3 "$top/tests/kernel/libvirt/run.py" --build-dir "$build"
    # With --vm, these cases have been run already.
    if [ -z "$quick" ] && [ "$vm" = --short ]; then
        tap vm-libvirt python3 "$top/tests/kernel/vm/run.py" --build-dir "$build" \
            'libvirt-*'
    fi
fi
if [ -n "$packages" ]; then
    tap packages sh "$top/tests/shipped/packages/run.sh"
fi
if [ -n "$long" ]; then
    sh "$top/tests/long.sh" "$build" || failed=1
    results="$results $(echo "$build"/long-*.tap)"
fi

# shellcheck disable=SC2086 # directories of this script's own
python3 "$top/tests/support/summary.py" $results || failed=1
exit "$failed"
