# SPDX-License-Identifier: LGPL-2.1-or-later
# udev without systemd: a PCI device as a parent, which stays when its driver
# goes.
. /vm/lib.sh
parent=0000:00:10.0
define_auto 2 $parent pci-1
start_udev
for round in 1 2; do
    watch_events
    modprobe mtty_pci
    udevadm settle --timeout=60
    equal "round $round: the devices run" "$(running)" "$U1 $U2"
    equal "round $round: started once" "$(started $U1)$(started $U2)" 11
    kill $watcher
    silent rmmod mtty_pci
    udevadm settle --timeout=60
    check 'the PCI device is still there' [ -e /sys/bus/pci/devices/$parent ]
done
