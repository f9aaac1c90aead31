# SPDX-License-Identifier: LGPL-2.1-or-later
# udev without systemd: a parent that existed before udev. Its events are lost,
# and udev is asked to replay an `add` for all devices.
. /vm/lib.sh
define_auto 2
modprobe mtty
start_udev
watch_events
udevadm trigger --type=subsystems --action=add
udevadm trigger --type=devices --action=add
check 'udev settles' udevadm settle --timeout=60
equal 'the devices are active' "$(running)" "$U1 $U2"
equal 'started once' "$(started $U1)$(started $U2)" 11
udevadm trigger --type=devices --action=add
udevadm trigger --type=devices --action=change
check 'udev settles again' udevadm settle --timeout=60
equal 'no device is started twice' "$(started $U1)$(started $U2)" 11
