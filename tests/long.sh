#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Runs the tests that take minutes: every fault and every kill instead of a
# sample, a hundred thousand definitions, two minutes of stress, the golden cases
# under valgrind, and a minute of each fuzzer (if clang is installed). Writes TAP
# to DIRECTORY/*.tap. The exit status is not 0 if a test fails.
#
#   sh tests/long.sh DIRECTORY    a build directory
set -u
tests=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
mdevctl=$build/mdevctl/mdevctl
failed=0

# run NAME PROGRAM [ARGUMENT]...: writes TAP to long-NAME.tap.
run() {
    name=$1
    shift
    program=$tests/$1
    shift
    python3 "$program" "$@" >"$build/long-$name.tap" || failed=1
    cat "$build/long-$name.tap"
}

run crash torture/faults/crash.py --mdevctl "$mdevctl" --all
run errors torture/faults/errors.py --mdevctl "$mdevctl" --all
run kinds torture/hostile/kinds.py --mdevctl "$mdevctl" --long
run links torture/hostile/links.py --mdevctl "$mdevctl" --rounds 1000
run mixed torture/stress/mixed.py --mdevctl "$mdevctl" \
    --mdevsim "$build/tests/kernel/mdevsim/mdevsim" --seconds 120
run kill torture/stress/kill.py --mdevctl "$mdevctl" --kills 2000

if command -v valgrind >/dev/null; then
    # valgrind cannot see the memory that a static program allocates.
    dynamic=$build-dynamic
    [ -e "$dynamic/build.ninja" ] ||
        meson setup "$dynamic" "$tests/.." -Dtests=enabled -Dstatic=disabled
    ninja -C "$dynamic" mdevctl/mdevctl || failed=1
    run valgrind golden/run.py --valgrind \
        --mdevctl "$dynamic/mdevctl/mdevctl" \
        --mdevsim "$build/tests/kernel/mdevsim/mdevsim"
fi

if command -v clang++ >/dev/null; then
    fuzzers=$build-fuzz
    targets=
    for source in "$tests"/torture/fuzz/fuzz_*.cpp; do
        targets="$targets tests/torture/fuzz/$(basename "$source" .cpp)"
    done
    [ -e "$fuzzers/build.ninja" ] ||
        CC=clang CXX=clang++ meson setup "$fuzzers" "$tests/.." \
            -Dtests=enabled -Dfuzzing=true -Doptimization=1 \
            -Db_lundef=false -Db_sanitize=address,undefined \
            -Dc_args=-fsanitize=fuzzer-no-link \
            -Dcpp_args=-fsanitize=fuzzer-no-link
    # shellcheck disable=SC2086 # a list of words
    ninja -C "$fuzzers" $targets || failed=1
    run fuzz torture/fuzz/run.py --build-dir "$fuzzers" --seconds 60
fi
exit "$failed"
