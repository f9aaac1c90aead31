#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Installs what is missing (Debian, as root), builds, runs the tests, and ends
# with "N passed, N failed".
#
#   sh tests/run.sh [--quick] [--vm]
#     --quick  only the plain build: no sanitizers, no virtual machine
#     --vm     every case of the virtual machine, not only its short pass
#   BUILD=DIR  where to build (build-test in the source tree)
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
build=${BUILD:-$top/build-test}
quick=
vm=--short
for option; do
    case $option in
        --quick) quick=1 ;;
        --vm) vm=--full ;;
        *) sed -n '/^# Installs/,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2 ;;
    esac
done

. "$top/tests/support/packages.sh"
# shellcheck disable=SC2086 # lists of words
install_missing $build_packages $test_packages

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
        meson setup "$directory" "$top" -Dwerror=true -Dtests=enabled $setup
    fi
    ninja -C "$directory"
    meson test -C "$directory" --no-rebuild --print-errorlogs "$@" || failed=1
    results="$results $directory"
}

test_build "$build" --
if [ -z "$quick" ]; then
    test_build "$build-asan" -Db_sanitize=address,undefined -Db_lundef=false \
        -- unit cli callouts
    test_build "$build-tsan" -Db_sanitize=thread -Db_lundef=false \
        -- unit callouts
    python3 "$top/tests/vm/run.py" "$vm" --build-dir "$build" \
        >"$build/vm.tap" || failed=1
    cat "$build/vm.tap"
    results="$results $build/vm.tap"
fi

# shellcheck disable=SC2086 # directories of this script's own
python3 "$top/tests/support/summary.py" $results || failed=1
exit "$failed"
