# SPDX-License-Identifier: LGPL-2.1-or-later
# udev without systemd: a PCI device as a parent. The device remains when its
# driver is unloaded.
. /vm/lib.sh
parent=0000:00:10.0
define_auto 2 $parent pci-1
start_udev
for round in 1 2; do
    watch_events
    modprobe mtty_pci
    udevadm settle --timeout=60
    equal "round $round: the devices are active" "$(running)" "$U1 $U2"
    equal "round $round: started once" "$(started $U1)$(started $U2)" 11
    kill $watcher
    silent rmmod mtty_pci
    udevadm settle --timeout=60
    check 'the PCI device still exists' [ -e /sys/bus/pci/devices/$parent ]
done
