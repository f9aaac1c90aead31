# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: a parent that udev has not heard of, as one that was there before it.
# guest: systemd
. /vm/lib.sh
unit=$(unit_of virtual/mtty/mtty)
define_auto 2
systemctl stop systemd-udevd-kernel.socket systemd-udevd-control.socket \
    systemd-udevd.service
modprobe mtty
systemctl start systemd-udevd.service
sleep 1
equal 'nobody has started them' "$(running)" ''
watch_events
mark_journal
systemctl restart systemd-udev-trigger.service
eventually 'the unit is active' is "$unit" active
equal 'the devices run' "$(running)" "$U1 $U2"
equal 'started once' "$(started $U1)$(started $U2)" 11
systemctl restart systemd-udev-trigger.service
udevadm settle
sleep 2
equal 'nothing starts twice' "$(started $U1)$(started $U2)" 11
equal 'the journal says nothing above info' "$(journal notice)" ''
