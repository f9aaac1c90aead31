# SPDX-License-Identifier: LGPL-2.1-or-later
# What the kernel does when it is asked directly. The host compares it with what
# mdevsim does, see compare.py.
modprobe -a mdev vfio_iommu_type1
operations /sys /vm/operations >/vm/listing
status=$?
sed 's/^/= /' /vm/listing >&3
exit "$status"
