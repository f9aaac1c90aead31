# SPDX-License-Identifier: LGPL-2.1-or-later
# udev without systemd: each time the driver is loaded, its devices are started.
. /vm/lib.sh
define_auto 2
start_udev
for round in 1 2 3; do
    watch_events
    modprobe mtty
    udevadm settle --timeout=60
    equal "round $round: the devices are active" "$(running)" "$U1 $U2"
    equal "round $round: started once" "$(started $U1)$(started $U2)" 11
    kill $watcher
    silent rmmod mtty
    udevadm settle --timeout=60
done
silent mdevctl list
