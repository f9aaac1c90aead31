# SPDX-License-Identifier: LGPL-2.1-or-later
# The driver is unloaded while devices are active, and loaded again.
. /vm/lib.sh
define_auto 2
mdevctl define -u $U3 -p mtty -t mtty-1
modprobe mtty
for uuid in $U1 $U2 $U3; do silent mdevctl start -u $uuid; done
silent rmmod mtty
silent mdevctl list
prints "$U1 mtty mtty-1 auto
$U2 mtty mtty-1 auto
$U3 mtty mtty-1 manual" mdevctl list -d
fails 6 '* there are no parent devices*' mdevctl start -u $U1
modprobe mtty
silent mdevctl list
check "all are started" mdevctl start-all
equal 'the devices with autostart are active' "$(running)" "$U1 $U2"
silent mdevctl start-all
silent mdevctl start-parent-mdevs mtty
silent rmmod mtty

# A command waits for the parent.
(sleep 2; modprobe mtty) &
silent mdevctl start-parent-mdevs --wait=60 mtty
equal 'the command has waited for the parent' "$(running)" "$U1 $U2"
rmmod mtty
fails 13 "*Error: 2 of 2 devices of parent mtty could not be started" \
    mdevctl start-parent-mdevs --wait=1 mtty
