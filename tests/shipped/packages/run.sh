#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck disable=SC2016,SC2317 # for other shells; called by name
# Builds Debian's packages twice and compares them, checks them with lintian,
# installs, upgrades, removes and purges them in a fresh system of the same
# release, and builds an RPM from the release's tarball. Prints TAP. Needs root.
#
#   sh tests/shipped/packages/run.sh [--cache DIR] [--keep DIR] [--once]
#                                    [--release NAME]
#     --cache DIR  the directory that keeps the fresh system and its packages
#                  (~/.cache/mdevctl-packages)
#     --keep DIR   copies the packages to this directory
#     --once       builds once, and does not compare
#     --release NAME  Debian's name of this release, if /etc/os-release does not
#                  have it (sid)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
cache=${HOME:-/root}/.cache/mdevctl-packages
keep=
once=
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
while [ $# -gt 0 ]; do
    case $1 in
        --cache) cache=$2; shift ;;
        --keep) keep=$2; shift ;;
        --once) once=1 ;;
        --release) release=$2; shift ;;
        *) sed -n '/^# Builds/,/^set/{/^set/d;s/^# \{0,1\}//;p}' "$0"; exit 2 ;;
    esac
    shift
done
if [ "$(id -u)" != 0 ]; then
    echo '1..0 # SKIP it needs root'
    exit 0
fi

. "$top/tests/support/packages.sh"
# shellcheck disable=SC2086 # lists of words
install_missing $build_packages $package_packages >&2

work=$(mktemp -d)
system=$work/system
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$cache/archives"
count=0
failed=0
version=$(sed -n "s/^ *version: '\(.*\)',/\1/p" "$top/meson.build" | head -n1)

# check TITLE FUNCTION: prints a line of TAP. If the function fails, its output
# is printed to stderr. The first command that fails ends the function, so the
# function must not be part of a condition, in which the shell ignores failures.
check() {
    count=$((count + 1))
    set +e
    (set -e; "$2") >"$work/said" 2>&1
    status=$?
    set -e
    if [ "$status" = 0 ]; then
        echo "ok $count - $1"
    else
        failed=1
        echo "not ok $count - $1"
        grep -A 20 '^not ok' "$work/said" >&2 || :
        tail -n 60 "$work/said" >&2
    fi
}

# Copy the files of a tarball, so that edits during the test have no effect.
mkdir "$work/source"
if git -C "$top" rev-parse HEAD >/dev/null 2>&1; then
    (cd "$top" && git ls-files -z --cached --others --exclude-standard |
        tar c --null --ignore-failed-read -T -) | tar x -C "$work/source"
else
    (cd "$top" && tar c --exclude='./build*' .) | tar x -C "$work/source"
fi

build_packages_in() {
    mkdir "$1"
    cp -r "$work/source" "$1/mdevctl"
    cd "$1/mdevctl"
    cp -r data/debian debian
    dpkg-buildpackage -us -uc -b
}

builds() { build_packages_in "$work/one"; }

# Build in another directory, at another time, and as another user.
builds_the_same() {
    umask 027
    export LC_ALL=C.UTF-8 TZ=Asia/Tokyo HOME=/nonexistent CCACHE_DISABLE=1
    build_packages_in "$work/two"
    for package in "$work/one"/*.deb; do
        cmp "$package" "$work/two/${package##*/}"
    done
}

lintian_is_silent() {
    lintian --allow-root --fail-on error,warning --tag-display-limit 0 \
        "$work/one"/mdevctl_*.changes >"$work/lintian"
    cat "$work/lintian"
    [ ! -s "$work/lintian" ]
}

symbols_are_listed() {
    mkdir "$work/libraries"
    for package in "$work/one"/libmdev0_*.deb "$work/one"/libmdev-c0_*.deb; do
        dpkg-deb -x "$package" "$work/libraries"
    done
    python3 "$top/data/debian/symbols.py" --strict \
        "$work"/libraries/usr/lib/*/libmdev*.so.0
}

# Programs may be needed in either of two directories.
has_both_places() {
    dpkg-deb -c "$work/one"/mdevctl_*.deb >"$work/contents"
    for path in usr/sbin/mdevctl usr/sbin/lsmdev usr/bin/mdevctl \
        usr/bin/lsmdev etc/mdevctl.d/ usr/lib/mdevctl/scripts.d/callouts/ \
        usr/lib/mdevctl/scripts.d/notifiers/; do
        if ! grep -q " \./$path\( \|$\)" "$work/contents"; then
            echo "no $path"
            exit 1
        fi
    done
}

makes_system() {
    if [ ! -e "$cache/$release.tar" ]; then
        debootstrap --variant=minbase "$release" "$system"
        cp /etc/apt/apt.conf.d/90mirror "$system/etc/apt/apt.conf.d" || :
        tar cf "$cache/$release.tar.part" -C "$system" .
        mv "$cache/$release.tar.part" "$cache/$release.tar"
    else
        mkdir "$system"
        tar xf "$cache/$release.tar" -C "$system"
    fi
    cp "$cache/archives"/*.deb "$system/var/cache/apt/archives" 2>/dev/null || :
    printf '#!/bin/sh\nexit 101\n' >"$system/usr/sbin/policy-rc.d"
    chmod +x "$system/usr/sbin/policy-rc.d"
    mkdir "$system/packages"
    cp "$work/one"/*.deb "$system/packages"
    cp "$top/data/debian/tests/installed" "$system/packages"
    rm -f "$system"/packages/*-dbgsym_*
    cp /etc/resolv.conf "$system/etc/resolv.conf"
}

# in_system COMMAND: runs a shell command in the fresh system.
in_system() {
    unshare --mount --pid --fork --kill-child chroot "$system" sh -ec '
        mount -t proc proc /proc
        export DEBIAN_FRONTEND=noninteractive LC_ALL=C HOME=/root \
            PATH=/usr/sbin:/usr/bin:/sbin:/bin
        eval "$1"' sh "$1" </dev/null
}

# The state of Debian's mdevctl 1.x, which the upgrade must preserve.
has_former() {
    in_system 'apt-get -q -y -o APT::Keep-Downloaded-Packages=true update
        apt-get -q -y --no-install-recommends install mdevctl
        dpkg-query -W -f "\${Version}" mdevctl >/former
        mdevctl define -u 6eba5b41-176e-40db-b93e-7f18e04e0b93 -p mtty \
            -t mtty-1 --auto
        mkdir -p /etc/mdevctl.d/scripts.d/callouts
        cat >/etc/mdevctl.d/scripts.d/callouts/refuse <<END
#!/bin/sh
[ \$4-\$6 = pre-undefine ] || exit 0
echo no >&2
exit 1
END
        chmod +x /etc/mdevctl.d/scripts.d/callouts/refuse'
}

upgrades() {
    in_system 'cp /etc/mdevctl.d/mtty/* /tmp/before
        apt-get -q -y --no-install-recommends install /packages/mdevctl_*.deb \
            /packages/libmdev0_*.deb
        dpkg -V mdevctl libmdev0
        cmp /etc/mdevctl.d/mtty/* /tmp/before
        [ "$(mdevctl list -d)" = \
            "6eba5b41-176e-40db-b93e-7f18e04e0b93 mtty mtty-1 auto" ]
        if mdevctl undefine -u 6eba5b41-176e-40db-b93e-7f18e04e0b93; then
            echo "the script in the deprecated directory was not asked"
            exit 1
        fi
        rm /etc/mdevctl.d/scripts.d/callouts/refuse
        mdevctl undefine -u 6eba5b41-176e-40db-b93e-7f18e04e0b93
        mdevctl define -u 6eba5b41-176e-40db-b93e-7f18e04e0b93 -p mtty -t T'
    in_system 'dpkg -s mdevctl' >"$work/status"
    grep -qx "Version: $version-1" "$work/status"
}

# A downgrade to the old version, and an upgrade.
goes_back() {
    in_system 'cp /etc/mdevctl.d/mtty/* /tmp/before
        apt-get -q -y --no-install-recommends --allow-downgrades install \
            mdevctl=$(cat /former)
        cmp /etc/mdevctl.d/mtty/* /tmp/before
        mdevctl list -d | grep "^6eba5b41-176e-40db-b93e-7f18e04e0b93 mtty T"
        apt-get -q -y --no-install-recommends install /packages/mdevctl_*.deb
        cmp /etc/mdevctl.d/mtty/* /tmp/before'
}

# Install all packages, and use them.
installs() {
    in_system 'apt-get -q -y --no-install-recommends \
            -o APT::Keep-Downloaded-Packages=true install /packages/*.deb \
            g++ pkg-config
        sh /packages/installed'
}

removes() {
    in_system 'apt-get -q -y remove mdevctl libmdev0 libmdev-dev libmdev-c0 \
            libmdev-c-dev libmdev-doc python3-mdev
        if command -v mdevctl lsmdev; then
            exit 1
        fi
        cat /etc/mdevctl.d/mtty/6eba5b41-176e-40db-b93e-7f18e04e0b93'
}

purges() {
    # dpkg has removed the directory if the former package had it.
    in_system 'mkdir -p /etc/mdevctl.d/scripts.d/callouts
        echo "#!/bin/sh" >/etc/mdevctl.d/scripts.d/callouts/other
        apt-get -q -y purge mdevctl
        [ "$(cd /etc/mdevctl.d && find . ! -type d | sort | xargs -n 1)" = \
"./mtty/6eba5b41-176e-40db-b93e-7f18e04e0b93
./scripts.d/callouts/other" ]
        rm -r /etc/mdevctl.d
        left=$(find / -xdev -path /proc -prune -o -path /packages -prune -o \
            -path /var/cache -prune -o -path /var/log -prune -o \
            "(" -name "mdev*" -o -name "*mdevctl*" -o -name "lsmdev*" -o \
            -name "libmdev*" ")" -print)
        [ -z "$left" ] || { echo "left: $left"; exit 1; }'
}

# A user who never had the old version.
installs_afresh() {
    in_system 'apt-get -q -y --no-install-recommends install \
            /packages/mdevctl_*.deb /packages/libmdev0_*.deb
        [ -d /etc/mdevctl.d ] && [ -z "$(mdevctl list -d)" ]
        uuid=$(mdevctl define -p mtty -t mtty-1)
        mdevctl undefine -u "$uuid"
        apt-get -q -y purge mdevctl
        [ ! -e /etc/mdevctl.d ]'
}

# In the fresh system, a script replaces systemctl.
reloads_systemd() {
    in_system 'mkdir -p /run/systemd/system
        printf "#!/bin/sh\necho \"\$@\" >>/systemctl.log\n" >/usr/bin/systemctl
        chmod +x /usr/bin/systemctl
        apt-get -q -y --no-install-recommends install \
            /packages/mdevctl_*.deb /packages/libmdev0_*.deb
        grep -c daemon-reload /systemctl.log
        rm /systemctl.log
        apt-get -q -y purge mdevctl
        grep -c daemon-reload /systemctl.log
        rm -r /systemctl.log /usr/bin/systemctl /run/systemd/system'
}

# in_nowhere COMMAND [ARGUMENT]...: runs a shell command without network and
# rst2man.
in_nowhere() {
    unshare --net --mount sh -ec '
        for program in /usr/bin/rst2man /usr/bin/rst2man.py; do
            [ ! -e $program ] || mount --bind /dev/null $program
        done
        eval "$1"' sh "$@"
}

tarball_is_made() {
    cp -r "$work/source" "$work/release"
    cd "$work/release"
    git init -q
    git add -A
    git -c user.name=tests -c user.email=tests@mdevctl.invalid \
        commit -q -m "all files"
    meson setup build -Dtests=disabled -Dpython=disabled -Ddoc=disabled
    meson dist -C build --no-tests --formats xztar
    tar tf "build/meson-dist/mdevctl-$version.tar.xz" >"$work/contents"
    grep -qx "mdevctl-$version/doc/mdevctl.8" "$work/contents"
}

# All installed files must be in a package, or rpmbuild fails.
rpm_builds() {
    mkdir -p "$work/rpm"
    in_nowhere 'rpmbuild -ta --nodeps --define "_topdir $2" "$3"' \
        "$work/rpm" "$work/release/build/meson-dist/mdevctl-$version.tar.xz"
    rpm -qlp "$work"/rpm/RPMS/*/mdevctl-"$version"-*.rpm >"$work/contents"
    # Some systems' rpmbuild does not compress pages.
    for file in /usr/sbin/mdevctl '/usr/share/man/man8/mdevctl.8\([.]gz\)\?'; do
        grep -x "$file" "$work/contents"
    done
}

# Debian's own test of installed packages. The tests run in a chroot, although
# they ask for a system whose kernel no other program uses.
autopkgtest_passes() {
    rm -f "$work/one"/*-dbgsym_*.deb
    unshare --mount --pid --fork --kill-child sh -ec '
        mount -t proc proc "$1/proc"
        mount --rbind /dev "$1/dev"
        cp -r "$2/mdevctl" "$2/tested"
        cd "$2/tested"
        dh_clean
        autopkgtest --apt-upgrade --ignore-restrictions=isolation-machine \
            --no-built-binaries "$2"/*.deb "$2/tested" -- chroot "$1"' \
        sh "$system" "$work/one"
}

check "packages are built" builds
if [ "$failed" != 0 ]; then
    echo "Bail out! there are no packages"
    exit 1
fi
[ -n "$once" ] || check "a second build has the same bytes" builds_the_same
check "lintian reports no problem" lintian_is_silent
check "symbols files list the exported symbols" symbols_are_listed
check "files are in the places where other programs expect them" has_both_places
check "a fresh system is made" makes_system
check "the distribution's mdevctl is installed, with data" has_former
check "the package is upgraded, its data and scripts are still used" upgrades
check "data are preserved by a downgrade, and an upgrade" goes_back
check "all packages are installed and work" installs
cp "$system"/var/cache/apt/archives/*.deb "$cache/archives" 2>/dev/null || :
check "definitions remain when the package is removed" removes
check "only definitions and scripts remain when the package is purged" purges
check "the package is installed and purged without an old version" installs_afresh
check "systemd is reloaded when the unit changes" reloads_systemd
check "autopkgtest passes" autopkgtest_passes
check "the release's tarball is made" tarball_is_made
check "the tarball builds as an RPM, without network and rst2man" rpm_builds
[ -z "$keep" ] || { mkdir -p "$keep"; cp "$work/one"/*.deb "$keep"; }
echo "1..$count"
exit "$failed"
