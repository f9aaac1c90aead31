# SPDX-License-Identifier: LGPL-2.1-or-later
# Attributes are written after the start. A failure removes the device again.
. /vm/lib.sh
modprobe mtty
attribute=$devices/$U1/power/control

# start_with NAME VALUE...: defines the device again with these attributes.
define_with() {
    mdevctl undefine -u $U1 2>/dev/null
    mdevctl define -u $U1 -p mtty -t mtty-1
    while [ $# -gt 0 ]; do
        mdevctl modify -u $U1 --addattr "$1" --value "$2"
        shift 2
    done
}

# undone STATUS MESSAGE: the start fails, and leaves no device.
undone() {
    fails "$1" "Cannot start device $U1 on mtty: $2" mdevctl start -u $U1
    equal 'the device is removed again' "$(running)$(instances mtty mtty-1)" 24
}

define_with power/control on
silent mdevctl start -u $U1
equal 'an attribute is written' "$(cat $attribute)" on
silent mdevctl stop -u $U1
define_with power/control on power/control auto
silent mdevctl start -u $U1
equal 'attributes are written in order' "$(cat $attribute)" auto
silent mdevctl stop -u $U1

define_with power/control on power/control sometimes
undone 1 "Cannot write 'sometimes' to $attribute: Invalid argument"
define_with power/control on nosuch/attribute 1
undone 1 "Device $U1 has no attribute 'nosuch/attribute'*"
define_with vendor/sample_mdev_dev x
undone 11 "Attribute 'vendor/sample_mdev_dev' of device $U1 is not writable*"
define_with power/control on
fails 2 "Cannot modify device $U1: Invalid attribute 'remove': writing to the \
kernel's file with this name removes the device" \
    mdevctl modify -u $U1 --addattr remove --value 1
define_with mdev_type/create $U2
undone 1 "Attribute 'mdev_type/create' leaves the directory of device $U1*"
