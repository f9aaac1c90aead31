# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: a unit with failed devices tries them again, logs the error once, and
# can be started again after a repair.
# guest: systemd
. /vm/lib.sh
unit=$(unit_of virtual/mdpy/mdpy)
restarts() { systemctl show -P NRestarts "$unit"; }
modprobe mdpy
for uuid in $U1 $U2 $U3 $U4; do mdevctl start -u $uuid -p mdpy -t mdpy-vga; done
mdevctl define --auto -u $U1 -p mdpy -t mdpy-vga
mdevctl define --auto -u $U5 -p mdpy -t mdpy-vga
systemctl stop "$unit"
mark_journal
systemctl --no-block start "$unit"
sleep 3
check 'the start is tried again' is "$unit" activating
mdevctl stop -u $U4
eventually 'the unit is active' is "$unit" active
equal 'the device is active' "$(running)" "$U1 $U2 $U3 $U5"
equal 'in the same process' "$(restarts)" 0
equal 'the journal has no error that was repaired' "$(journal err)" ''
rmmod mdpy

# A permanent failure is not tried again, and is logged once.
mdevctl modify -u $U5 --addattr power/control --value sometimes
mark_journal
modprobe mdpy
eventually 'the unit has failed' is "$unit" failed
like 'the journal names the device' "$(journal err)" \
    "*Error: Cannot start device $U5 on mdpy: Cannot write 'sometimes' to *"
equal 'once' "$(journal err | grep -c "$U5")" 1
like 'status has the reason' "$(systemctl status "$unit")" \
    '*Error: 1 of 2 devices of parent mdpy could not be started*'
equal 'the other device is active' "$(running)" "$U1"

# After a repair, a start of the unit is enough.
mdevctl modify -u $U5 --delattr
check 'the unit can be started' systemctl start "$unit"
equal 'both devices are active' "$(running)" "$U1 $U5"
mdevctl stop -u $U5
mdevctl modify -u $U5 --addattr power/control --value sometimes
systemctl --no-block restart "$unit"
eventually 'the unit has failed' is "$unit" failed
rmmod mdpy
eventually 'the failure is removed with its parent' is "$unit" inactive
mdevctl modify -u $U5 --delattr
modprobe mdpy
eventually 'the unit is active when the driver is loaded again' is "$unit" active
equal 'both devices are active' "$(running)" "$U1 $U5"
