#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# guest.sh RELEASE, called in the root of cross.sh: makes /guest.RELEASE.cpio, a
# system in memory: busybox, udev, the modules of /kernel.RELEASE, the mdevctl of
# /build-s390x and the tests.
set -eu
. tests/support/packages.sh
install_missing cpio
packages='busybox-static kmod libkmod2 udev libudev1 libacl1 libblkid1 libcap2
libselinux1 libpcre2-8-0 libssl3 libzstd1 liblzma5 zlib1g libc6 libstdc++6
libgcc-s1 libboost-program-options1.81.0'
if [ ! -e /guest-packages/.complete ]; then
    mkdir -p /guest-packages
    cd /guest-packages
    for package in $packages; do
        apt-get -q -o APT::Sandbox::User=root download "$package:s390x"
    done
    touch .complete
    cd /mdevctl
fi
rm -rf /guest
mkdir -p /guest/usr/bin /guest/usr/sbin /guest/usr/lib /guest/unpacked
for name in bin sbin lib; do ln -s usr/$name /guest/$name; done
for package in /guest-packages/*.deb; do
    dpkg-deb -x "$package" /guest/unpacked
done
cp -a /guest/unpacked/. /guest/merged 2>/dev/null || :
cd /guest/unpacked
for name in bin sbin lib usr/bin usr/sbin usr/lib; do
    [ ! -d $name ] || cp -a $name/. /guest/usr/"${name##*/}"
done
cd /guest
rm -rf unpacked merged usr/lib/udev/hwdb.d usr/share
for name in dev proc sys run tmp etc root var vm/bin; do mkdir -p $name; done
cp -a "/kernel.$1/root/lib/modules" usr/lib
cp /build-s390x/mdevctl/mdevctl usr/sbin
cp /build-s390x/libmdev/libmdev.so.0 usr/lib/s390x-linux-gnu
ln -s usr/lib/ld64.so.1 ld64.so.1 2>/dev/null || :
sed 's|@MDEVCTL@|/usr/sbin/mdevctl|' \
    /mdevctl/data/60-mdevctl-without-systemd.rules.in \
    >usr/lib/udev/rules.d/60-mdevctl.rules
cp /mdevctl/tests/platforms/s390x/init .
chmod +x init
cp /mdevctl/tests/kernel/vm/guest/lib.sh vm
cp -r /mdevctl/tests/platforms/s390x/cases /mdevctl/tests/platforms/s390x/lists vm
s390x-linux-gnu-gcc -D_GNU_SOURCE -O2 -static -o vm/bin/operations \
    /mdevctl/tests/kernel/vm/programs/operations.c
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' >etc/group
find . -mindepth 1 | cpio -o -H newc --owner 0:0 --quiet >"/guest.$1.cpio"
