# SPDX-License-Identifier: LGPL-2.1-or-later
# A device from its definition to its removal.
# short
. /vm/lib.sh
silent mdevctl types
silent mdevctl list
modprobe mtty
prints 'mtty
  mtty-1
    Available instances: 24
    Device API: vfio-pci
    Name: Single port serial
  mtty-2
    Available instances: 12
    Device API: vfio-pci
    Name: Dual port serial' mdevctl types
silent mdevctl define -u $U1 -p mtty -t mtty-1
prints "$U1 mtty mtty-1 manual" mdevctl list -d
silent mdevctl start -u $U1
prints "$U1 mtty mtty-1 manual (defined)" mdevctl list
prints "$U1 mtty mtty-1 manual (active)" mdevctl list -d
check 'the device exists' [ -e $devices/$U1/mdev_type ]
equal 'one instance less is available' "$(instances mtty mtty-1)" 23
silent mdevctl modify -u $U1 --addattr power/control --value on
equal 'the active device has not changed' "$(cat $devices/$U1/power/control)" auto
silent mdevctl stop -u $U1
check 'the device is removed' [ ! -e $devices/$U1 ]
equal 'the instance is available again' "$(instances mtty mtty-1)" 24
silent mdevctl start -u $U1
equal 'the attribute is written' "$(cat $devices/$U1/power/control)" on
silent mdevctl stop -u $U1
silent mdevctl undefine -u $U1
silent mdevctl list -d
told mdevctl start -p mtty -t mtty-2
equal 'a UUID is generated' "$status $(running)" "0 $stdout"
silent mdevctl stop -u "$stdout"
