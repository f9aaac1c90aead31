// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/config_store.hpp>
#include <mdev/device_spec.hpp>
#include <mdev/environment.hpp>

namespace mdev {

/// For what a function of a card is chosen.
enum class ChosenFor {
    start, ///< the function can be given the type now
    definition, ///< the function also has no definition yet
};

/// Returns `spec` with a parent and the id of a type. If its parent is a card
/// whose virtual functions are parents, the first free function is chosen;
/// functions without definitions are preferred. The type may then be specified
/// by its name as well. A function on which the device of the UUID is active or
/// defined comes first, so that a command can be repeated. The card may have
/// any name of ParentDevice::resolve(). Any other `spec` is returned as it is.
/// Throws Error: Errc::no_such_parent, Errc::no_such_type, Errc::ambiguous,
/// Errc::no_instance_left.
DeviceSpec choose_parent(const DeviceSpec& spec, ChosenFor purpose,
    const ConfigStore& store, const Environment& env);

}
