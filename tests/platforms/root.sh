# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # for another shell; of others
# Functions for the scripts beside this file, which set $top: they make roots of
# Debian that are kept, run commands in them, and print TAP. The scripts may set
# $root_arch, the architecture of a root's programs, and $personality.

cache=${HOME:-/root}/.cache/mdevctl-platforms
fresh=
root_arch=
personality=linux64
count=0
failed=0

# begin RELEASE NAME: sets $release and $root.
begin() {
    if [ "$(id -u)" != 0 ]; then
        echo '1..0 # SKIP it needs root'
        exit 0
    fi
    . "$top/tests/support/packages.sh"
    install_missing debootstrap >&2
    release=$1
    root=$cache/$2
    mkdir -p "$cache"
    # A second run with this root waits.
    exec 9>"$root.lock"
    flock 9
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    trap 'exit 1' HUP INT TERM
}

# check TITLE COMMAND...: prints a line of TAP, and the output of the command if
# it fails. If the last line of the output has totals of tests, it completes the
# title. The command must not be part of a condition, in which the shell ignores
# failures.
check() {
    count=$((count + 1))
    title=$1
    shift
    set +e
    (set -e; "$@") >"$log" 2>&1
    status=$?
    set -e
    result=ok
    if [ "$status" != 0 ]; then
        result='not ok'
        failed=1
        grep -A 20 -E '^ *(not ok|FAILED)' "$log" >&2 || :
        tail -n 60 "$log" >&2
    fi
    totals=$(tail -n 1 "$log" | sed -n '/^[0-9]* passed/s/^/: /p')
    echo "$result $count - $title$totals"
}

end() {
    echo "1..$count"
    exit "$failed"
}

makes_root() {
    [ -z "$fresh" ] || rm -rf "$root"
    [ ! -e "$root" ] || return 0
    rm -rf "$root.part"
    unshare --mount debootstrap --variant=minbase \
        ${root_arch:+--arch="$root_arch"} "$release" "$root.part"
    printf '#!/bin/sh\nexit 101\n' >"$root.part/usr/sbin/policy-rc.d"
    chmod +x "$root.part/usr/sbin/policy-rc.d"
    # The mirror may be out of date.
    echo 'Acquire::Check-Valid-Until "false";' \
        >"$root.part/etc/apt/apt.conf.d/90mirror"
    echo "$release" >"$root.part/release"
    mv "$root.part" "$root"
}

# in_root COMMAND: runs a shell command in the root, in a copy of the tree.
in_root() {
    # A root that is a mount point can make mount namespaces of its own.
    unshare --mount --pid --fork --kill-child sh -ec '
        mount --bind "$1" "$1"
        mount -t proc proc "$1/proc"
        mount -t sysfs sysfs "$1/sys"
        mount --rbind /dev "$1/dev"
        mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
        cp /etc/resolv.conf "$1/etc/resolv.conf"
        exec setarch "$3" chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
            LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
            CCACHE_DIR=/var/cache/ccache sh -ec "cd /mdevctl && $2"' \
        sh "$root" "$1" "$personality" </dev/null
}

# All files are new for ninja: an older file would be used with the objects of
# an earlier copy.
copies_tree() {
    rm -rf "$root/mdevctl"
    mkdir "$root/mdevctl"
    if git -C "$top" rev-parse HEAD >/dev/null 2>&1; then
        (cd "$top" && git ls-files -z --cached --others --exclude-standard |
            tar c --null --ignore-failed-read -T -) | tar xm -C "$root/mdevctl"
    else
        (cd "$top" && tar c --exclude='./build*' .) | tar xm -C "$root/mdevctl"
    fi
}

# tests_pass BUILD OPTIONS: runs `meson test`.
tests_pass() {
    in_root "rm -f $1/meson-logs/testlog*
        meson test -C $1 --no-rebuild --print-errorlogs $2 || :
        python3 tests/support/summary.py $1"
}

# tap_passes NAME COMMAND: runs a command that prints TAP, and adds the totals.
tap_passes() {
    in_root "$2 >/$1.tap && status=0 || status=\$?
        cat /$1.tap
        python3 tests/support/summary.py /$1.tap
        exit \$status"
}
