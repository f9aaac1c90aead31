# SPDX-License-Identifier: LGPL-2.1-or-later
# Two starts of one UUID at the same time: only one of them creates the device.
. /vm/lib.sh
modprobe mtty
mdevctl define -u $U1 -p mtty -t mtty-1
for round in $(seq 20); do
    mdevctl start -u $U1 2>one.err &
    mdevctl start -u $U1 2>other.err
    other=$?
    wait $!
    one=$?
    printf '%s ' $((one < other ? one : other)) $((one < other ? other : one))
    cat one.err other.err >&2
    [ -e $devices/$U1/mdev_type ] || echo 'no device'
    mdevctl stop -u $U1
done >outcomes 2>losers
equal 'one start succeeds and one reports the device, twenty times' \
    "$(cat outcomes)" "$(for round in $(seq 20); do printf '0 5 '; done)"
equal 'the failed starts print an error' "$(grep -c '^Error: ' losers)" 20
sort losers | uniq -c

# The same with automatic starts: none of them fails.
define_auto 3 mtty mtty-1 2>/dev/null
mdevctl modify -u $U1 --auto
for round in $(seq 5); do
    mdevctl start-parent-mdevs mtty &
    mdevctl start-all -q &
    mdevctl start-parent-mdevs mtty || echo failed
    wait
    for uuid in $U1 $U2 $U3; do mdevctl stop -u $uuid || echo "no $uuid"; done
done >outcomes 2>&1
equal 'automatic starts do not affect each other' "$(cat outcomes)" ''
