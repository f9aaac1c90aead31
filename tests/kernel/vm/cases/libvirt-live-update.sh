# SPDX-License-Identifier: LGPL-2.1-or-later
# libvirt: a vendor's versioned script changes a device that runs. Libvirt has a
# command for it since 10.1.
# guest: libvirt
# kernels: 6.12
. /vm/libvirt.sh
modprobe mtty
cat >/usr/lib/mdevctl/scripts.d/callouts/mtty <<'END'
#!/bin/sh
# Writes what is asked for into a file, and tells it.
while getopts t:e:a:s:u:p: option; do
    eval "$option=\$OPTARG"
done
case "$t $e $a" in
    'mtty-1 get capabilities')
        echo '{"supports":{"version":2,"actions":["modify","attributes"],"events":["get","live"]}}' ;;
    'mtty-1 get attributes')
        cat /vm/scratch/speed 2>/dev/null || echo '[]' ;;
    'mtty-1 live modify')
        sed -n 's/.*\(\[{"speed":"[0-9]*"}\]\).*/\1/p' >/vm/scratch/new
        [ -s /vm/scratch/new ] || { echo 'no speed' >&2; exit 1; }
        mv /vm/scratch/new /vm/scratch/speed ;;
    *) exit 2 ;;
esac
END
chmod +x /usr/lib/mdevctl/scripts.d/callouts/mtty
speed() { description $U1 mtty-1 "<attr name='speed' value='$1'/>"; }
start_libvirt
check 'define' virsh nodedev-define "$(description $U1 mtty-1)"
check 'start' virsh nodedev-start "$(node $U1)"
becomes active "$(node $U1)"
: >calls

check 'update --live' virsh nodedev-update "$(node $U1)" "$(speed 9600)" --live
called "$probe
modify $input --uuid=$U1 --live"
equal 'the script has done it' "$(cat speed)" '[{"speed":"9600"}]'
eventually 'libvirt tells it' eval 'virsh nodedev-dumpxml "$(node $U1)" |
    grep "name=.speed. value=.9600."'
check 'the definition is as it was' sh -c '! grep -q speed /etc/mdevctl.d/mtty/*'

check 'update --live --config' virsh nodedev-update "$(node $U1)" \
    "$(speed 19200)" --live --config
called "$probe
modify $input --uuid=$U1 --defined --live"
equal 'the script has done it' "$(cat speed)" '[{"speed":"19200"}]'
check 'and it is kept' grep -q 19200 /etc/mdevctl.d/mtty/$U1

told virsh nodedev-update "$(node $U1)" \
    "$(description $U1 mtty-1 "<attr name='color' value='red'/>")" --live
like 'what the script refuses is told' "$status $stderr" '1 *no speed*'
equal 'and nothing changes' "$(cat speed)" '[{"speed":"19200"}]'
: >calls

check 'create another type' virsh nodedev-create "$(description $U2 mtty-2)"
becomes active "$(node $U1) $(node $U2)"
told virsh nodedev-update "$(node $U2)" "$(description $U2 mtty-2)" --live
like 'which has no such script' "$status $stderr" '1 *not supported*'
check 'destroy' virsh nodedev-destroy "$(node $U1)"
check 'destroy' virsh nodedev-destroy "$(node $U2)"
becomes active ''
lists_are_known
