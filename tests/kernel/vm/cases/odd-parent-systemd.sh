# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: a parent whose name must be escaped in the name of a unit.
# guest: systemd
. /vm/lib.sh
# shellcheck disable=SC2016 # the text is literal
parent='mtty odd-${x}@1'
unit=$(unit_of "virtual/$parent/$parent")
like 'the name is escaped' "$unit" '*mtty\\x20odd\\x2d\\x24\\x7bx\\x7d\\x401*'
define_auto 2 "$parent" "$parent-1"
watch_events
mark_journal
modprobe mtty_odd
eventually 'the unit is active' is "$unit" active
equal 'the devices are active' "$(running)" "$U1 $U2"
equal 'started once' "$(started $U1)$(started $U2)" 11
equal 'the journal has no message above info' "$(journal notice)" ''
silent rmmod mtty_odd
eventually 'the unit has ended' is "$unit" inactive
