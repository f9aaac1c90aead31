// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "access.hpp"

#include <mdev/definition.hpp>
#include <mdev/host_state.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// One device of a host state.
struct HostEntry {
    Definition definition;
    bool is_defined = true;
    /// Nothing if the document does not say.
    std::optional<bool> is_active;
    /// Whether the document specifies the definition's unknown members. If not,
    /// those of the stored definition are kept.
    bool has_others = false;
    /// Whether an active device is left as it is, even if the definition says
    /// that it starts automatically: the document says null.
    bool is_left = false;

    /// Whether the device should be active; nothing if that does not matter. A
    /// device that starts automatically should be, unless the document says
    /// otherwise.
    std::optional<bool> is_to_run() const
    {
        if (!is_active && !is_left && is_defined &&
            definition.start() == StartMode::automatic)
            return true;
        return is_active;
    }
};

struct HostState::Impl {
    std::vector<HostEntry> entries;
    bool is_complete = true;
};

/// Returns the kernel's name of a parent. `spelling` may be that name in
/// another letter case, a path below /sys, or a PCI address without its domain.
/// A name that the kernel does not know is returned in its canonical form: the
/// parent may appear later.
std::string resolve_parent(const std::string& spelling, const Environment& env);

/// Returns the id of a type of a parent; `spelling` may be the vendor's name of
/// the type. Throws Error: Errc::ambiguous, Errc::no_such_type.
std::string resolve_type(const std::string& spelling, const std::string& parent,
    const Environment& env);

}
