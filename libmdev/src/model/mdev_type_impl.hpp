// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"
#include "directory.hpp"
#include "json.hpp"

#include <mdev/mdev_type.hpp>

namespace mdev {

/// The directory of a parent that has one directory for each type.
constexpr const char* types_directory_name = "mdev_supported_types";

struct MdevType::Impl {
    Environment env;
    std::string id;
    std::string parent;
    std::int64_t available_instances = 0;
    std::string device_api;
    std::string name;
    std::string description;
};

/// `id`, `name`, `description`, `device_api` and `available_instances` as
/// members of one object.
json::object flat_json(const MdevType& type);

/// Reads a type in `types`, a parent's directory of them. Nothing if the type
/// does not exist (any more). Throws Error if its files are invalid.
std::optional<MdevType> find_type(const Environment& env,
    const std::string& parent, const std::string& id, const Directory& types);

}
