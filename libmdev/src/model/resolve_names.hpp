// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/parent_device.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

// Names as people and other tools write them; see ParentDevice::resolve().
// Commands take exact names only, with a suggestion in the error: a command has
// a user who can correct it, while a host state is written once for hosts that
// differ.

/// Returns the name of the parent that a path leads to: its last component, or
/// `spelling` itself if it is not an absolute path.
std::string without_directories(std::string_view spelling);

/// Returns the kernel's name of the parent as far as the text alone tells it:
/// `pci_0000_00_02_0` and `00:02.0` are `0000:00:02.0`. Any other text is
/// returned as it is. `name` has no directories.
std::string canonical_parent_name(std::string name);

/// Returns the types whose id or vendor's name is `spelling`; if there are
/// none, those with another letter case.
std::vector<MdevType> types_called(
    std::string_view spelling, const std::vector<MdevType>& types);

/// Resolves the names of many devices. The kernel is asked once for each parent
/// and type, because a host state may have hundreds of devices of one parent.
class NameResolver {
public:
    explicit NameResolver(const Environment& env);

    /// Returns the kernel's name of a parent; canonical_parent_name() if the
    /// kernel has no such parent, which may appear later. Throws Error:
    /// Errc::ambiguous, Errc::invalid_name.
    const std::string& parent(const std::string& spelling);
    /// Returns the id of a type of the parent that parent() was called with.
    /// Text that may be an id, of a type that the parent does not offer, is
    /// returned as it is. Throws Error: Errc::ambiguous, Errc::no_such_type.
    const std::string& type_id(
        const std::string& spelling, const std::string& parent_spelling);

private:
    struct Parent {
        std::string name;
        std::optional<ParentDevice> device;
        std::optional<std::vector<MdevType>> types;
        std::map<std::string, std::string> type_ids;
    };

    Parent& resolve(const std::string& spelling);
    static std::string find_type_id(
        const std::string& spelling, Parent& parent);

    Environment env_;
    std::optional<std::vector<ParentDevice>> all_;
    std::map<std::string, Parent> parents_;
};

}
