# SPDX-License-Identifier: LGPL-2.1-or-later
# Makes operations on the kernel directly. The host compares the results with
# those of mdevsim, see compare.py.
modprobe -a mdev vfio_iommu_type1
operations /sys /vm/operations >/vm/listing
status=$?
sed 's/^/= /' /vm/listing >&3
exit "$status"
