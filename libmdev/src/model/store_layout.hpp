// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"

#include <mdev/environment.hpp>
#include <mdev/error.hpp>
#include <mdev/uuid.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

// Which files and directories of the store are definitions. Everything that
// looks into the store (lists, commands, monitor, doctor) asks here, so that
// all agree. mdevctl.d(5) describes the layout: PARENT/UUID, without hidden
// names and without `scripts.d`.
//
// mdevctl writes the kernel's spelling of a UUID, lower case and hyphenated.
// Other spellings, which an administrator may have typed, are read. If a
// directory has several spellings of one UUID, the kernel's counts, else the
// first bytewise: the choice must not depend on the order of the directory.

/// The name of a file in a parent's directory.
struct DefinitionName {
    Uuid uuid;
    EntryKind kind;
    /// The file's name if it is another spelling of the UUID, else empty:
    /// nearly all are.
    std::string other_spelling;

    std::string name() const
    {
        return other_spelling.empty() ? uuid.string() : other_spelling;
    }
};

/// Whether an entry of the store's directory holds the definitions of a parent.
/// It may be a link to a directory.
bool is_parent_directory(const Entry& entry);

/// The parents that have a directory in the store, sorted bytewise. The parents
/// need not exist in the kernel.
std::vector<std::string> parents_in(const Directory& root);

/// Visits the directory of `parent`, or those of all parents. Calls `look` for
/// each directory that exists and `fail` for each that cannot be opened. Throws
/// Error if the store's directory cannot be read, and what `look` throws.
///
/// The directory of `parent` is opened by its path: a user may be allowed to
/// read one parent's directory and not the store's. `store` is the store's
/// directory, if it is open already.
void each_parent(const Environment& env,
    const std::optional<std::string>& parent,
    const std::function<void(std::string name, Directory directory)>& look,
    const std::function<void(const Error& error)>& fail,
    const Directory* store = nullptr);

/// What to do with the files that find_names() leaves out.
struct OddNames {
    /// Called for a file whose name is not a UUID.
    std::function<void(const std::string& name)> not_uuid;
    /// Called for a file if another spelling of its UUID counts.
    std::function<void(const std::string& name)> duplicate;
};

/// The definitions of a parent's directory, sorted by UUID. Of several
/// spellings of one UUID the kernel's counts, else the first bytewise.
std::vector<DefinitionName> find_names(
    const Directory& directory, const OddNames& odd);

/// All names of one UUID in a parent's directory, the one that counts first.
std::vector<DefinitionName> find_names(
    const Directory& directory, const Uuid& uuid);

/// The name of the file that counts for a UUID; nothing if the UUID is not
/// defined.
std::optional<DefinitionName> find_name(
    const Directory& directory, const Uuid& uuid);

/// A file that was found. It is read and replaced through the open directory,
/// without a second search.
struct DefinitionFile {
    Uuid uuid;
    std::string parent;
    std::shared_ptr<const Directory> directory;
    std::string name;
    EntryKind kind;

    std::filesystem::path path() const { return directory->path() / name; }
};

/// The files of a UUID under all parents, or under `parent` only, sorted by
/// parent. Directories that cannot be read are logged. Throws Error if no file
/// is found and a directory could not be read: "not defined" would be a guess
/// then. `store` is as for each_parent().
std::vector<DefinitionFile> find_files(const Environment& env, const Uuid& uuid,
    const std::optional<std::string>& parent, const Directory* store = nullptr);

/// The parents of the files, in the same order.
std::vector<std::string> parents_of(const std::vector<DefinitionFile>& files);

}
