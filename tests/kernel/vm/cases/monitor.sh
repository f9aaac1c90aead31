# SPDX-License-Identifier: LGPL-2.1-or-later
# What the kernel says about devices and parents is printed as it happens.
. /vm/lib.sh
modprobe mtty
mdevctl monitor --initial >told 2>&1 &
monitor=$!
eventually 'the parent is told of' grep -qx 'parent-registered mtty' told
silent mdevctl start -u $U1 -p mtty -t mtty-1
eventually 'the device is told of' grep -qx "device-added $U1 mtty mtty-1" told
silent mdevctl stop -u $U1
eventually 'its end is told of' grep -qx "device-removed $U1 mtty" told
silent mdevctl define -u $U2 -p mtty -t mtty-1
eventually 'a definition is told of' grep -qx "definition-added $U2 mtty mtty-1 manual" told
silent mdevctl start -u $U2
eventually 'the second device is told of' \
    grep -qx "device-added $U2 mtty mtty-1" told
rmmod mtty
eventually 'the last device is told of' grep -qx "device-removed $U2 mtty" told
eventually 'the end of the parent is told of' \
    grep -qx 'parent-unregistered mtty' told
modprobe mtty
eventually 'its return is told of' \
    sh -c 'test "$(grep -cx "parent-registered mtty" told)" = 2'
kill -TERM "$monitor"
status=0
wait "$monitor" || status=$?
equal 'it ends when it is told to' "$status" 0
equal 'nothing else was told' "$(sort told)" "definition-added $U2 mtty mtty-1 manual
device-added $U1 mtty mtty-1
device-added $U2 mtty mtty-1
device-removed $U1 mtty
device-removed $U2 mtty
parent-registered mtty
parent-registered mtty
parent-unregistered mtty"
