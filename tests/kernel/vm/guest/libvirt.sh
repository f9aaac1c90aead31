# SPDX-License-Identifier: LGPL-2.1-or-later
# Functions for the cases with Debian's libvirt, whose daemon has its own unit.
. /vm/lib.sh
lists='list --dumpjson --defined
list --dumpjson'
probe='modify --defined --live --jsonfile b --help'
input='--parent=mtty --jsonfile=/dev/stdin'

# start_libvirt: starts libvirt. `called` then checks its calls of mdevctl.
start_libvirt() {
    mkdir -p /etc/mdevctl.d record /run/systemd/system/libvirtd.service.d
    : >calls
    : >listed
    cat >record/mdevctl <<'END'
#!/bin/sh
case $1 in
    list) echo "$*" >>/vm/scratch/listed ;;
    *) echo "$*" >>/vm/scratch/calls ;;
esac
exec /usr/local/sbin/mdevctl "$@"
END
    chmod +x record/mdevctl
    cat >/run/systemd/system/libvirtd.service.d/record.conf <<END
[Service]
Environment=PATH=$PWD/record:$PATH LIBVIRTD_ARGS=
END
    systemctl daemon-reload
    check 'libvirtd is started' systemctl start libvirtd.service
    eventually 'libvirtd answers' virsh uri
    echo "# libvirt $(virsh --version)" >&3
}

virsh() { command virsh -q -c nodedev:///system "$@"; }

# can COMMAND: whether this libvirt has the command.
can() { virsh help "$1" >/dev/null 2>&1; }

# called CALLS: checks the calls of mdevctl since the last time, except for
# lists.
called() {
    equal 'calls of mdevctl' "$(cat calls)" "$1"
    : >calls
}

# lists_are_known: checks that libvirt has listed devices, and made no other
# calls for lists.
lists_are_known() {
    check 'libvirt has listed definitions' grep -qx 'list --dumpjson --defined' listed
    equal 'ways to list' "$(grep -vxF "$lists" listed)" ''
}

# node UUID [PARENT]: prints libvirt's name of a device.
node() { echo "mdev_$(echo "$1" | tr - _)_${2-mtty}"; }

# description UUID TYPE [ATTRIBUTES]: makes a file with XML for virsh.
description() {
    cat >device.xml <<END
<device><name>$(node "$1")</name><parent>mtty_mtty</parent>
<capability type='mdev'><type id='$2'/><uuid>$1</uuid>
<parent_addr>mtty</parent_addr>${3-}
</capability></device>
END
    echo device.xml
}

# known active|inactive: prints the names of devices on one line.
known() {
    option=
    [ "$1" = active ] || option=--inactive
    # shellcheck disable=SC2005,SC2046 # names on one line
    echo $(virsh nodedev-list --cap mdev $option)
}

# becomes active|inactive NAMES: waits until libvirt lists these devices.
becomes() {
    eventually "$1: ${2:-none}" eval "[ \"\$(known $1)\" = '$2' ]" ||
        echo "# $1: $(known "$1")" >&3
}

# describes UUID TEXT [PARENT]: checks that the XML of the device has the text.
describes() {
    like "$1 has $2" "$(virsh nodedev-dumpxml "$(node "$1" "${3-mtty}")")" "*$2*"
}
