# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: udev kills programs that exceed its time limit of 180 seconds, which
# is 4 seconds here. The unit may take longer.
# guest: systemd
. /vm/lib.sh
unit=$(unit_of virtual/mtty/mtty)
scripts=/usr/lib/mdevctl/scripts.d/callouts
mkdir -p $scripts
cat >$scripts/slow <<'SCRIPT'
#!/bin/sh
# -t TYPE -e EVENT -a ACTION -s STATE -u UUID -p PARENT
[ "$4 $6" != 'pre start' ] || sleep 6
SCRIPT
chmod +x $scripts/slow
echo 'event_timeout=4' >/etc/udev/udev.conf
systemctl restart systemd-udevd.service
define_auto 2
watch_events
mark_journal
modprobe mtty
check 'udev does not wait' udevadm settle --timeout=60
eventually 'the unit is active' is "$unit" active
equal 'the devices are active' "$(running)" "$U1 $U2"
equal 'started once' "$(started $U1)$(started $U2)" 11
# udev itself warns about programs that take a third of its short limit.
equal 'the journal has no other message above info' \
    "$(journal notice | grep -v 'taking a long time\|taking longer than')" ''
rm /etc/udev/udev.conf
systemctl restart systemd-udevd.service
