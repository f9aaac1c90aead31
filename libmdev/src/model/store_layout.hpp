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

// Which files and directories of the store are definitions: everybody who looks
// into the store asks here. mdevctl.d(5) describes the layout.

/// A file's name in a parent's directory. Nearly every name is the kernel's
/// spelling of the UUID, which is not kept a second time.
struct DefinitionName {
    Uuid uuid;
    /// The file's name where it is another spelling of the UUID, else empty.
    std::string other_spelling;

    std::string name() const
    {
        return other_spelling.empty() ? uuid.string() : other_spelling;
    }
};

/// Whether the store ignores an entry without a word: its own lock, temporary
/// files, and what editors leave.
bool is_hidden(std::string_view name) noexcept;

/// Whether an entry of the store's directory holds the definitions of a parent.
bool is_parent_directory(const Entry& entry);

/// The parents that have a directory in the store, sorted bytewise.
std::vector<std::string> parents_in(const Directory& root);

/// The directories of definitions that a caller means: that of `parent`, which
/// is opened by its path and works where the store's own may not be read, or
/// all of them. Calls `look` with the name and the directory of each that
/// exists, and `fail` with the Error of each that cannot be looked at. Error
/// if the store's directory cannot be read.
void each_parent(const Environment& env,
    const std::optional<std::string>& parent,
    const std::function<void(std::string name, Directory directory)>& look,
    const std::function<void(const Error& error)>& fail);

/// What find_names() passes over, with the name of the file.
struct OddNames {
    /// Called for a file that is not named by a UUID.
    std::function<void(const std::string& name)> not_uuid;
    /// Called for a file whose UUID names another file, which counts.
    std::function<void(const std::string& name)> duplicate;
};

/// The definitions of a parent's directory, sorted by UUID. Of several
/// spellings of one UUID the kernel's counts, else the first bytewise.
std::vector<DefinitionName> find_names(
    const Directory& directory, const OddNames& odd);

/// All names of one UUID in a parent's directory, the one that counts first.
std::vector<DefinitionName> find_names(
    const Directory& directory, const Uuid& uuid);

/// The name of the file that counts for a UUID; nothing if there is none.
std::optional<std::string> find_name(
    const Directory& directory, const Uuid& uuid);

/// A definition's file as it was found: it is read, and replaced, by this
/// without a second look.
struct DefinitionFile {
    Uuid uuid;
    std::string parent;
    std::shared_ptr<const Directory> directory;
    std::string name;

    std::filesystem::path path() const { return directory->path() / name; }
};

/// The file of that UUID under each parent, or under `parent` only; sorted by
/// parent. Directories that cannot be read are logged, unless nothing is found:
/// then throws Error.
std::vector<DefinitionFile> find_files(const Environment& env, const Uuid& uuid,
    const std::optional<std::string>& parent);

/// The parents of those files.
std::vector<std::string> parents_of(const std::vector<DefinitionFile>& files);

}
