# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: a PCI device as a parent, which stays when its driver goes, and so
# does not end the unit by going.
# guest: systemd
. /vm/lib.sh
unit=$(unit_of pci0000:00/0000:00:10.0)
define_auto 2 0000:00:10.0 pci-1
mark_journal
for round in 1 2 3; do
    watch_events
    modprobe mtty_pci
    eventually "round $round: the unit is active" is "$unit" active
    equal "round $round: the devices run" "$(running)" "$U1 $U2"
    equal "round $round: started once" "$(started $U1)$(started $U2)" 11
    kill $watcher
    silent rmmod mtty_pci
    eventually "round $round: the unit has ended" is "$unit" inactive
    check 'the PCI device is still there' \
        [ -e /sys/bus/pci/devices/0000:00:10.0 ]
done
equal 'the journal says nothing above info' "$(journal notice)" ''

# Other events of the device change nothing.
modprobe mtty_pci
eventually 'the unit is active' is "$unit" active
watch_events
udevadm trigger --action=change /sys/bus/pci/devices/0000:00:10.0
udevadm trigger --action=add /sys/bus/pci/devices/0000:00:10.0
udevadm settle
sleep 2
check 'the unit is still active' is "$unit" active
equal 'nothing was started again' "$(started $U1)$(started $U2)" 00
equal 'the devices run' "$(running)" "$U1 $U2"
