#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# fetch_peer.sh DIRECTORY: downloads Debian's mdevctl 1.2 into DIRECTORY without
# installing it, and prints the path of the program. Fails if the package is not
# available, as in a later Debian: mdevctl 1.4 does not start without directories
# in /usr that its package installs.
set -eu
mkdir -p "$1"
cd "$1"
peer=$PWD/peer/usr/bin/mdevctl
if [ ! -x "$peer" ]; then
    timeout 30 apt-get download -q mdevctl >&2
    dpkg-deb -f mdevctl_*.deb Version | grep '^1[.]2[.]' >&2
    dpkg-deb -x mdevctl_*.deb peer
fi
test -x "$peer"
echo "$peer"
