# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: loading a driver starts the defined devices once, without messages.
# guest: systemd
. /vm/lib.sh
unit=$(unit_of virtual/mtty/mtty)
define_auto 5
mdevctl define -u 11111111-2222-3333-4444-555555555509 -p mtty -t mtty-1
watch_events
mark_journal
modprobe mtty
check 'udev settles' udevadm settle --timeout=60
eventually 'the unit is active' is "$unit" active
equal 'all devices with autostart are active' "$(running)" "$U1 $U2 $U3 $U4 $U5"
for uuid in $U1 $U2 $U3 $U4 $U5; do
    equal "$uuid was started once" "$(started $uuid)" 1
done
equal 'one unit for one parent' \
    "$(systemctl list-units --plain --no-legend 'mdevctl-start-parent@*' |
        cut -d' ' -f1)" "$unit"
equal 'the journal has no message above info' "$(journal notice)" ''
check 'status shows the unit' sh -c \
    "systemctl status 'mdevctl-start-parent@*' | grep -q 'active (exited)'"
