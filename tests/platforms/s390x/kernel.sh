#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# kernel.sh RELEASE, called in the root of cross.sh: makes /kernel.RELEASE from
# the kernel of a release of Debian. Debian's kernel for s390x lacks vfio_ccw and
# vfio_ap, so this script builds both drivers from the source of the same kernel,
# and vfio if the kernel lacks it. The emulated machine lacks instructions that
# vfio_ap needs. A copy of vfio_ap omits these instructions, and has the real
# sysfs.
set -eu
from=$1
made=/kernel.$from
work=$made.part
if ! grep -q " $from " /etc/apt/sources.list; then
    mirror=$(sed -n 's/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' \
        /etc/apt/sources.list | head -n 1)
    echo "deb $mirror $from main" >"/etc/apt/sources.list.d/$from.list"
fi
apt-get update -q
# depends PACKAGE PATTERN: prints the first package of this name that the package
# depends on.
depends() {
    apt-cache -o APT::Default-Release="$from" depends "$1:s390x" |
        sed 1d | grep -o "$2" | head -n 1
}
image=$(depends linux-image-s390x 'linux-image-[^ :>]*')
release=${image#linux-image-}
if [ -z "$release" ]; then
    echo "Debian's mirror has no kernel for s390x" >&2
    exit 1
fi
# What the kernel is made from.
recipe="$release $(cat "$0" tests/platforms/s390x/vfio_ap_stub.c | cksum)"
[ "$(cat "$made/recipe" 2>/dev/null)" != "$recipe" ] || exit 0
. tests/support/packages.sh
install_missing kmod cpio bc bison flex libelf-dev libssl-dev make xz-utils

rm -rf "$work"
mkdir -p "$work/packages" "$work/source" "$work/drivers"
cd "$work/packages"
series=$(echo "$release" | cut -d. -f1,2)
headers=$(depends "linux-headers-$release" 'linux-headers-[^ :>]*-common')
kbuild=$(depends "linux-headers-$release" 'linux-kbuild-[^ :>]*')
apt-get -q -o APT::Sandbox::User=root -t "$from" download "$image:s390x" \
    "linux-headers-$release:s390x" "$headers" "$kbuild" "linux-source-$series"
for package in *.deb; do
    dpkg-deb -x "$package" ../tree
done
cd ../source
top=linux-source-$series
tar xf ../tree/usr/src/"$top".tar.xz --strip-components=1 \
    "$top/drivers/vfio" "$top/drivers/s390"
cd drivers
cp vfio/*.[ch] vfio/mdev/*.[ch] s390/cio/vfio_ccw*.c s390/cio/*.h \
    s390/crypto/vfio_ap*.c s390/crypto/*.h "$work/drivers"
cd "$work/drivers"
mv vfio_ap_drv.c vfio_ap_real.c
cp /mdevctl/tests/platforms/s390x/vfio_ap_stub.c .
# The fields of the numbers of adapters and domains have had two spellings.
fields=$(sed -n 's/.*unsigned char \([Nn][ad]\);.*/matrix_dev->info.\1 = 255; /p' \
    "../tree/usr/src/$headers/arch/s390/include/asm/ap.h" | tr -d '\n')
sed -e 's/!ap_instructions_available()/0/' \
    -e 's/ret = ap_driver_register(.*);/ret = 0;/' \
    -e 's/ap_driver_unregister(.*);//' \
    -e "s/if (test_facility(12)) {/matrix_dev->info.apxa = 1; ${fields}if (0) {/" \
    vfio_ap_real.c >vfio_ap_drv.c
cat >Makefile <<'END'
ccflags-y := -I$(src) -DCONFIG_VFIO_MODULE -DCONFIG_VFIO_MDEV_MODULE \
    -DCONFIG_VFIO_CCW_MODULE -DCONFIG_VFIO_AP_MODULE \
    -DCONFIG_VFIO_IOMMU_TYPE1_MODULE -DCONFIG_VFIO_VIRQFD_MODULE
obj-m := mdev.o vfio_ccw.o vfio_ap.o
ifndef CONFIG_VFIO
obj-m += vfio.o vfio_iommu_type1.o vfio_virqfd.o
endif
vfio-y := vfio_main.o iova_bitmap.o container.o
vfio_virqfd-y := virqfd.o
mdev-y := mdev_core.o mdev_sysfs.o mdev_driver.o
vfio_ccw-y := vfio_ccw_drv.o vfio_ccw_cp.o vfio_ccw_ops.o vfio_ccw_fsm.o \
    vfio_ccw_async.o vfio_ccw_trace.o vfio_ccw_chp.o
vfio_ap-y := vfio_ap_drv.o vfio_ap_ops.o vfio_ap_stub.o
END
headers=$work/tree/usr/src/linux-headers-$release
sed -i "s| /usr/src/| $work/tree/usr/src/|" "$headers/Makefile"
make -C "$headers" M="$PWD" ARCH=s390 CROSS_COMPILE=s390x-linux-gnu- \
    CONFIG_DEBUG_INFO_BTF_MODULES= -j"$(nproc)" modules

modules=$work/root/lib/modules/$release
mkdir -p "$modules/extra"
for module in *.ko; do
    s390x-linux-gnu-strip -g -o "$modules/extra/$module" "$module"
done
cp ../tree/lib/modules/"$release"/modules.builtin* \
    ../tree/lib/modules/"$release"/modules.order "$modules"
# Debian's own modules that these modules may need.
for module in vfio vfio_iommu_type1; do
    find ../tree/lib/modules \( -name "$module.ko" -o -name "$module.ko.xz" \) \
        -exec cp {} "$modules/extra" \;
done
depmod -b "$work/root" "$release"
cp ../tree/boot/vmlinuz-"$release" ../image
rm -rf ../tree ../packages ../source
echo "$recipe" >../recipe
rm -rf "$made"
mv "$work" "$made"
