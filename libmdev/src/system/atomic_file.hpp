// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"

#include <string>
#include <string_view>

namespace mdev {

// Whole files, on disk before they have their name. Writers of one directory
// must exclude each other; readers need nothing.

/// Writes a new file; false if that name is taken. Where it throws Error,
/// nothing has changed.
bool create_file(const Directory& directory, const std::string& name,
    std::string_view content);

/// Puts a new content in the place of `name`: whoever opens it sees the old
/// one or the new one, whole. Keeps the mode and owner of the file it
/// replaces; a symbolic link is replaced, what it points to is not touched.
void replace_file(const Directory& directory, const std::string& name,
    std::string_view content);

/// Removes a name, and for good; false if there is none.
bool remove_file(const Directory& directory, const std::string& name);

/// Makes the names in a directory, as they are now, outlast a crash.
void sync(const Directory& directory);

/// Removes what a writer that was killed may have left in `directory`.
void remove_leftover(const Directory& directory);

}
