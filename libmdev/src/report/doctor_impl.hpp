// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"

#include <mdev/definition.hpp>
#include <mdev/device.hpp>
#include <mdev/diagnosis.hpp>
#include <mdev/error.hpp>
#include <mdev/parent_device.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mdev {

/// Whether the running kernel has a driver. `unknown`: the host has no list of
/// the kernel's modules.
enum class DriverState { unknown, missing, not_loaded, loaded };

/// The state of one diagnosis: what has been learned so far, and the findings.
///
/// The doctor uses the same functions as the commands, so that it sees what
/// they see, but turns every error into a finding. It changes nothing and runs
/// no script: a script may lock something, and an administrator must be able to
/// ask at any time.
struct Doctor {
    /// Without a log function: messages of the functions above would repeat
    /// findings.
    Environment env;
    std::vector<ParentDevice> parents{};
    std::map<std::string, std::vector<MdevType>> types{};
    std::vector<Device> devices{};
    /// Devices that the kernel has, but that cannot be read.
    std::set<Uuid> unread{};
    /// Whether `parents` and `devices` could be read. What is not known is not
    /// reported as missing.
    bool knows_parents = false;
    bool knows_devices = false;
    /// The definitions that are valid.
    std::vector<Definition> definitions{};
    /// The drivers of types whose parent is missing.
    std::map<std::string, DriverState> drivers{};
    std::vector<Finding> findings{};

    /// `command`, for a shell, does what `advice` says.
    void add(std::string id, Severity severity, std::string subject,
        std::string message, std::string advice, std::string command = {});
    /// Calls `look`. An Error becomes the finding "unreadable".
    void attempt(const std::function<void()>& look);
    /// Adds a finding if a user other than root could change something that
    /// root trusts or executes. `what` completes the sentence, such as "which
    /// root runs".
    void check_owner(const Directory& directory, const std::string& name,
        std::string_view what);
    /// The active device of that UUID; null if there is none, or if it cannot
    /// be read.
    const Device* active(const Uuid& uuid) const;
    /// Whether no device of that UUID is active, as far as the kernel tells.
    bool is_inactive(const Uuid& uuid) const;
    /// The parent of that name; null if the kernel has none.
    const ParentDevice* parent(std::string_view name) const;
};

// In the order in which they run: examine_definitions() needs the parents,
// types and devices of examine_parents() and the definitions of
// examine_store().
void examine_parents(Doctor& doctor);
void examine_store(Doctor& doctor);
void examine_definitions(Doctor& doctor);
/// Adds a finding that says why the kernel does not know the definition's
/// parent, if the hardware, its driver or the kernel's modules tell it. Returns
/// whether it did.
bool examine_hardware(Doctor& doctor, const Definition& definition);
/// Whether examine_hardware() has found the driver of the definition's type.
bool has_driver(const Doctor& doctor, const Definition& definition);
/// Whether the kernel was built without mediated devices.
bool has_no_mdev(const Environment& env);
void examine_scripts(Doctor& doctor);
void examine_autostart(Doctor& doctor);

}
