#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes /kernel in the root of cross.sh. Debian's kernel for s390x lacks
# vfio_ccw and vfio_ap, so this script builds vfio and both drivers from the
# source of the same kernel. The emulated machine lacks instructions that
# vfio_ap needs. A copy of vfio_ap omits these instructions, and has the real
# sysfs.
set -eu
apt-get update -q
depends() { apt-cache depends "$1" | sed -n "s/^  Depends: \($2\)$/\1/p"; }
image=$(depends linux-image-s390x:s390x 'linux-image-[^ ]*' | head -n 1)
image=${image%:s390x}
release=${image#linux-image-}
if [ -z "$release" ]; then
    echo "Debian's mirror has no kernel for s390x" >&2
    exit 1
fi
[ "$(cat /kernel/release 2>/dev/null)" != "$release" ] || exit 0
. tests/support/packages.sh
install_missing kmod cpio bc bison flex libelf-dev libssl-dev make xz-utils

rm -rf /kernel.part
mkdir -p /kernel.part/packages /kernel.part/modules/source
cd /kernel.part/packages
series=$(echo "$release" | cut -d. -f1,2)
apt-get -q -o APT::Sandbox::User=root download "$image:s390x" \
    "linux-headers-$release:s390x" \
    "linux-headers-${release%-s390x}-common" "linux-kbuild-$series" \
    "linux-source-$series"
for package in *.deb; do
    dpkg-deb -x "$package" ../tree
done
cd ../modules/source
top=linux-source-$series
tar xf ../../tree/usr/src/"$top".tar.xz --strip-components=1 \
    "$top/drivers/vfio" "$top/drivers/s390"
cd drivers
mkdir /kernel.part/drivers
cp vfio/*.[ch] vfio/mdev/*.[ch] s390/cio/vfio_ccw* s390/cio/*.h \
    s390/crypto/vfio_ap* s390/crypto/*.h /kernel.part/drivers
cd /kernel.part/drivers
cp vfio_ap_drv.c vfio_ap_real.c
cp /mdevctl/tests/platforms/s390x/vfio_ap_stub.c .
sed -e 's/!ap_instructions_available()/0/' \
    -e 's/ret = ap_driver_register(.*);/ret = 0;/' \
    -e 's/ap_driver_unregister(.*);//' \
    -e 's/if (test_facility(12)) {/matrix_dev->info.apxa = 1; matrix_dev->info.Na = 255; matrix_dev->info.Nd = 255; if (0) {/' \
    vfio_ap_real.c >vfio_ap_drv.c
cat >Makefile <<'END'
ccflags-y := -I$(src) -DCONFIG_VFIO_MODULE -DCONFIG_VFIO_MDEV_MODULE \
    -DCONFIG_VFIO_CCW_MODULE -DCONFIG_VFIO_AP_MODULE \
    -DCONFIG_VFIO_IOMMU_TYPE1_MODULE -DCONFIG_VFIO_VIRQFD_MODULE
obj-m := vfio.o vfio_iommu_type1.o mdev.o vfio_ccw.o vfio_virqfd.o vfio_ap.o
vfio-y := vfio_main.o iova_bitmap.o container.o
vfio_virqfd-y := virqfd.o
mdev-y := mdev_core.o mdev_sysfs.o mdev_driver.o
vfio_ccw-y := vfio_ccw_drv.o vfio_ccw_cp.o vfio_ccw_ops.o vfio_ccw_fsm.o \
    vfio_ccw_async.o vfio_ccw_trace.o vfio_ccw_chp.o
vfio_ap-y := vfio_ap_drv.o vfio_ap_ops.o vfio_ap_stub.o
END
headers=/kernel.part/tree/usr/src/linux-headers-$release
sed -i 's| /usr/src/| /kernel.part/tree/usr/src/|' "$headers/Makefile"
make -C "$headers" M="$PWD" ARCH=s390 CROSS_COMPILE=s390x-linux-gnu- \
    CONFIG_DEBUG_INFO_BTF_MODULES= -j"$(nproc)" modules

modules=/kernel.part/root/lib/modules/$release
mkdir -p "$modules/extra"
for module in *.ko; do
    s390x-linux-gnu-strip -g -o "$modules/extra/$module" "$module"
done
cp ../tree/lib/modules/"$release"/modules.builtin* \
    ../tree/lib/modules/"$release"/modules.order "$modules"
# Debian's own modules that these modules may need.
for module in kvm irqbypass; do
    find ../tree/lib/modules -name "$module.ko" -exec cp {} "$modules/extra" \;
done
depmod -b /kernel.part/root "$release"
cp ../tree/boot/vmlinuz-"$release" ../image
rm -rf ../tree ../packages ../modules
echo "$release" >../release
rm -rf /kernel
mv /kernel.part /kernel
