# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: scripts that hang, with short time limits. A script is waited for
# once for each parent and type. A unit that does not end is started again a few
# times only.
# guest: systemd
. /vm/lib.sh
unit=$(unit_of virtual/mtty/mtty)
scripts=/usr/lib/mdevctl/scripts.d/callouts
drop_in=/etc/systemd/system/mdevctl-start-parent@.service.d
mkdir -p $scripts $drop_in
# Nine scripts that decline, and one that hangs for one type.
for number in 1 2 3 4 5 6 7 8 9; do
    printf '#!/bin/sh\nexit 2\n' >$scripts/0$number
done
cat >$scripts/10-hang <<'SCRIPT'
#!/bin/sh
# -t TYPE -e EVENT -a ACTION -s STATE -u UUID -p PARENT
[ "$2" != mtty-1 ] || exec sleep 1000
exit 2
SCRIPT
chmod +x $scripts/*
cat >$drop_in/limits.conf <<'CONF'
[Unit]
StartLimitIntervalSec=10min
StartLimitBurst=3
[Service]
Environment=MDEVCTL_SCRIPT_TIMEOUT=3
RestartSec=1
CONF
systemctl daemon-reload
restarts() { systemctl show -P NRestarts "$unit"; }

# Ten definitions whose script hangs, before a healthy one.
mkdir -p /etc/mdevctl.d/mtty
for number in 01 02 03 04 05 06 07 08 09 10; do
    printf '{"mdev_type": "mtty-1", "start": "auto"}' \
        >"/etc/mdevctl.d/mtty/00000000-2222-3333-4444-5555555555$number"
done
silent mdevctl define --auto -p mtty -t mtty-2 -u $U1
mark_journal
modprobe mtty
eventually 'the healthy device is active' test -e $devices/$U1
eventually 'the unit has failed' is "$unit" failed
equal 'the unit was not started again' "$(restarts)" 0
equal 'one message is about all ten devices' \
    "$(journal err | grep -c 'did not finish within 3 s')" 1
like 'the message has the number of devices' "$(journal err)" \
    '*Cannot start 10 devices of type mtty-1 on mtty: *'
like 'status has the result' "$(systemctl status "$unit")" \
    '*Error: 10 of 11 devices of parent mtty could not be started*'
silent rmmod mtty

# A start that exceeds the time limit of the unit, each time.
cat >$drop_in/timeout.conf <<'CONF'
[Service]
Environment=MDEVCTL_SCRIPT_TIMEOUT=1000
TimeoutStartSec=5
CONF
systemctl daemon-reload
modprobe mtty
eventually 'systemd stops the retries' is "$unit" failed
like 'because of the limit of starts' "$(journal warning)" \
    '*Start request repeated too quickly*'
equal 'after three retries' "$(restarts)" 3
check 'the failed state can be reset after a repair' \
    systemctl reset-failed "$unit"
rm -r $drop_in ${scripts:?}/*
systemctl daemon-reload
check 'the unit can be started' systemctl start "$unit"
equal 'all devices are active' "$(running | wc -w)" 11
