# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: defined devices are active after a reboot. One driver is loaded
# before systemd, as from an initial RAM disk; systemd loads the other driver.
# guest: systemd
. /vm/lib.sh
if [ "$BOOT" = 1 ]; then
    define_auto 3
    mdevctl define --auto -u $U4 -p mdpy -t mdpy-vga
    mdevctl define --auto -u $U5 -p mdpy -t mdpy-vga
    mkdir -p /usr/lib/mdevctl/scripts.d/notifiers
    cat >/usr/lib/mdevctl/scripts.d/notifiers/log <<'SCRIPT'
#!/bin/sh
# -t TYPE -e EVENT -a ACTION -s STATE -u UUID -p PARENT
echo "$6 $8 ${10}" >>/run/told
SCRIPT
    chmod +x /usr/lib/mdevctl/scripts.d/notifiers/log
    echo mtty >/etc/vm-early-modules
    echo mdpy >/etc/modules-load.d/mdpy.conf
    exit 75
fi
rm /etc/vm-early-modules /etc/modules-load.d/mdpy.conf
for path in virtual/mtty/mtty virtual/mdpy/mdpy; do
    eventually "the unit of $path is active" is "$(unit_of $path)" active
done
prints "$U4 mdpy mdpy-vga auto (defined)
$U5 mdpy mdpy-vga auto (defined)
$U1 mtty mtty-1 auto (defined)
$U2 mtty mtty-1 auto (defined)
$U3 mtty mtty-1 auto (defined)" mdevctl list
systemctl status 'mdevctl-start-parent@*'
equal 'status shows two units' \
    "$(systemctl status 'mdevctl-start-parent@*' |
        grep -c 'Active: active (exited)')" 2
for uuid in $U1 $U2 $U3 $U4 $U5; do
    equal "$uuid was started once" "$(grep $uuid /run/told)" \
        "start success $uuid"
done
equal 'the journal of the boot has no message above info' \
    "$(journalctl -b -p notice -o cat -u 'mdevctl-start-parent@*' \
        -u systemd-udevd.service)" ''
