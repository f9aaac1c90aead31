// SPDX-License-Identifier: GPL-2.0-only
// A driver for tests with the name of NVIDIA's driver. It uses a PCI device with
// SR-IOV (qemu's nvme) as a GPU, and gives each virtual function the files of
// NVIDIA's driver: nvidia/creatable_vgpu_types, nvidia/current_vgpu_type and
// nvidia/vgpu_params. The function is a real vfio device of vfio_pci_core, so
// the kernel really uses it while it is open. The driver has no table for
// modprobe, because a case loads it when necessary.
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/sysfs.h>
#include <linux/version.h>
#include <linux/vfio_pci_core.h>
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
#include <linux/iommufd.h>
#endif

static bool upstream;
module_param(upstream, bool, 0644);
MODULE_PARM_DESC(upstream, "the errnos of the driver of the mainline kernel");

#define GPU_MEGABYTES 4096

static const struct vgpu_type {
	unsigned int number;
	const char *name;
	unsigned int megabytes;
} vgpu_types[] = {
	{ 1147, "NVIDIA L40S-1Q", 1024 },
	{ 1148, "NVIDIA L40S-2Q", 2048 },
	{ 1149, "NVIDIA L40S-4Q", 4096 },
};

struct vgpu {
	struct vfio_pci_core_device core; /* first, as the driver's data */
	const struct vgpu_type *type;
	struct list_head entry;
	unsigned int users;
	char params[64];
};

static LIST_HEAD(vgpus);
static DEFINE_MUTEX(lock);
static DECLARE_WAIT_QUEUE_HEAD(closed);

static struct vgpu *vgpu_of(struct device *dev)
{
	return container_of((struct vfio_pci_core_device *)dev_get_drvdata(dev),
			    struct vgpu, core);
}

/* Whether the function can get the type beside the types of its siblings. */
static bool fits(struct vgpu *vgpu, const struct vgpu_type *type, bool *other)
{
	unsigned int used = type->megabytes;
	struct vgpu *sibling;

	*other = false;
	list_for_each_entry(sibling, &vgpus, entry) {
		if (sibling == vgpu || !sibling->type)
			continue;
		used += sibling->type->megabytes;
		*other |= sibling->type->megabytes != type->megabytes;
	}
	return !*other && used <= GPU_MEGABYTES;
}

static ssize_t creatable_vgpu_types_show(struct device *dev,
					 struct device_attribute *attr,
					 char *buf)
{
	struct vgpu *vgpu = vgpu_of(dev);
	ssize_t size = 0;
	bool other;
	int i;

	mutex_lock(&lock);
	if (!vgpu->type || !upstream)
		size += sysfs_emit_at(buf, size, "ID    : vGPU Name\n");
	for (i = 0; !vgpu->type && i < ARRAY_SIZE(vgpu_types); i++)
		if (fits(vgpu, &vgpu_types[i], &other))
			size += sysfs_emit_at(buf, size, "%-5u : %s\n",
					      vgpu_types[i].number,
					      vgpu_types[i].name);
	mutex_unlock(&lock);
	return size;
}
static DEVICE_ATTR_RO(creatable_vgpu_types);

static int make(struct vgpu *vgpu, unsigned int number)
{
	const struct vgpu_type *type = NULL;
	bool other;
	int i;

	if (vgpu->type)
		return upstream ? -EBUSY : -EPERM;
	for (i = 0; i < ARRAY_SIZE(vgpu_types); i++)
		if (vgpu_types[i].number == number)
			type = &vgpu_types[i];
	if (!type)
		return upstream ? -ENODEV : -EIO;
	if (!fits(vgpu, type, &other))
		return !upstream ? -EIO : other ? -EINVAL : -ENOSPC;
	vgpu->type = type;
	return 0;
}

/* The shipped driver waits for the virtual machine; upstream refuses. */
static int clear(struct vgpu *vgpu)
{
	if (!vgpu->type)
		return upstream ? 0 : -EPERM;
	while (vgpu->users) {
		int interrupted;

		if (upstream)
			return -EBUSY;
		mutex_unlock(&lock);
		interrupted = wait_event_interruptible(closed, !vgpu->users);
		mutex_lock(&lock);
		if (interrupted)
			return -EINTR;
	}
	vgpu->type = NULL;
	vgpu->params[0] = 0;
	return 0;
}

static ssize_t current_vgpu_type_show(struct device *dev,
				      struct device_attribute *attr, char *buf)
{
	struct vgpu *vgpu = vgpu_of(dev);
	unsigned int number;

	mutex_lock(&lock);
	number = vgpu->type ? vgpu->type->number : 0;
	mutex_unlock(&lock);
	return sysfs_emit(buf, "%u\n", number);
}

static ssize_t current_vgpu_type_store(struct device *dev,
				       struct device_attribute *attr,
				       const char *buf, size_t count)
{
	struct vgpu *vgpu = vgpu_of(dev);
	unsigned int number;
	int ret = kstrtouint(buf, 10, &number);

	if (ret)
		return ret;
	dev_info(dev, "type set to %u\n", number);
	mutex_lock(&lock);
	ret = number ? make(vgpu, number) : clear(vgpu);
	mutex_unlock(&lock);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(current_vgpu_type);

static ssize_t vgpu_params_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", vgpu_of(dev)->params);
}

static ssize_t vgpu_params_store(struct device *dev,
				 struct device_attribute *attr,
				 const char *buf, size_t count)
{
	struct vgpu *vgpu = vgpu_of(dev);

	if (!vgpu->type)
		return -EPERM;
	strscpy(vgpu->params, buf, sizeof(vgpu->params));
	strim(vgpu->params);
	return count;
}
static DEVICE_ATTR_RW(vgpu_params);

static struct attribute *vgpu_attrs[] = {
	&dev_attr_creatable_vgpu_types.attr,
	&dev_attr_current_vgpu_type.attr,
	&dev_attr_vgpu_params.attr,
	NULL,
};

static const struct attribute_group vgpu_group = {
	.name = "nvidia",
	.attrs = vgpu_attrs,
};

static int vgpu_open(struct vfio_device *vdev)
{
	struct vgpu *vgpu = container_of(vdev, struct vgpu, core.vdev);
	int ret;

	mutex_lock(&lock);
	ret = vgpu->type ? 0 : -ENODEV;
	vgpu->users += !ret;
	mutex_unlock(&lock);
	if (ret)
		return ret;
	ret = vfio_pci_core_enable(&vgpu->core);
	if (!ret) {
		vfio_pci_core_finish_enable(&vgpu->core);
		return 0;
	}
	mutex_lock(&lock);
	vgpu->users--;
	mutex_unlock(&lock);
	return ret;
}

static void vgpu_close(struct vfio_device *vdev)
{
	struct vgpu *vgpu = container_of(vdev, struct vgpu, core.vdev);

	vfio_pci_core_close_device(vdev);
	mutex_lock(&lock);
	vgpu->users--;
	mutex_unlock(&lock);
	wake_up_all(&closed);
}

static const struct vfio_device_ops vgpu_ops = {
	.name = "nvidia",
	.init = vfio_pci_core_init_dev,
	.release = vfio_pci_core_release_dev,
	.open_device = vgpu_open,
	.close_device = vgpu_close,
	.ioctl = vfio_pci_core_ioctl,
	.device_feature = vfio_pci_core_ioctl_feature,
	.read = vfio_pci_core_read,
	.write = vfio_pci_core_write,
	.mmap = vfio_pci_core_mmap,
	.request = vfio_pci_core_request,
	.match = vfio_pci_core_match,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	.bind_iommufd = vfio_iommufd_physical_bind,
	.unbind_iommufd = vfio_iommufd_physical_unbind,
	.attach_ioas = vfio_iommufd_physical_attach_ioas,
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	.detach_ioas = vfio_iommufd_physical_detach_ioas,
#endif
};

static int vgpu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct vgpu *vgpu;
	int ret;

	/* The GPU itself. */
	if (!pdev->is_virtfn)
		return pci_enable_device(pdev);
	vgpu = vfio_alloc_device(vgpu, core.vdev, &pdev->dev, &vgpu_ops);
	if (IS_ERR(vgpu))
		return PTR_ERR(vgpu);
	dev_set_drvdata(&pdev->dev, &vgpu->core);
	ret = vfio_pci_core_register_device(&vgpu->core);
	if (ret)
		goto put;
	ret = sysfs_create_group(&pdev->dev.kobj, &vgpu_group);
	if (ret)
		goto unregister;
	mutex_lock(&lock);
	list_add(&vgpu->entry, &vgpus);
	mutex_unlock(&lock);
	return 0;

unregister:
	vfio_pci_core_unregister_device(&vgpu->core);
put:
	vfio_put_device(&vgpu->core.vdev);
	return ret;
}

static void vgpu_remove(struct pci_dev *pdev)
{
	struct vgpu *vgpu;

	if (!pdev->is_virtfn) {
		pci_disable_sriov(pdev);
		pci_disable_device(pdev);
		return;
	}
	vgpu = vgpu_of(&pdev->dev);
	sysfs_remove_group(&pdev->dev.kobj, &vgpu_group);
	mutex_lock(&lock);
	list_del(&vgpu->entry);
	mutex_unlock(&lock);
	vfio_pci_core_unregister_device(&vgpu->core);
	vfio_put_device(&vgpu->core.vdev);
}

/* qemu's nvme, and its virtual functions. */
static const struct pci_device_id vgpu_ids[] = {
	{ PCI_DEVICE(0x1b36, 0x0010) },
	{}
};

static struct pci_driver vgpu_driver = {
	.name = "nvidia",
	.id_table = vgpu_ids,
	.probe = vgpu_probe,
	.remove = vgpu_remove,
	.sriov_configure = pci_sriov_configure_simple,
	.driver_managed_dma = true,
};
module_pci_driver(vgpu_driver);

MODULE_DESCRIPTION("virtual GPUs without the mdev bus, for tests");
MODULE_LICENSE("GPL");
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
MODULE_IMPORT_NS(IOMMUFD);
#endif
