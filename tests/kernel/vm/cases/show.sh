# SPDX-License-Identifier: LGPL-2.1-or-later
# A device that is other than its definition, and open; then one whose removal
# waits, which doctor finds.
. /vm/lib.sh
modprobe mtty
silent mdevctl define -u $U1 -p mtty -t mtty-1
silent mdevctl start -u $U1
silent mdevctl modify -u $U1 --type mtty-2
group=$(readlink $devices/$U1/iommu_group)
group=${group##*/}
hold_open $U1
told mdevctl show $U1
equal 'show shows it' "$status$stderr" 0
like 'where it differs' "$stdout" '*Differs in:     type
*'
like 'its IOMMU group' "$stdout" "*IOMMU group:  $group
*"
like 'what a virtual machine opens' "$stdout" "*Device file:  /dev/vfio/$group*"
like 'who has it open' "$stdout" "*Used by:      process $holder (hold)
*"
told mdevctl doctor
equal 'doctor warns of the type alone' \
    "$status $(echo "$stdout" | grep -o '\[[a-z-]*\]')" '18 [type-differs]'
mdevctl stop -u $U1 2>stop.err &
stop=$!
eventually 'stop says that it waits' [ -s stop.err ]
told mdevctl doctor
like 'doctor says whose removal waits for whom' "$status $stdout" \
    "18 *\[removal-waits\]: Device $U1 on mtty *: process $holder (hold).*"
kill $holder
wait $stop
silent mdevctl undefine -u $U1
prints '' mdevctl doctor
fails 3 "Device $U1 is neither active nor defined" mdevctl show $U1
