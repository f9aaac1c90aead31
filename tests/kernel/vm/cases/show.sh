# SPDX-License-Identifier: LGPL-2.1-or-later
# A device that differs from its definition and is open; then a device whose
# removal waits, which doctor reports.
. /vm/lib.sh
modprobe mtty
silent mdevctl define -u $U1 -p mtty -t mtty-1
silent mdevctl start -u $U1
silent mdevctl modify -u $U1 --type mtty-2
group=$(readlink $devices/$U1/iommu_group)
group=${group##*/}
hold_open $U1
told mdevctl show $U1
equal 'show prints the device' "$status$stderr" 0
like 'the difference' "$stdout" '*Differs in:     type
*'
like 'its IOMMU group' "$stdout" "*IOMMU group:  $group
*"
like 'the file for a virtual machine' "$stdout" "*Device file:  /dev/vfio/$group*"
like 'the process that has it open' "$stdout" "*Used by:      process $holder (hold)
*"
told mdevctl doctor
equal 'doctor warns about the type only' \
    "$status $(echo "$stdout" | grep -o '\[[a-z-]*\]')" '18 [type-differs]'
mdevctl stop -u $U1 2>stop.err &
stop=$!
eventually 'stop warns that it waits' [ -s stop.err ]
told mdevctl doctor
like 'doctor reports the removal and the user of the device' "$status $stdout" \
    "18 *\[removal-waits\]: Device $U1 on mtty *: process $holder (hold).*"
kill $holder
wait $stop
silent mdevctl undefine -u $U1
prints '' mdevctl doctor
fails 3 "Device $U1 is neither active nor defined" mdevctl show $U1
