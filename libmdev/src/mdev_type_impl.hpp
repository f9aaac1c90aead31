// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"

#include <mdev/mdev_type.hpp>

namespace mdev {

struct MdevType::Impl {
    Environment env;
    std::string id;
    std::string parent;
    std::filesystem::path path;
    long available_instances = 0;
    std::string device_api;
    std::string name;
    std::string description;
};

struct MdevTypeAccess {
    /// Reads a type's directory. Throws Error if it makes no sense.
    static MdevType read(const Environment& env, const std::string& parent,
        const std::string& id, const Directory& directory);
};

}
