// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device_users.hpp"

#include "sysfs.hpp"
#include "text.hpp"

#include <mdev/error.hpp>

#include <algorithm>

namespace mdev {

namespace {

bool is_pid(const std::string& name)
{
    return name.find_first_not_of("0123456789") == name.npos;
}

/// Compares link targets as text: opening or following the links of another
/// process's /proc/PID/fd could block, or open a device.
bool has_open(const Directory& process, const std::vector<std::string>& files)
{
    const auto descriptors = process.find("fd");
    if (!descriptors)
        return false;
    const auto entries = descriptors->entries();
    return std::any_of(entries.begin(), entries.end(), [&](const Entry& fd) {
        const auto target = descriptors->link_target(fd.name);
        return target &&
            std::find(files.begin(), files.end(), *target) != files.end();
    });
}

/// Describes the process if it has one of the files open. Empty if not, if the
/// process ended during the search, or if its descriptors may not be read: the
/// answer only completes a message and must not fail the command.
std::string user(const Directory& proc, const std::string& pid,
    const std::vector<std::string>& files)
try {
    const auto process = proc.find(pid);
    if (!process || !has_open(*process, files))
        return {};
    return describe_process(proc, pid);
} catch (const Error&) {
    return {};
}

}

std::string describe_process(const Directory& proc, const std::string& pid)
{
    const auto process = proc.find(pid);
    const auto name = process ? Sysfs::read(*process, "comm") : std::nullopt;
    return "process " + pid + (name ? " (" + *name + ")" : "");
}

std::string describe_process(const std::string& pid)
try {
    const auto proc = Directory::at("/proc");
    return proc ? describe_process(*proc, pid) : "process " + pid;
} catch (const Error&) {
    return "process " + pid;
}

std::vector<std::string> vfio_files(const Directory& device)
{
    std::vector<std::string> files;
    if (const auto group = device.link_target("iommu_group"))
        files.push_back("/dev/vfio/" + group->substr(group->rfind('/') + 1));
    // The directory exists since Linux 6.1; the character device only since
    // 6.6, with CONFIG_VFIO_DEVICE_CDEV, and then `dev` says its number.
    if (const auto nodes = device.find("vfio-dev"))
        for (const auto& node : nodes->entries())
            if (nodes->exists(node.name + "/dev"))
                files.push_back("/dev/vfio/devices/" + node.name);
    return files;
}

std::vector<std::string> users_of(
    const Directory& device, const std::filesystem::path& proc)
try {
    std::vector<std::string> users;
    const auto files = vfio_files(device);
    const auto processes = Directory::at(proc);
    if (!processes || files.empty())
        return users;
    for (const auto& entry : processes->entries()) {
        auto found =
            is_pid(entry.name) ? user(*processes, entry.name, files) : "";
        if (!found.empty())
            users.push_back(std::move(found));
    }
    return users;
} catch (const Error&) {
    return {};
}

std::string user_list(
    const Directory& device, const std::filesystem::path& proc)
{
    return joined(users_of(device, proc));
}

}
