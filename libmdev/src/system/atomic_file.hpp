// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"
#include "file_attributes.hpp"

#include <string>
#include <string_view>

namespace mdev {

// Creates, replaces and removes whole files so that a reader always sees either
// the old or the new file, complete, even after a crash of the host.
//
// A new content is written and synced under no name, or a hidden temporary one,
// and gets its name in one step; then the directory is synced. Creating and
// replacing differ: link(2) fails if the name is taken, which makes EEXIST the
// answer to "already defined" without a check that could race, whereas only
// rename(2) can replace. Watchers of the name, such as libvirt, see one event.
//
// Writers of one directory must exclude each other, because the temporary name
// is the same for all of them. Readers need no lock.

/// Creates a file. Returns false if the name is taken. If it throws Error,
/// nothing has changed.
bool create_file(const Directory& directory, const std::string& name,
    std::string_view content);

/// Replaces the content of `name`, or creates it. The new file has the owner,
/// mode, ACL and other extended attributes of the old one; `warn` is called
/// with a sentence for each that is lost, see FileAttributes. A symbolic link
/// is replaced by a file; the link's target is not touched. If it throws Error,
/// the message says so where the replacement has been made nevertheless, but
/// may not survive a crash.
void replace_file(const Directory& directory, const std::string& name,
    std::string_view content, const Warning& warn);

/// Removes a name durably. Returns false if the name does not exist.
bool remove_file(const Directory& directory, const std::string& name);

/// Removes the temporary file that a killed writer may have left in
/// `directory`. The caller must exclude other writers, whose temporary file
/// this could be.
void remove_leftover(const Directory& directory);

}
