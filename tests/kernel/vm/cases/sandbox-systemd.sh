# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: the permissions of a callout script in the unit that starts devices
# are as mdevctl-callouts(7) documents. `test-callout --as-unit` restricts a
# script in the same way.
# guest: systemd
# shellcheck disable=SC2154 # lib.sh sets $status and others
. /vm/lib.sh
scripts=/usr/lib/mdevctl/scripts.d/callouts
mkdir -p $scripts /vm/scratch/empty /etc/vendor
: >/tmp/of-others
cat >/vm/scratch/tries <<'SCRIPT'
#!/bin/sh
# -t TYPE -e EVENT -a ACTION -s STATE -u UUID -p PARENT
# Writes its permissions to /run/tries.
[ "$2" = mtty-1 ] || exit 2
[ "$4 $6" = 'pre start' ] || exit 0
may() {
    what=$1
    shift
    if timeout 20 "$@" >/run/tries.last 2>&1; then
        echo "may $what"
    else
        echo "may not $what"
    fi
}
{
    may 'write to sysfs' sh -c 'echo add >/sys/module/mdev/uevent'
    may 'write to /run' touch /run/mdevctl-try
    may 'write to /var' touch /var/lib/mdevctl-try
    may 'write to /etc' touch /etc/mdevctl-try
    may 'write to /etc/vendor' touch /etc/vendor/mdevctl-try
    may 'write to /usr' touch /usr/mdevctl-try
    may 'write to /boot' touch /boot/mdevctl-try
    may 'see /root' test -e /root/of-root
    may 'see the files of other programs in /tmp' test -e /tmp/of-others
    may 'write to /tmp' touch /tmp/mdevctl-try
    may 'load modules' modprobe mdpy
    may 'make device nodes' sh -c 'rm -f /run/mdevctl-node &&
        mknod /run/mdevctl-node c 1 3'
    may 'mount for other programs' sh -c 'mount -t tmpfs none /vm/scratch/empty &&
        nsenter -t 1 -m mountpoint -q /vm/scratch/empty'
    may 'ask systemctl' systemctl show -P Version
    may 'ask udevadm' udevadm info /sys/module/mdev
    may 'use IP sockets' bash -c 'exec 3<>/dev/udp/127.0.0.1/9'
    may 'list devices' mdevctl list
    may 'list types' mdevctl types
    may 'make namespaces' unshare --net true
    may "read the kernel's log" dmesg
    may 'set the clock' date -s "$(date)"
} >/run/tries
exit 0
SCRIPT
touch /root/of-root
install -m 755 /vm/scratch/tries $scripts/tries
confined='may write to sysfs
may write to /run
may write to /var
may not write to /etc
may not write to /etc/vendor
may not write to /usr
may not write to /boot
may not see /root
may not see the files of others in /tmp
may write to /tmp
may load modules
may not make device nodes
may not mount for others
may ask systemctl
may ask udevadm
may not use IP sockets
may list devices
may list types
may not make namespaces
may not read the kernel'\''s log
may not set the clock'

define_auto 1
modprobe mtty
eventually 'the device is started' test -e "$devices/$U1"
equal 'a script in the unit is restricted' "$(cat /run/tries)" "$confined"
rm -f /run/tries
silent rmmod mdpy
mv $scripts/tries /vm/scratch/tries
told mdevctl test-callout --as-unit /vm/scratch/tries --type mtty-1
like 'test-callout reports on it' "$status $stdout" '0 *ok*'
equal 'test-callout --as-unit restricts the script also' "$(cat /run/tries)" "$confined"

cp /run/tries before

# Without the unit, a script has the permissions of its caller.
rm -f /run/tries
told mdevctl test-callout /vm/scratch/tries --type mtty-1
equal 'without --as-unit the script is not restricted' \
    "$(grep 'may not' /run/tries)" ''
rm -f /etc/mdevctl-try /etc/vendor/mdevctl-try /usr/mdevctl-try /boot/mdevctl-try

# Settings that an administrator adds to the unit apply to both.
drop_in=/etc/systemd/system/mdevctl-start-parent@.service.d
mkdir -p $drop_in
printf '[Service]\nReadWritePaths=/etc/vendor\n' >$drop_in/etc.conf
systemctl daemon-reload
told mdevctl test-callout --as-unit /vm/scratch/tries --type mtty-1
equal 'with the settings of the administrator' \
    "$(diff /run/tries before)" '5c5
< may write to /etc/vendor
---
> may not write to /etc/vendor'
rm -r $drop_in /etc/vendor
