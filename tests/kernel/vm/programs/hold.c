// SPDX-License-Identifier: LGPL-2.1-or-later
// hold UUID|ADDRESS: opens a mediated device or a PCI function like a virtual
// machine, prints "held", and keeps the device open until it is killed.
#include <err.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static int open_or_die(const char* path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        err(1, "%s", path);
    return fd;
}

static int open_group(const char* name)
{
    char link[128];
    char target[256];
    // A PCI address has a colon, a UUID has none.
    snprintf(link, sizeof link, "/sys/bus/%s/devices/%s/iommu_group",
        strchr(name, ':') ? "pci" : "mdev", name);
    ssize_t length = readlink(link, target, sizeof target - 1);
    if (length < 0)
        err(1, "%s", link);
    target[length] = '\0';
    char path[sizeof target + 16];
    snprintf(path, sizeof path, "/dev/vfio/%s", strrchr(target, '/') + 1);
    return open_or_die(path);
}

int main(int count, char** words)
{
    if (count != 2)
        errx(2, "usage: hold UUID|ADDRESS");
    int container = open_or_die("/dev/vfio/vfio");
    int group = open_group(words[1]);
    if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) < 0)
        err(1, "VFIO_GROUP_SET_CONTAINER");
    if (ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0)
        err(1, "VFIO_SET_IOMMU");
    if (ioctl(group, VFIO_GROUP_GET_DEVICE_FD, words[1]) < 0)
        err(1, "VFIO_GROUP_GET_DEVICE_FD");
    puts("held");
    fflush(stdout);
    pause();
    return 0;
}
