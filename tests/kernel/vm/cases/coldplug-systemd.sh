# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: a parent without uevent, like a parent that existed before udev.
# guest: systemd
. /vm/lib.sh
unit=$(unit_of virtual/mtty/mtty)
define_auto 2
systemctl stop systemd-udevd-kernel.socket systemd-udevd-control.socket \
    systemd-udevd.service
modprobe mtty
systemctl start systemd-udevd.service
sleep 1
equal 'the devices are not active' "$(running)" ''
watch_events
mark_journal
systemctl restart systemd-udev-trigger.service
eventually 'the unit is active' is "$unit" active
equal 'the devices are active' "$(running)" "$U1 $U2"
equal 'started once' "$(started $U1)$(started $U2)" 11
systemctl restart systemd-udev-trigger.service
udevadm settle
sleep 2
equal 'no device is started twice' "$(started $U1)$(started $U2)" 11
equal 'the journal has no message above info' "$(journal notice)" ''
