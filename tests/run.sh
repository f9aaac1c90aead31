#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what is missing (Debian, as root), builds, runs the tests, and ends
# with "N passed, N failed".
#
#   sh tests/run.sh [--quick] [--sanitize] [--analyze] [--coverage]
#                     [--vm] [--long] [--packages] [--libvirt]
#     --quick     no virtual machine
#     --sanitize  again with the address, undefined and thread sanitizers
#     --analyze   clang-tidy and cppcheck
#     --coverage  which lines of the library no test executes
#     --vm        every case of the virtual machine, not only its short pass
#     --packages  builds Debian's packages and an RPM, installs and upgrades
#     --libvirt   runs libvirt with this mdevctl, also in virtual machines
#     --long      every fault, minutes of stress, and the fuzzers
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
vm=--short
for option; do
    case $option in
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
done

. "$top/tests/support/packages.sh"
# shellcheck disable=SC2086 # lists of words
install_missing $build_packages $test_packages \
    ${analyze:+$analysis_packages} ${coverage:+gcovr}

failed=0
results=

# test_build DIRECTORY SETUP-OPTIONS -- TEST-OPTIONS
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
    meson test -C "$directory" --no-rebuild --print-errorlogs "$@" || failed=1
    results="$results $directory"
}

test_build "$build" -Dwerror=true --
if [ -n "$sanitize" ]; then
    # Not optimized, which takes the compiler longer than it saves; and g++
    # warns of Boost's own code when it is instrumented.
    test_build "$build-asan" -Dbuildtype=debug -Dwerror=false \
        -Dpython=disabled -Ddoc=disabled -Db_lundef=false \
        -Db_sanitize=address,undefined -- --timeout-multiplier 4 \
        --suite unit --suite cli --suite callouts --suite faults \
        --suite hostile --suite stress
    test_build "$build-tsan" -Dbuildtype=debug -Dwerror=false \
        -Dpython=disabled -Ddoc=disabled -Db_lundef=false \
        -Db_sanitize=thread -- --timeout-multiplier 4 \
        --suite unit --suite threads --suite callouts
fi
if [ -n "$analyze" ]; then
    python3 "$top/tests/analyze.py" "$build" >"$build/analyze.tap" || failed=1
    cat "$build/analyze.tap"
    results="$results $build/analyze.tap"
fi
if [ -n "$coverage" ]; then
    python3 "$top/tests/coverage.py" "$build-coverage" \
        >"$build/coverage.tap" || failed=1
    cat "$build/coverage.tap"
    results="$results $build/coverage.tap"
fi
if [ -z "$quick" ]; then
    python3 "$top/tests/vm/run.py" "$vm" --build-dir "$build" \
        >"$build/vm.tap" || failed=1
    cat "$build/vm.tap"
    results="$results $build/vm.tap"
fi
if [ -n "$libvirt" ]; then
    python3 "$top/tests/libvirt/run.py" --build-dir "$build" \
        >"$build/libvirt.tap" || failed=1
    cat "$build/libvirt.tap"
    results="$results $build/libvirt.tap"
    # With --vm these have been run.
    if [ -z "$quick" ] && [ "$vm" = --short ]; then
        python3 "$top/tests/vm/run.py" --build-dir "$build" 'libvirt-*' \
            >"$build/vm-libvirt.tap" || failed=1
        cat "$build/vm-libvirt.tap"
        results="$results $build/vm-libvirt.tap"
    fi
fi
if [ -n "$packages" ]; then
    sh "$top/tests/packages/run.sh" >"$build/packages.tap" || failed=1
    cat "$build/packages.tap"
    results="$results $build/packages.tap"
fi
if [ -n "$long" ]; then
    sh "$top/tests/long.sh" "$build" || failed=1
    results="$results $(echo "$build"/long-*.tap)"
fi

# shellcheck disable=SC2086 # directories of this script's own
python3 "$top/tests/support/summary.py" $results || failed=1
exit "$failed"
