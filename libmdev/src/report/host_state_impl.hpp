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
    /// Nothing if the state file does not say.
    std::optional<bool> is_active;
    /// Whether the state file specifies the definition's unknown members. If
    /// not, those of the stored definition are kept.
    bool has_others = false;
    /// Whether an active device is left unchanged, even if the definition
    /// starts automatically: the state file has null.
    bool is_left = false;
    /// The vendor's name of the type, if it cannot be that of a definition: it
    /// has a slash, and the definition has an underscore there. Else empty.
    std::string vendor_type{};
    /// The name in the state file, from which the UUID is computed; else empty.
    std::string name{};

    /// Whether the device should be active; nothing if that does not matter. A
    /// device that starts automatically should be active, unless the state file
    /// says otherwise.
    std::optional<bool> is_to_run() const
    {
        if (!is_active && !is_left && is_defined &&
            definition.start() == StartMode::automatic)
            return true;
        return is_active;
    }
};

struct HostDevice::Impl {
    HostEntry entry;
};

struct HostState::Impl {
    std::vector<HostEntry> entries;
    bool is_complete = true;
    /// The name of the state file, for messages, if the file may have other
    /// names of parents and types than the kernel; see resolved_entries().
    /// Definitions and devices have the kernel's names.
    std::optional<std::string> spelled_in{};
};

/// Throws Error (Errc::invalid_definition) if two entries are about the same
/// device: they could contradict each other.
void check_unique(const std::vector<HostEntry>& entries);

/// What an error says of an entry: its number, because the entry may lack what
/// identifies it.
std::string place(std::size_t number);

/// Returns the entries with the kernel's names of parents and types. Throws
/// Error, whose message begins with the state file and the entry:
/// Errc::ambiguous, Errc::no_such_type, or Errc::invalid_definition if two
/// entries are about one device.
std::vector<HostEntry> resolved_entries(
    const HostState& state, const Environment& env);

}
