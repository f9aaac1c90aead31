# SPDX-License-Identifier: LGPL-2.1-or-later
# No available instance: before the attempt, and when the kernel reports it,
# with ENOSPC from mtty and EUSERS from mdpy.
. /vm/lib.sh
modprobe mtty
modprobe mdpy

# uuid NUMBER
uuid() { printf '11111111-2222-3333-4444-5555555556%02d' "$1"; }

# use_up PARENT TYPE COUNT
use_up() {
    for number in $(seq "$3"); do
        mdevctl start -u "$(uuid "$number")" -p "$1" -t "$2"
    done
    equal "no instance of $2 is available" "$(instances "$1" "$2")" 0
}

# late PARENT TYPE ERROR MEANING: another process takes the last instance after
# mdevctl has read their number. Here the number that mdevctl reads is out of
# date.
late() {
    echo 1 >one
    file=$parents/$1/mdev_supported_types/$2/available_instances
    mount --bind one "$file"
    fails 8 "Cannot start device $U1 on $1: $4: \
Cannot write '$U1' to $parents/$1/mdev_supported_types/$2/create: $3" \
        mdevctl start -u $U1 -p "$1" -t "$2"
    umount "$file"
    check 'the device does not exist' [ ! -e $devices/$U1 ]
}

use_up mtty mtty-1 24
fails 8 "Cannot start device $U1 on mtty: No available instances of mtty-1 on \
mtty" mdevctl start -u $U1 -p mtty -t mtty-1
late mtty mtty-1 'No space left on device' 'The driver has no resources for '\
'another mtty-1 on mtty, although available_instances is 1; dmesg may show the reason'
silent mdevctl stop -u "$(uuid 24)"
fails 8 '* No available instances of mtty-2 on mtty' \
    mdevctl start -u $U1 -p mtty -t mtty-2
silent mdevctl start -u $U1 -p mtty -t mtty-1
silent mdevctl stop -u $U1
for number in $(seq 23); do mdevctl stop -u "$(uuid "$number")"; done
equal 'all instances are available again' "$(instances mtty mtty-1)" 24

use_up mdpy mdpy-vga 4
fails 8 "Cannot start device $U1 on mdpy: No available instances of mdpy-xga \
on mdpy" mdevctl start -u $U1 -p mdpy -t mdpy-xga
# EUSERS has one meaning, and ENOSPC has others.
late mdpy mdpy-xga 'Too many users' 'No available instance of mdpy-xga on mdpy'

# Several processes start the last instance at the same time.
silent mdevctl stop -u "$(uuid 4)"
for round in $(seq 10); do
    for uuid in $U1 $U2 $U3 $U4; do
        (
            mdevctl start -u $uuid -p mdpy -t mdpy-vga 2>$uuid.err
            echo $? >$uuid.status
        ) &
    done
    wait
    cat $U1.status $U2.status $U3.status $U4.status | sort -n | tr '\n' ' '
    cat $U1.err $U2.err $U3.err $U4.err >&2
    for uuid in $U1 $U2 $U3 $U4; do
        [ ! -e $devices/$uuid ] || mdevctl stop -u $uuid
    done
done >outcomes 2>losers
equal 'one of four gets the last instance, ten times' \
    "$(cat outcomes)" "$(for round in $(seq 10); do printf '0 8 8 8 '; done)"
equal 'the other processes print an error' "$(grep -c '^Error: ' losers)" 30
cat losers
