# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: a unit that fails names what failed, and is started again, a few
# times.
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
systemctl start "$unit"
like 'the journal names the device' "$(journal err)" \
    "*Error: Cannot start device $U5 on mdpy: No available instances of \
mdpy-vga on mdpy*"
like 'and the parent' "$(journal err)" \
    '*Error: 1 of 2 devices of parent mdpy could not be started*'
check 'it is to be tried again' is "$unit" activating
mdevctl stop -u $U4
eventually 'the unit is active' is "$unit" active
equal 'the device runs' "$(running)" "$U1 $U2 $U3 $U5"
equal 'by the second try' "$(restarts)" 1
rmmod mdpy

# What fails for good is given up.
mdevctl modify -u $U5 --addattr power/control --value sometimes
mark_journal
modprobe mdpy
eventually 'the unit has failed' is "$unit" failed
equal 'after three more tries' "$(journal err | grep -c 'could not be')" 4
like 'status shows it' "$(systemctl status "$unit")" '*code=exited, status=13*'
equal 'the other device runs' "$(running)" "$U1"
rmmod mdpy
eventually 'a failure goes with its parent' is "$unit" inactive
mdevctl modify -u $U5 --delattr
modprobe mdpy
eventually 'the next time that the driver comes, it works' is "$unit" active
equal 'both run' "$(running)" "$U1 $U5"
