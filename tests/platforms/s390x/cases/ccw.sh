# SPDX-License-Identifier: LGPL-2.1-or-later
# A subchannel of IBM Z is bound to the real vfio_ccw and unbound, with the
# commands of administrators.
. /vm/lib.sh
css=/sys/bus/css
subchannel=$(basename "$(dirname "$(ls -d $css/devices/*/0.0.0001)")")
echo "# $(uname -r), subchannel $subchannel" >&3

# finds ID: whether doctor has a finding with this ID.
finds() { mdevctl doctor | grep -q "\[$1\]"; }
# bind DRIVER, unbind DRIVER: change the driver of the subchannel.
bind() { echo "$subchannel" >$css/drivers/"$1"/bind; }
unbind() { echo "$subchannel" >$css/drivers/"$1"/unbind; }
is_active() { [ "$(running)" = "$U1" ]; }
is_gone() { [ "$(running)" = '' ]; }

silent mdevctl list
silent mdevctl types
check 'doctor reports a kernel without mediated devices' finds no-mdev
/usr/lib/systemd/systemd-udevd --daemon --resolve-names=never
udevadm settle
silent mdevctl define -u $U1 -p "$subchannel" -t vfio_ccw-io --auto
check 'doctor reports that another driver is bound' finds driver-other
check 'vfio_ccw is loaded' modprobe vfio_ccw
like 'doctor suggests the command that helps' "$(mdevctl doctor)" \
    "*io_subchannel instead of vfio_ccw*driverctl -b css set-override $subchannel vfio_ccw*"

mdevctl monitor >events 2>&1 &
monitor=$!
sleep 3
echo vfio_ccw >$css/devices/"$subchannel"/driver_override
unbind io_subchannel
bind vfio_ccw
eventually 'the device is started when the driver is bound' is_active
udevadm settle
prints "$U1 $subchannel vfio_ccw-io auto (defined)" mdevctl list
prints "$U1 $subchannel vfio_ccw-io auto (active)" mdevctl list --defined
prints "$subchannel
  vfio_ccw-io
    Available instances: 0
    Device API: vfio-ccw
    Name: I/O subchannel (Non-QDIO)" mdevctl types
told mdevctl show $U1
equal 'show succeeds' "$status" 0
echo "$stdout" | sed 's/^/# /' >&3
like 'show names the type' "$stdout" "*vfio_ccw-io*"
like 'show names no device file that does not exist' \
    "$stdout$(ls /dev/vfio/devices 2>/dev/null)" '*[!0-9]*'
check 'doctor has no findings about devices' eval \
    '! mdevctl doctor | grep -E "driver-|parent-|auto-not-active"'

fails 8 "*No available instances*" mdevctl start -u $U2 -p "$subchannel" -t vfio_ccw-io
silent mdevctl stop -u $U1
silent mdevctl list
silent mdevctl start-parent-mdevs "$subchannel"
eventually 'the device is active again' is_active
silent mdevctl stop -u $U1
silent mdevctl modify -u $U1 --addattr=nosuch --value=1
told mdevctl start -u $U1
like 'an attribute that does not exist is refused' "$status $stderr" '[!0]*nosuch*'
silent mdevctl list
silent mdevctl modify -u $U1 --delattr
silent mdevctl start -u $U1
check 'the device is active' is_active

unbind vfio_ccw
eventually 'the device is removed with its driver' is_gone
prints "$U1 $subchannel vfio_ccw-io auto" mdevctl list --defined
check 'doctor reports that no driver is bound' finds driver-other
kill $monitor
echo '# events:' >&3
sed 's/^/# /' events >&3
for kind in parent-registered device-added device-removed \
    parent-unregistered; do
    check "monitor reports $kind" grep -q "$kind" events
done
silent mdevctl undefine -u $U1
silent mdevctl list --defined
