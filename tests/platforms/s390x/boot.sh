#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# boot.sh RELEASE CASE, called in the root of cross.sh: boots the guest with the
# kernel of this release and prints its console. The machine has one device,
# 0.0.0001, whose subchannel the tests use.
set -eu
. tests/support/packages.sh
install_missing qemu-system-misc >/dev/null
exec timeout -k 5 900 qemu-system-s390x -accel tcg -cpu max \
    -M s390-ccw-virtio -smp 1 -m 1024 -nodefaults -no-user-config \
    -display none -no-reboot -monitor none \
    -chardev stdio,id=console,signal=off -device sclpconsole,chardev=console \
    -kernel "/kernel.$1/image" -initrd "/guest.$1.cpio" \
    -device virtio-rng-ccw,devno=fe.0.0001 \
    -append "console=ttysclp0 panic=-1 quiet audit=0 case=$2" </dev/null
