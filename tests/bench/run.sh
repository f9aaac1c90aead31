#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds mdevctl as it is released, and compares its measurements with those of
# Debian's mdevctl and of the necessary system calls. Needs root for a mount
# namespace.
#
#   sh tests/bench/run.sh [--quick] [--huge] [--rounds N] [--only WORDS]
#     --quick     small trees, one round: a test of the script
#     --huge      only memory and descriptors of 100,000 definitions
#     --rounds N  the minimum number of runs of each program (21)
#     --only X    only measurements with X in their name
#   BUILD=DIR     the directory of the build (build-bench in the source tree)
#   PEER=PROGRAM  the mdevctl to compare with; by default Debian's is downloaded
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=${BUILD:-$top/build-bench}
case ${1-} in
    -h | --help) sed -n '/^# Builds/,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit ;;
esac

if [ ! -e "$build/build.ninja" ]; then
    meson setup "$build" "$top" -Dbuildtype=release -Doptimization=s \
        -Dstatic=enabled -Dtests=disabled >&2
fi
ninja -C "$build" >&2
mkdir -p "$build/bench"
for program in measure floor; do
    ${CC:-cc} -O2 -static -D_GNU_SOURCE -o "$build/bench/$program" "$here/$program.c"
done

# One measurement needs a kernel that creates devices.
if flags=$(pkg-config --cflags --libs fuse3); then
    simulator=$build/bench/mdevsim
    # shellcheck disable=SC2086 # several words
    [ -x "$simulator" ] || ${CXX:-c++} -std=c++20 -O2 -o "$simulator" \
        "$top"/tests/kernel/mdevsim/*.cpp $flags
    set -- --mdevsim "$simulator" "$@"
fi

if peer=${PEER:-$(sh "$here/fetch_peer.sh" "$build/bench")}; then
    set -- --peer "$peer" "$@"
else
    echo "Debian's mdevctl is not available; set PEER=PROGRAM." >&2
fi
exec python3 "$here/bench.py" --build "$build" \
    --measure "$build/bench/measure" --floor "$build/bench/floor" "$@"
