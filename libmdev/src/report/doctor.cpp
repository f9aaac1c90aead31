// SPDX-License-Identifier: LGPL-2.1-or-later
#include "access.hpp"
#include "doctor_impl.hpp"
#include "json.hpp"
#include "text.hpp"

#include <mdev/export.hpp>

#include <algorithm>
#include <fcntl.h>
#include <sys/stat.h>

namespace mdev {

struct Finding::Impl {
    std::string id;
    Severity severity;
    std::string subject;
    std::string message;
    std::string advice;
    std::string command;
};

Finding::Finding(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API const std::string& Finding::id() const noexcept
{
    return impl_->id;
}

MDEV_API Severity Finding::severity() const noexcept
{
    return impl_->severity;
}

MDEV_API const std::string& Finding::subject() const noexcept
{
    return impl_->subject;
}

MDEV_API const std::string& Finding::message() const noexcept
{
    return impl_->message;
}

MDEV_API const std::string& Finding::advice() const noexcept
{
    return impl_->advice;
}

MDEV_API const std::string& Finding::command() const noexcept
{
    return impl_->command;
}

void Doctor::add(std::string id, Severity severity, std::string subject,
    std::string message, std::string advice, std::string command)
{
    findings.push_back(
        Access::make<Finding>({std::move(id), severity, std::move(subject),
            std::move(message), std::move(advice), std::move(command)}));
}

void Doctor::attempt(const std::function<void()>& look)
try {
    look();
} catch (const Error& error) {
    const auto cause = error.cause().value();
    const bool is_forbidden = cause == EACCES || cause == EPERM;
    add("unreadable", Severity::error, error.subject(), error.what(),
        is_forbidden ? "Run the command as root" : "Make it readable");
}

void Doctor::check_owner(
    const Directory& directory, const std::string& name, std::string_view what)
{
    struct stat status {};
    struct stat root {};
    // The owner of the root directory counts as root as well: tests run below a
    // directory that an ordinary user owns.
    if (fstatat(directory.number(), name.c_str(), &status, 0) != 0 ||
        stat(env.root().c_str(), &root) != 0)
        return;
    const auto path = name == "." ? directory.path() : directory.path() / name;
    if (status.st_uid != 0 && status.st_uid != root.st_uid)
        add("unsafe-owner", Severity::error, path.string(),
            path.string() + ", " + std::string(what) + ", belongs to user " +
                std::to_string(status.st_uid),
            "Make root the owner",
            shell_command({"chown", "root:root", path.string()}));
    // root's own group is root: Ansible roles make directories of mode 0770.
    else if ((status.st_mode & S_IWOTH) != 0 ||
        ((status.st_mode & S_IWGRP) != 0 && status.st_gid != 0 &&
            status.st_gid != root.st_gid))
        add("unsafe-mode", Severity::error, path.string(),
            path.string() + ", " + std::string(what) +
                ", can be changed by users other than root",
            "Remove the permission",
            shell_command({"chmod", "go-w", path.string()}));
}

const Device* Doctor::active(const Uuid& uuid) const
{
    const auto found = std::find_if(devices.begin(), devices.end(),
        [&](const Device& device) { return device.uuid() == uuid; });
    return found == devices.end() ? nullptr : &*found;
}

bool Doctor::is_inactive(const Uuid& uuid) const
{
    return knows_devices && !unread.contains(uuid) && !active(uuid);
}

const ParentDevice* Doctor::parent(std::string_view name) const
{
    const auto found = std::find_if(parents.begin(), parents.end(),
        [&](const ParentDevice& parent) { return parent.name() == name; });
    return found == parents.end() ? nullptr : &*found;
}

MDEV_API std::vector<Finding> diagnose(const Environment& env)
{
    Doctor doctor{env.with_log({})};
    for (const auto examine : {examine_parents, examine_store,
             examine_definitions, examine_scripts, examine_autostart})
        doctor.attempt([&] { examine(doctor); });
    return std::move(doctor.findings);
}

MDEV_API std::string to_json(const std::vector<Finding>& findings)
{
    json::array list;
    for (const auto& finding : findings) {
        json::object object;
        object["id"] = finding.id();
        object["severity"] =
            finding.severity() == Severity::error ? "error" : "warning";
        object["subject"] = finding.subject();
        object["message"] = finding.message();
        object["advice"] = finding.advice();
        object["command"] = finding.command();
        list.push_back(std::move(object));
    }
    json::object document;
    document["version"] = 1;
    document["findings"] = std::move(list);
    return json::pretty(document);
}

}
