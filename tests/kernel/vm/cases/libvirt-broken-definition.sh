# SPDX-License-Identifier: LGPL-2.1-or-later
# libvirt: broken definitions do not affect other devices, neither when libvirt
# starts nor later.
# guest: libvirt
. /vm/libvirt.sh
modprobe mtty
mdevctl define -u $U1 -p mtty -t mtty-1
definitions=/etc/mdevctl.d/mtty
: >"$definitions/$U2"
echo '{"mdev_type":"mtty-1","start":' >"$definitions/$U3"
mkfifo "$definitions/$U4"
start_libvirt
becomes inactive "$(node $U1)"
# After a failed list, libvirt would no longer listen to udev.
check 'start' virsh nodedev-start "$(node $U1)"
becomes active "$(node $U1)"
becomes inactive ''

rm "$definitions/$U2" "$definitions/$U3" "$definitions/$U4"
head -c 4096 /dev/urandom >"$definitions/$U3"
mdevctl define -u $U2 -p mtty -t mtty-2
becomes inactive "$(node $U2)"
mdevctl modify -u $U2 --addattr x --value 'é€😀'
eventually 'text that is not ASCII is shown' eval 'virsh nodedev-dumpxml \
    "$(node $U2)" | grep "é€😀"'
check 'undefine' virsh nodedev-undefine "$(node $U2)"
becomes inactive ''
check 'destroy' virsh nodedev-destroy "$(node $U1)"
becomes inactive "$(node $U1)"
check 'a broken definition is undefined' mdevctl undefine --force -u $U3
lists_are_known
