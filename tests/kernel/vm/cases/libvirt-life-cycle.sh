# SPDX-License-Identifier: LGPL-2.1-or-later
# libvirt: the commands of virsh from the definition of a device to its removal,
# and every call of mdevctl for them.
# guest: libvirt
. /vm/libvirt.sh
modprobe -a mtty vfio_iommu_type1
start_libvirt
equal 'parents' "$(virsh nodedev-list --cap mdev_types)" mtty_mtty
like 'its types' "$(virsh nodedev-dumpxml mtty_mtty)" \
    "*<type id='mtty-1'>*<name>Single port serial</name>*"
becomes active ''
becomes inactive ''

check 'define' virsh nodedev-define "$(description $U1 mtty-1 \
    "<attr name='power/control' value='on'/>")"
called "define $input --uuid=$U1"
becomes inactive "$(node $U1)"
describes $U1 "<attr name='power/control' value='on'/>"
prints "$U1 mtty mtty-1 manual" mdevctl list -d

check 'autostart' virsh nodedev-autostart "$(node $U1)"
called "modify --uuid $U1 --auto"
prints "$U1 mtty mtty-1 auto" mdevctl list -d
check 'autostart --disable' virsh nodedev-autostart "$(node $U1)" --disable
called "modify --uuid $U1 --manual"
prints "$U1 mtty mtty-1 manual" mdevctl list -d

check 'start' virsh nodedev-start "$(node $U1)"
called "start --uuid=$U1"
equal 'the attribute is written' "$(cat $devices/$U1/power/control)" on
becomes active "$(node $U1)"
becomes inactive ''
describes $U1 '<iommuGroup number='
hold_open $U1
told virsh nodedev-destroy "$(node $U1)"
equal 'a device in use is not destroyed' "$status" 1
called ''
kill "$holder"
wait "$holder"
check 'destroy' virsh nodedev-destroy "$(node $U1)"
called "stop --uuid=$U1"
check 'the device is removed' [ ! -e $devices/$U1 ]
becomes inactive "$(node $U1)"
becomes active ''

if can nodedev-update; then
    check 'update --config' virsh nodedev-update "$(node $U1)" "$(
        description $U1 mtty-1 "<attr name='power/control' value='auto'/>")" \
        --config
    called "$probe
modify $input --uuid=$U1 --defined"
    eventually 'libvirt lists the device' eval 'virsh nodedev-dumpxml \
        "$(node $U1)" --inactive | grep "value=.auto."'
fi

check 'create' virsh nodedev-create "$(description $U2 mtty-2)"
called "start $input --uuid=$U2"
becomes active "$(node $U2)"
prints "$U2 mtty mtty-2 manual" mdevctl list
check 'destroy' virsh nodedev-destroy "$(node $U2)"
called "stop --uuid=$U2"
becomes active ''
equal 'no device exists' "$(running)" ''

told virsh nodedev-create "$(description $U3 mtty-9)"
like 'an error has the message of mdevctl' "$status $stderr" \
    '1 *mediated device: Error: Cannot start *mtty-9*'
called "start $input --uuid=$U3"

check 'undefine' virsh nodedev-undefine "$(node $U1)"
called "undefine --uuid=$U1"
becomes inactive ''
silent mdevctl list -d
lists_are_known
