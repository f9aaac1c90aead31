# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: each time the driver is loaded again, its devices are started.
# guest: systemd
. /vm/lib.sh
unit=$(unit_of virtual/mtty/mtty)
define_auto 2
mark_journal
for round in 1 2 3 4 5 6; do
    watch_events
    modprobe mtty
    eventually "round $round: the unit is active" is "$unit" active
    equal "round $round: the devices are active" "$(running)" "$U1 $U2"
    equal "round $round: started once" "$(started $U1)$(started $U2)" 11
    kill $watcher
    silent rmmod mtty
    eventually "round $round: the unit has ended" is "$unit" inactive
    check "round $round: the unit of the device has ended" \
        sh -c '[ -z "$(systemctl list-units --no-legend "*mtty.device")" ]'
done
equal 'the journal has no message above info' "$(journal notice)" ''

# So fast that systemd hardly notices the removal.
modprobe mtty
eventually 'the unit is active' is "$unit" active
for round in 1 2 3 4 5 6; do
    rmmod mtty
    modprobe mtty
    eventually "fast round $round: the devices are active" \
        eval '[ "$(running)" = "$U1 $U2" ]'
done
