# SPDX-License-Identifier: LGPL-2.1-or-later
# libvirt: devices that are marked in libvirt start with their driver, by
# systemd and mdevctl. libvirt notices when they appear, disappear with the
# driver, and appear again.
# guest: libvirt
. /vm/libvirt.sh
modprobe mtty
start_libvirt
for uuid in $U1 $U2; do
    check 'define' virsh nodedev-define "$(description $uuid mtty-1)"
done
check 'autostart' virsh nodedev-autostart "$(node $U1)"
becomes inactive "$(node $U1) $(node $U2)"
rmmod mtty
eventually 'the parent is removed' eval \
    '[ -z "$(virsh nodedev-list --cap mdev_types)" ]'
describes $U1 '<parent>computer</parent>'

for round in first second; do
    modprobe mtty
    becomes active "$(node $U1)"
    becomes inactive "$(node $U2)"
    describes $U1 '<parent>mtty_mtty</parent>'
    rmmod mtty
    becomes active ''
    becomes inactive "$(node $U1) $(node $U2)"
    equal "no device exists after round $round" "$(running)" ''
done
lists_are_known
