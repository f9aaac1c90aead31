// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device_users.hpp"

#include "sysfs.hpp"
#include "text.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <optional>

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

std::string command_of(const Directory& process)
{
    return Sysfs::read(process, "comm").value_or("");
}

/// The process, if it has one of the files open. Nothing if the process ended
/// during the search, or if its descriptors may not be read: the answer only
/// completes a message and must not fail the command.
std::optional<DeviceUser> user(const Directory& proc, const std::string& pid,
    const std::vector<std::string>& files)
try {
    const auto process = proc.find(pid);
    if (!process || !has_open(*process, files))
        return {};
    return Access::make<DeviceUser>(
        {parse_number<int>(pid).value_or(0), command_of(*process)});
} catch (const Error&) {
    return {};
}

}

std::string describe_process(const Directory& proc, const std::string& pid)
{
    const auto process = proc.find(pid);
    const auto name = process ? command_of(*process) : "";
    return "process " + pid + (name.empty() ? "" : " (" + name + ")");
}

std::string describe_process(const std::string& pid)
try {
    const auto proc = Directory::at("/proc");
    return proc ? describe_process(*proc, pid) : "process " + pid;
} catch (const Error&) {
    return "process " + pid;
}

std::string iommu_group_of(const Directory& device)
{
    const auto link = device.link_target("iommu_group").value_or("");
    return link.substr(link.rfind('/') + 1);
}

std::vector<std::string> vfio_files(const Directory& device)
{
    std::vector<std::string> files;
    if (const auto group = iommu_group_of(device); !group.empty())
        files.push_back("/dev/vfio/" + group);
    // The directory exists since Linux 6.1; the character device only since
    // 6.6, with CONFIG_VFIO_DEVICE_CDEV, and then `dev` says its number.
    if (const auto nodes = device.find("vfio-dev"))
        for (const auto& node : nodes->entries())
            if (nodes->exists(node.name + "/dev"))
                files.push_back("/dev/vfio/devices/" + node.name);
    return files;
}

std::vector<DeviceUser> users_of(
    const std::vector<std::string>& files, const std::filesystem::path& proc)
try {
    std::vector<DeviceUser> users;
    const auto processes = Directory::at(proc);
    if (!processes || files.empty())
        return users;
    for (const auto& entry : processes->entries())
        if (auto found = is_pid(entry.name)
                ? user(*processes, entry.name, files)
                : std::nullopt)
            users.push_back(std::move(*found));
    return users;
} catch (const Error&) {
    return {};
}

std::vector<DeviceUser> users_of(
    const Directory& device, const std::filesystem::path& proc)
try {
    return users_of(vfio_files(device), proc);
} catch (const Error&) {
    return {};
}

std::string joined(const std::vector<DeviceUser>& users)
{
    std::vector<std::string> names;
    for (const auto& user : users)
        names.push_back(describe(user));
    return joined(names);
}

std::string by(const std::vector<DeviceUser>& users)
{
    return users.empty() ? "" : " by " + joined(users);
}

}
