#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Builds mdevctl as it is released, and measures it beside Debian's mdevctl and
# beside the system calls that the work needs. As root: it uses a mount name
# space.
#
#   sh tests/bench/run.sh [--quick] [--huge] [--rounds N] [--only WORDS]
#     --quick     small trees, one round: only to see that it works
#     --huge      memory and descriptors of 100,000 definitions, nothing else
#     --rounds N  how often each program runs at least (21)
#     --only X    only measurements with X in their name
#   BUILD=DIR     where to build (build-bench in the source tree)
#   PEER=PROGRAM  the mdevctl to compare with; otherwise Debian's is fetched
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

if peer=${PEER:-$(sh "$here/fetch_peer.sh" "$build/bench")}; then
    set -- --peer "$peer" "$@"
else
    echo "Debian's mdevctl cannot be had; set PEER=PROGRAM." >&2
fi
exec python3 "$here/bench.py" --build "$build" \
    --measure "$build/bench/measure" --floor "$build/bench/floor" "$@"
