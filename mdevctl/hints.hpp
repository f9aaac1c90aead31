// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "arguments.hpp"

#include <mdev/error.hpp>

/// Which list has nothing to show.
enum class EmptyList { devices, types };

/// Says on stderr why a list may be empty, if a person reads both streams.
void say_why_empty(
    const mdev::Environment& env, const Arguments& arguments, EmptyList list);

/// Warns of a parent, as the user spells it, that neither exists nor has
/// definitions. `consequence` is what follows, such as "nothing is started".
void warn_of_unknown_parent(const mdev::Environment& env,
    const std::string& parent, const std::string& consequence);

/// Returns the error with a hint about what the user of this command can do.
mdev::Error with_advice(const mdev::Error& error, const Arguments& arguments,
    const mdev::Environment& env);
