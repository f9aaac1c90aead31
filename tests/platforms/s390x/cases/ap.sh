# SPDX-License-Identifier: LGPL-2.1-or-later
# The matrix of crypto adapters of the real vfio_ap.
. /vm/lib.sh
check 'vfio_ap is loaded' modprobe vfio_ap
prints 'matrix
  vfio_ap-passthrough
    Available instances: 65536
    Device API: vfio-ap
    Name: VFIO AP Passthrough Device' mdevctl types
silent mdevctl define -u $U1 -p matrix -t vfio_ap-passthrough
for attribute in assign_adapter=5 assign_domain=0xab assign_control_domain=3; do
    silent mdevctl modify -u $U1 --addattr=${attribute%=*} --value=${attribute#*=}
done
told mdevctl start -u $U1
echo "# $status $stderr" >&3
prints "$U1 matrix vfio_ap-passthrough manual (defined)" mdevctl list
equal 'the matrix is assigned' "$(cat $devices/$U1/matrix)" 05.00ab
told mdevctl start -u $U2 -p matrix -t vfio_ap-passthrough
equal 'a second device is created' "$status" 0
silent mdevctl stop -u $U2
silent mdevctl stop -u $U1
equal 'all instances are available' "$(instances matrix vfio_ap-passthrough)" 65536
silent mdevctl undefine -u $U1
