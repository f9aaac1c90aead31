# SPDX-License-Identifier: LGPL-2.1-or-later
# A device that is open: both the kernel and `stop` wait for its user.
. /vm/lib.sh
modprobe mtty
mdevctl define -u $U1 -p mtty -t mtty-1
mdevctl start -u $U1
hold_open $U1
begin=$(now)
mdevctl stop -u $U1 2>stop.err &
stop=$!
eventually 'stop warns that it waits' [ -s stop.err ]
took=$(($(now) - begin))
check "within two seconds (it took $took hundredths)" [ $took -lt 300 ]
equal 'the warning names the user of the device' "$(cat stop.err)" "Warning: Device $U1 is in use by process \
$holder (hold); waiting until it is closed and the kernel has removed it"

# During the wait
silent mdevctl list
prints "$U1 mtty mtty-1 manual" mdevctl list -d
equal 'the instance is still in use' "$(instances mtty mtty-1)" 23
fails 4 "Cannot stop device $U1: Device is not active" mdevctl stop -u $U1
fails 21 "Cannot start device $U1 on mtty: Device is being removed, but is \
still in use by process $holder (hold); start it again after it has been closed: \
*: File exists*" mdevctl start -u $U1
silent mdevctl start -u $U2 -p mtty -t mtty-1
prints "$U2 mtty mtty-1 manual" mdevctl list
silent mdevctl stop -u $U2
check 'types answers' mdevctl types
silent mdevctl modify -u $U1 --auto
# The device is not active, and closing it does not make it active.
fails 21 "Cannot start device $U1 on mtty: Device is being removed, but is \
still in use by process $holder (hold); *" mdevctl start -u $U1 --if-needed
told mdevctl start-parent-mdevs mtty
equal 'start-parent-mdevs cannot start it' $status 13
mdevctl start-parent-mdevs --wait 100 mtty &
starts=$!
check 'stop still waits' kill -0 $stop

kill $holder
wait $stop
equal 'stop succeeds when the device is closed' $? 0
wait $starts
equal 'a start that waited creates the device again' $? 0
prints "$U1 mtty mtty-1 auto (defined)" mdevctl list
equal 'one instance is used' "$(instances mtty mtty-1)" 23

# The kernel completes a stop that is killed.
rm stop.err
hold_open $U1
mdevctl stop -u $U1 2>stop.err &
stop=$!
eventually 'stop warns that it waits' [ -s stop.err ]
kill -KILL $stop
wait $stop
equal 'a killed stop ends at once' $? 137
silent mdevctl list
kill $holder
eventually 'the device is removed' [ ! -e /sys/devices/virtual/mtty/mtty/$U1 ]

# The kernel also completes a stop that is interrupted or times out.
is_left() { grep -qsx mdevctl-remove /proc/[0-9]*/comm; }
is_not_left() { ! is_left; }
for signal in INT TERM HUP; do
    rm stop.err
    mdevctl start -u $U1
    hold_open $U1
    mdevctl stop -u $U1 2>stop.err &
    stop=$!
    eventually 'stop warns that it waits' [ -s stop.err ]
    begin=$(now)
    kill -$signal $stop
    wait $stop
    equal "$signal interrupts the stop" $? 17
    took=$(($(now) - begin))
    check "within two seconds (it took $took hundredths)" [ $took -lt 200 ]
    check 'a process remains' is_left
    kill $holder
    eventually 'the device is removed' [ ! -e /sys/devices/virtual/mtty/mtty/$U1 ]
    eventually 'the process has ended' is_not_left
done
mdevctl start -u $U1
hold_open $U1
fails 21 "Cannot stop device $U1: Device is in use by process $holder (hold)*" \
    mdevctl stop -u $U1 --if-unused
prints "$U1 mtty mtty-1 auto (defined)" mdevctl list
fails 21 "Cannot stop device $U1: Device is in use by process $holder (hold): \
its removal has begun; the kernel completes it when the device is closed*" \
    mdevctl stop -u $U1 --timeout 1
silent mdevctl list
kill $holder
eventually 'the device is removed' [ ! -e /sys/devices/virtual/mtty/mtty/$U1 ]

# An open device prevents its driver from being unloaded.
mdevctl start -u $U1
hold_open $U1
check 'the driver cannot be unloaded' sh -c '! rmmod mtty'
prints "$U1 mtty mtty-1 auto (defined)" mdevctl list
kill $holder
