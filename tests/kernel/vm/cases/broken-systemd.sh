# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: one broken definition among five does not stop the others.
# guest: systemd
. /vm/lib.sh
unit=$(unit_of virtual/mtty/mtty)
define_auto 5
echo broken >/etc/mdevctl.d/mtty/$U3
mark_journal
modprobe mtty
eventually 'the unit is active' is "$unit" active
equal 'the other devices are active' "$(running)" "$U1 $U2 $U4 $U5"
like 'the journal has one message, which names the definition' \
    "$(journal notice)" "Warning: Invalid definition /etc/mdevctl.d/mtty/$U3: line *, column *: *"
equal 'on one line' "$(journal notice | wc -l)" 1
