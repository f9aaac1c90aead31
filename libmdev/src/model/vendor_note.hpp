// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "file_descriptor.hpp"
#include "vendor_files.hpp"

#include <mdev/environment.hpp>
#include <mdev/uuid.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mdev {

// A virtual function has no file for a UUID, and forgets everything at a
// reboot. What mdevctl has started there is therefore noted in /run/mdevctl, in
// a file PARENT.json for each function. A process that changes a function
// holds the lock PARENT.json.lock.

/// The contents of a note about a virtual function.
struct VendorNote {
    Uuid uuid; ///< the device that was started there
    std::string type_id; ///< and its type; empty if it is known to be gone
    /// The number of the function's directory: another one after the function
    /// was removed and made again.
    std::uint64_t directory = 0;
    /// The types that the card was seen to offer: what a function lists depends
    /// on its siblings, and one that has a device lists nothing.
    std::vector<VendorType> types{};
};

/// Nothing if there is no note, or an invalid one.
std::optional<VendorNote> read_note(
    const Environment& env, const std::string& parent);
/// Throws Error.
void write_note(
    const Environment& env, const std::string& parent, const VendorNote& note);
void remove_note(const Environment& env, const std::string& parent) noexcept;

/// The functions that there are notes about: none, on most hosts.
std::vector<std::string> noted_parents(const Environment& env);

/// Waits until no other process changes the function. Throws Error:
/// Errc::timed_out, Errc::cancelled, or the kernel's error.
FileDescriptor lock_function(const Environment& env, const std::string& parent);
/// Does not wait: no descriptor if another process changes the function.
FileDescriptor try_lock_function(
    const Environment& env, const std::string& parent);

}
