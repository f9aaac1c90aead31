# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: a PCI device as a parent. The device remains when its driver is
# unloaded, so its removal does not end the unit.
# guest: systemd
. /vm/lib.sh
unit=$(unit_of pci0000:00/0000:00:10.0)
define_auto 2 0000:00:10.0 pci-1
mark_journal
for round in 1 2 3; do
    watch_events
    modprobe mtty_pci
    eventually "round $round: the unit is active" is "$unit" active
    equal "round $round: the devices are active" "$(running)" "$U1 $U2"
    equal "round $round: started once" "$(started $U1)$(started $U2)" 11
    kill $watcher
    silent rmmod mtty_pci
    eventually "round $round: the unit has ended" is "$unit" inactive
    check 'the PCI device still exists' \
        [ -e /sys/bus/pci/devices/0000:00:10.0 ]
done
equal 'the journal has no message above info' "$(journal notice)" ''

# Other events of the device have no effect.
modprobe mtty_pci
eventually 'the unit is active' is "$unit" active
watch_events
udevadm trigger --action=change /sys/bus/pci/devices/0000:00:10.0
udevadm trigger --action=add /sys/bus/pci/devices/0000:00:10.0
udevadm settle
sleep 2
check 'the unit is still active' is "$unit" active
equal 'no device was started again' "$(started $U1)$(started $U2)" 00
equal 'the devices are active' "$(running)" "$U1 $U2"
