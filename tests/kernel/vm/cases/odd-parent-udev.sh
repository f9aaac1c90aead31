# SPDX-License-Identifier: LGPL-2.1-or-later
# udev without systemd: a parent whose name has other characters than letters.
. /vm/lib.sh
# shellcheck disable=SC2016 # the text is literal
parent='mtty odd-${x}@1'
define_auto 2 "$parent" "$parent-1"
start_udev
watch_events
modprobe mtty_odd
check 'udev settles' udevadm settle --timeout=60
equal 'the devices are active' "$(running)" "$U1 $U2"
equal 'started once' "$(started $U1)$(started $U2)" 11
prints "$U1 $parent $parent-1 auto (defined)
$U2 $parent $parent-1 auto (defined)" mdevctl list
