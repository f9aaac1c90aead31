# SPDX-License-Identifier: LGPL-2.1-or-later
# libvirt: a vendor's versioned script changes an active device. libvirt has a
# command for this since 10.1.
# guest: libvirt
# kernels: 6.12
. /vm/libvirt.sh
modprobe mtty
cat >/usr/lib/mdevctl/scripts.d/callouts/mtty <<'END'
#!/bin/sh
# Writes the attributes from its stdin to a file, and reports them.
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
equal 'the script has made the change' "$(cat speed)" '[{"speed":"9600"}]'
eventually 'libvirt shows the change' eval 'virsh nodedev-dumpxml "$(node $U1)" |
    grep "name=.speed. value=.9600."'
check 'the definition is unchanged' sh -c '! grep -q speed /etc/mdevctl.d/mtty/*'

check 'update --live --config' virsh nodedev-update "$(node $U1)" \
    "$(speed 19200)" --live --config
called "$probe
modify $input --uuid=$U1 --defined --live"
equal 'the script has made the change' "$(cat speed)" '[{"speed":"19200"}]'
check 'the change is stored' grep -q 19200 /etc/mdevctl.d/mtty/$U1

told virsh nodedev-update "$(node $U1)" \
    "$(description $U1 mtty-1 "<attr name='color' value='red'/>")" --live
like 'a refusal by the script is reported' "$status $stderr" '1 *no speed*'
equal 'nothing has changed' "$(cat speed)" '[{"speed":"19200"}]'
: >calls

check 'create another type' virsh nodedev-create "$(description $U2 mtty-2)"
becomes active "$(node $U1) $(node $U2)"
told virsh nodedev-update "$(node $U2)" "$(description $U2 mtty-2)" --live
like 'this type has no script for live changes' "$status $stderr" '1 *not supported*'
check 'destroy' virsh nodedev-destroy "$(node $U1)"
check 'destroy' virsh nodedev-destroy "$(node $U2)"
becomes active ''
lists_are_known
