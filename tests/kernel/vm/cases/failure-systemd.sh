# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: a unit whose devices fail tries them again by itself, says once what
# is wrong, and can be started again when it is mended.
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
check 'it is tried again' is "$unit" activating
mdevctl stop -u $U4
eventually 'the unit is active' is "$unit" active
equal 'the device runs' "$(running)" "$U1 $U2 $U3 $U5"
equal 'in the same process' "$(restarts)" 0
equal 'the journal says nothing of what was mended' "$(journal err)" ''
rmmod mdpy

# What fails for good is given up, and said once.
mdevctl modify -u $U5 --addattr power/control --value sometimes
mark_journal
modprobe mdpy
eventually 'the unit has failed' is "$unit" failed
like 'the journal names the device' "$(journal err)" \
    "*Error: Cannot start device $U5 on mdpy: Cannot write 'sometimes' to *"
equal 'once' "$(journal err | grep -c "$U5")" 1
like 'status says why' "$(systemctl status "$unit")" \
    '*Error: 1 of 2 devices of parent mdpy could not be started*'
equal 'the other device runs' "$(running)" "$U1"

# A host that is mended needs no more than this.
mdevctl modify -u $U5 --delattr
check 'the unit can be started' systemctl start "$unit"
equal 'both run' "$(running)" "$U1 $U5"
mdevctl stop -u $U5
mdevctl modify -u $U5 --addattr power/control --value sometimes
systemctl --no-block restart "$unit"
eventually 'the unit has failed' is "$unit" failed
rmmod mdpy
eventually 'a failure goes with its parent' is "$unit" inactive
mdevctl modify -u $U5 --delattr
modprobe mdpy
eventually 'the next time that the driver comes, it works' is "$unit" active
equal 'both run' "$(running)" "$U1 $U5"
