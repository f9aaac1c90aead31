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
#include <string>
#include <vector>

namespace mdev {

/// What one doctor sees and says.
struct Doctor {
    /// Hears no messages: they would say the same a second time.
    Environment env;
    std::vector<ParentDevice> parents;
    std::map<std::string, std::vector<MdevType>> types;
    std::vector<Device> devices;
    /// Those that can be understood.
    std::vector<Definition> definitions;
    std::vector<Finding> findings;

    void add(std::string id, Severity severity, std::string subject,
        std::string message, std::string advice);
    /// Does it, or says that something cannot be looked at.
    void attempt(const std::function<void()>& look);
    /// Complains if others than root could change what root believes or runs.
    /// `what` it is for stands in the sentence.
    void check_owner(const Directory& directory, const std::string& name,
        std::string_view what);
    const Device* active(const Uuid& uuid) const;
    const ParentDevice* parent(std::string_view name) const;
};

// In the order in which they are done: each believes what the one before says.
void examine_parents(Doctor& doctor);
void examine_store(Doctor& doctor);
void examine_definitions(Doctor& doctor);
void examine_scripts(Doctor& doctor);
void examine_autostart(Doctor& doctor);

}
