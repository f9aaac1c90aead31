# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: a parent that systemd also knows for other reasons, so its device
# unit does not end with the driver.
# guest: systemd
. /vm/lib.sh
unit=$(unit_of pci0000:00/0000:00:10.0)
device=sys-devices-pci0000:00-0000:00:10.0.device
mkdir -p /run/udev/rules.d
echo 'SUBSYSTEM=="pci", TAG+="systemd"' >/run/udev/rules.d/61-tagged.rules
udevadm control --reload
udevadm trigger --action=add /sys/bus/pci/devices/0000:00:10.0
udevadm settle
check 'systemd knows the device' is "$device" active
define_auto 2 0000:00:10.0 pci-1
for round in 1 2 3 4 5 6; do
    modprobe mtty_pci
    eventually "round $round: the unit is active" is "$unit" active
    eventually "round $round: the devices are active" \
        eval '[ "$(running)" = "$U1 $U2" ]'
    silent rmmod mtty_pci
    udevadm settle
    sleep 1
done
rm /run/udev/rules.d/61-tagged.rules
udevadm control --reload
udevadm trigger --action=change /sys/bus/pci/devices/0000:00:10.0
