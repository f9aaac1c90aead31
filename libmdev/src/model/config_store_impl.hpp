// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/config_store.hpp>

namespace mdev {

/// What the commands ask the store beyond its public face.
struct ConfigStoreAccess {
    /// ConfigStore::parents_of, where only one parent may be meant.
    static std::vector<std::string> parents_of(const ConfigStore& store,
        const Uuid& uuid, const std::optional<std::string>& only);
    /// Whether there are any; as a rule without looking at all of them.
    static bool is_defined(const ConfigStore& store, const Uuid& uuid,
        const std::optional<std::string>& only);
};

}
