# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd: virtual GPUs without the mdev bus, on a real PCI device with virtual
# functions, from loading the driver to the reboot.
# guest: systemd
# hardware: sr-iov
. /vm/lib.sh
gpu=0000:01:00.0
functions='0000:01:00.1 0000:01:00.2 0000:01:00.3 0000:01:00.4'
pci=/sys/bus/pci/devices
port=$(basename "$(dirname "$(readlink -f $pci/$gpu)")")

types_now() { for f in $functions; do cat $pci/$f/nvidia/current_vgpu_type; done | tr '\n' ' '; }
are() { [ "$(types_now 2>/dev/null)" = "$1" ]; }
unit_at() { unit_of "pci0000:00/$port/$1"; }
writes() { dmesg | grep -c "$1: type set to $2"; }

if [ "$BOOT" = 1 ]; then
    silent mdevctl types
    modprobe nvidia
    like 'doctor reports the missing functions' "$(mdevctl doctor)" \
        "*GPU $gpu has no virtual functions*sriov-manage -e $gpu*"
    fails 6 "*GPU $gpu has no virtual functions*" \
        mdevctl start -p 0000:01:00.1 -t nvidia-1147
    number=0
    for f in $functions; do
        number=$((number + 1))
        mdevctl define --auto -p $f -t nvidia-1147 \
            -u 11111111-2222-3333-4444-55555555550$number
    done
    silent mdevctl modify -u $U1 --addattr nvidia/vgpu_params --value a=1

    # The functions appear, and the defined devices are started.
    mdevctl monitor >told 2>&1 &
    monitor=$!
    mark_journal
    echo 4 >$pci/$gpu/sriov_numvfs
    eventually 'all functions have their type' are '1147 1147 1147 1147 '
    for f in $functions; do
        eventually "the unit of $f is active" is "$(unit_at $f)" active
        equal "$f was written to once" "$(writes $f 1147)" 1
    done
    equal 'the journal has no message above info' "$(journal notice)" ''
    eventually 'the function is reported' \
        grep -qx 'parent-registered 0000:01:00.1' told
    eventually 'its device is reported' \
        grep -qx "device-added $U1 0000:01:00.1 nvidia-1147" told
    prints "$U1 0000:01:00.1 nvidia-1147 auto (defined)
$U2 0000:01:00.2 nvidia-1147 auto (defined)
$U3 0000:01:00.3 nvidia-1147 auto (defined)
$U4 0000:01:00.4 nvidia-1147 auto (defined)" mdevctl list
    prints '[]' mdevctl list --dumpjson
    equal 'the attribute was written' "$(cat $pci/0000:01:00.1/nvidia/vgpu_params)" a=1
    fails 8 "*Function 0000:01:00.2 already has type nvidia-1147 (device $U2)*" \
        mdevctl start -p 0000:01:00.2 -t nvidia-1147

    # The device is open.
    hold_open 0000:01:00.3
    fails 21 '*in use by process * (hold)*' mdevctl stop -u $U3
    equal 'the stop wrote nothing' "$(writes 0000:01:00.3 0)" 0
    equal 'the device is active' "$(cat $pci/0000:01:00.3/nvidia/current_vgpu_type)" 1147
    kill $holder
    wait $holder
    silent mdevctl stop -u $U3
    equal 'the device is stopped' "$(cat $pci/0000:01:00.3/nvidia/current_vgpu_type)" 0

    # All types must have the same size; a device of another program.
    fails 8 '*all its devices must have the size of the first*' \
        mdevctl start -p 0000:01:00.3 -t nvidia-1148
    fails 7 '*' mdevctl start -p 0000:01:00.3 -t nvidia-9
    echo 1147 >$pci/0000:01:00.3/nvidia/current_vgpu_type
    like 'the device of another program is listed' \
        "$(mdevctl list -p 0000:01:00.3)" '*-5???-* 0000:01:00.3 nvidia-1147 manual'
    fails 4 '*' mdevctl stop -u $U3
    equal 'the device of another program is unchanged' \
        "$(cat $pci/0000:01:00.3/nvidia/current_vgpu_type)" 1147

    # The functions disappear and appear again.
    echo 0 >$pci/$gpu/sriov_numvfs
    for f in $functions; do
        eventually "the unit of $f has ended" is "$(unit_at $f)" inactive
    done
    silent mdevctl list
    eventually 'the removal of the function is reported' \
        grep -qx 'parent-unregistered 0000:01:00.1' told
    kill -TERM "$monitor"
    wait "$monitor" || true
    mark_journal
    echo 4 >$pci/$gpu/sriov_numvfs
    eventually 'all functions have their type again' are '1147 1147 1147 1147 '
    equal 'the device has its own UUID' "$(mdevctl list -p 0000:01:00.3)" \
        "$U3 0000:01:00.3 nvidia-1147 auto (defined)"

    # The vendor's own unit creates the functions at boot, some time after the
    # driver.
    echo nvidia >/etc/modules-load.d/nvidia.conf
    cat >/etc/systemd/system/nvidia-sriov-manage@.service <<UNIT
[Unit]
After=systemd-modules-load.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'sleep 3; echo 4 >$pci/$gpu/sriov_numvfs; sleep 1'
UNIT
    mkdir -p /etc/systemd/system/multi-user.target.wants
    ln -s ../nvidia-sriov-manage@.service \
        /etc/systemd/system/multi-user.target.wants/nvidia-sriov-manage@ALL.service
    exit 75
fi
rm /etc/modules-load.d/nvidia.conf /etc/systemd/system/nvidia-sriov-manage@.service \
    /etc/systemd/system/multi-user.target.wants/nvidia-sriov-manage@ALL.service
eventually 'after the reboot, all functions have their type' \
    are '1147 1147 1147 1147 '
for f in $functions; do
    eventually "the unit of $f is active" is "$(unit_at $f)" active
    equal "$f was written to once" "$(writes $f 1147)" 1
done
prints "$U1 0000:01:00.1 nvidia-1147 auto (defined)
$U2 0000:01:00.2 nvidia-1147 auto (defined)
$U3 0000:01:00.3 nvidia-1147 auto (defined)
$U4 0000:01:00.4 nvidia-1147 auto (defined)" mdevctl list
equal 'the starts waited for the vendor' \
    "$(systemctl show -P After "$(unit_at 0000:01:00.1)" |
        grep -c nvidia-sriov-manage@ALL.service)" 1
equal 'the journal of the boot has no message above info' \
    "$(journalctl -b -p notice -o cat -u 'mdevctl-start-parent@*' \
        -u systemd-udevd.service)" ''
