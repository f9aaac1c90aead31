# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: the unit waits for a type that does not exist yet. The driver may be
# unloaded during the wait.
# guest: systemd
. /vm/lib.sh
unit=$(unit_of virtual/mtty/mtty)
define_auto 1
mdevctl define --auto -u $U2 -p mtty -t mtty-9 2>/dev/null
mark_journal
modprobe mtty
eventually 'the device with an existing type is active' [ -e $devices/$U1 ]
check 'the unit is waiting' is "$unit" activating
silent rmmod mtty
eventually 'the unit has ended' is "$unit" inactive
mdevctl modify -u $U2 --type mtty-2
modprobe mtty
eventually 'the unit is active' is "$unit" active
equal 'the devices are active' "$(running)" "$U1 $U2"
equal 'the journal has the cancellation only' \
    "$(journal notice)" 'Error: Starting the devices of parent mtty was cancelled'
