# SPDX-License-Identifier: LGPL-2.1-or-later
# Events of the kernel about devices and parents are printed when they happen.
. /vm/lib.sh
modprobe mtty
mdevctl monitor --initial >told 2>&1 &
monitor=$!
eventually 'the parent is reported' grep -qx 'parent-registered mtty' told
silent mdevctl start -u $U1 -p mtty -t mtty-1
eventually 'the device is reported' grep -qx "device-added $U1 mtty mtty-1" told
silent mdevctl stop -u $U1
eventually 'its removal is reported' grep -qx "device-removed $U1 mtty" told
silent mdevctl define -u $U2 -p mtty -t mtty-1
eventually 'a definition is reported' \
    grep -qx "definition-added $U2 mtty mtty-1 manual" told
silent mdevctl start -u $U2
eventually 'the second device is reported' \
    grep -qx "device-added $U2 mtty mtty-1" told
rmmod mtty
eventually 'the removal of the last device is reported' \
    grep -qx "device-removed $U2 mtty" told
eventually 'the removal of the parent is reported' \
    grep -qx 'parent-unregistered mtty' told
modprobe mtty
eventually 'the parent is reported again' \
    sh -c 'test "$(grep -cx "parent-registered mtty" told)" = 2'
kill -TERM "$monitor"
status=0
wait "$monitor" || status=$?
equal 'the monitor ends after SIGTERM' "$status" 0
equal 'no other event was reported' "$(sort told)" "definition-added $U2 mtty mtty-1 manual
device-added $U1 mtty mtty-1
device-added $U2 mtty mtty-1
device-removed $U1 mtty
device-removed $U2 mtty
parent-registered mtty
parent-registered mtty
parent-unregistered mtty"
