// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace mdev {

// Names come from command lines, files and directory listings, and become
// components of paths that root opens. Each name is checked once, where it
// enters the library; everything behind that point, such as Definition, relies
// on it. mdevctl 1.x did not check: `define -p ../../tmp/x` wrote outside of
// the store, and an attribute named `../../../tmp/victim` was written to as
// root.

/// The only directory in the store that does not belong to a parent: mdevctl
/// 1.x kept scripts in /etc/mdevctl.d/scripts.d, see mdevctl-callouts(7).
constexpr std::string_view deprecated_scripts = "scripts.d";

/// Whether a name is one component of a path and cannot leave its directory:
/// not empty, not `.` or `..`, no slash, no NUL byte, at most NAME_MAX bytes.
bool is_component(std::string_view name) noexcept;

/// Whether a name is a relative path of such components, for example
/// `power/control`. This function does not check symbolic links: the file is
/// opened in a way that refuses them, see Sysfs::write().
bool is_attribute_name(std::string_view name) noexcept;

/// Whether mdevctl silently ignores a file when it lists a directory: lock
/// files, temporary files, and what editors leave. `name` is not empty.
bool is_hidden(std::string_view name) noexcept;

/// Whether a directory of the store with this name can hold a parent's
/// definitions: it is neither hidden nor the directory of the scripts of 1.x.
bool can_name_parent(std::string_view component) noexcept;

/// Throws Error (Errc::invalid_name) unless the name is a component, and
/// can_name_parent().
void check_parent_name(std::string_view name);

/// Throws Error (Errc::invalid_name) unless `name` can be an mdev type.
void check_type_name(std::string_view name);

/// Whether a definition can set an attribute of this name: is_attribute_name(),
/// and not the kernel's `remove`.
bool can_name_attribute(std::string_view name) noexcept;

/// Throws Error (Errc::invalid_name) unless can_name_attribute().
void check_attribute_name(std::string_view name);

}
