# SPDX-License-Identifier: LGPL-2.1-or-later
# udev without systemd: loading a driver starts the defined devices, once.
# short
. /vm/lib.sh
define_auto 3
mdevctl define -u $U4 -p mtty -t mtty-1
start_udev
watch_events
modprobe mtty
check 'udev settles' udevadm settle --timeout=60
equal 'all devices with autostart are active' "$(running)" "$U1 $U2 $U3"
for uuid in $U1 $U2 $U3; do
    equal "$uuid was started once" "$(started $uuid)" 1
done
equal 'udev has logged no message' "$(dmesg | grep -i udevd)" ''
