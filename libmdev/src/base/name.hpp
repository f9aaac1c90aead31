// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <string>
#include <string_view>

namespace mdev {

// Names come from command lines, files and listings, and become paths that
// root opens: each is checked once, where it enters.

/// In the store's directory, but not a parent: 1.x's place for scripts.
constexpr std::string_view deprecated_scripts = "scripts.d";

/// A name that is one component of a path and stays in its directory.
bool is_component(std::string_view name) noexcept;

/// A relative path of such components, as `power/control`.
bool is_attribute_name(std::string_view name) noexcept;

/// Throws Error (Errc::invalid_name) unless definitions may be kept under it.
void check_parent_name(std::string_view name);

/// Throws Error (Errc::invalid_name) unless `name` can be an mdev type.
void check_type_name(std::string_view name);

/// Throws Error (Errc::invalid_name) unless `name` can be an attribute.
void check_attribute_name(std::string_view name);

}
