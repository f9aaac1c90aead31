// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"
#include "json.hpp"

#include <mdev/mdev_type.hpp>

namespace mdev {

class KernelInterface;

struct MdevType::Impl {
    const KernelInterface* kernel;
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

}
