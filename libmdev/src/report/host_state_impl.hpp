// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"

#include <mdev/definition.hpp>
#include <mdev/host_state.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// One device of a document.
struct HostEntry {
    Definition definition;
    bool is_defined = true;
    /// Nothing if the document does not say.
    std::optional<bool> is_active;
    /// Whether the definition's other members are given, too.
    bool has_others = false;

    /// Left to itself, what starts by itself is to run.
    std::optional<bool> is_to_run() const
    {
        if (!is_active && is_defined &&
            definition.start() == StartMode::automatic)
            return true;
        return is_active;
    }
};

struct HostState::Impl {
    std::vector<HostEntry> entries;
};

/// The kernel's name of a parent, however it is spelt: as it is, below /sys, in
/// capitals, a PCI device without its domain. What is nowhere to be seen is
/// only tidied.
std::string resolve_parent(const std::string& spelling, const Environment& env);

/// The id of a parent's type, which may be called by the vendor's name. Throws
/// Error: Errc::ambiguous, Errc::no_such_type.
std::string resolve_type(const std::string& spelling, const std::string& parent,
    const Environment& env);

}
