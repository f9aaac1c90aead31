// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "store_layout.hpp"

#include <mdev/config_store.hpp>

#include <functional>
#include <utility>

namespace mdev {

struct ConfigStore::Impl {
    Environment env;

    /// find_files(), through the open directory of the lock.
    std::vector<DefinitionFile> find_files(const Uuid& uuid,
        const std::optional<std::string>& parent, const StoreLock& held) const;
    /// ConfigStore::save() of a definition whose file find_files() has found.
    /// An old file keeps its spelling of the UUID: two files of one UUID would
    /// hide each other.
    void replace(const DefinitionFile& file, const Definition& definition,
        const StoreLock& held) const;
};

/// A definition and the name of its file, if that is not the kernel's spelling
/// of the UUID. The name is empty for nearly all of them, which spares a string
/// for each of many thousands.
struct StoredDefinition {
    Definition definition;
    std::string other_spelling;

    std::filesystem::path path(const Environment& env) const
    {
        return env.definitions_directory() / definition.parent() /
            (other_spelling.empty() ? definition.uuid().string()
                                    : other_spelling);
    }
};

/// What a list of definitions consists of.
struct StoredDefinitions {
    std::vector<StoredDefinition> definitions;
    /// Whether nothing was omitted. Files that are not definitions, because
    /// their name is not a UUID or that of another file, do not count.
    bool is_complete = true;
};

using TakeStored = std::function<void(StoredDefinition stored)>;

/// Passes each of stored_definitions() to `take` as soon as it is read, so that
/// not all of them are in memory at once. Returns whether nothing was left out.
/// Throws Error if a directory cannot be read, and what `take` throws.
bool each_stored(const Environment& env, const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent, const TakeStored& take);

/// Reads what ConfigStore::all(), of_parent() and of_uuid() return, with the
/// names of the files. An invalid file is left out with a warning.
StoredDefinitions stored_definitions(const Environment& env,
    const std::optional<Uuid>& uuid, const std::optional<std::string>& parent);

/// ConfigStore::find(), with the name of the file.
std::optional<StoredDefinition> find_stored(
    const Environment& env, const Uuid& uuid, const std::string& parent);

/// Reads a file that find_files() has found, without looking for it again.
/// Nothing if it has been removed since. Throws Error if it cannot be read or
/// is invalid.
std::optional<Definition> read_definition(
    const Environment& env, const DefinitionFile& file);

/// Whether the lock file exists, that is, whether a command has ever changed
/// the store.
bool has_lock(const Environment& env);

/// Throws Error if the lock file exists and cannot be used, so that no command
/// can change the store.
void check_lock(const Environment& env);

/// While it lives, this thread runs a function of the caller that edits a
/// definition, with the store locked.
class EditInProgress {
public:
    EditInProgress() noexcept : before_(std::exchange(is_here, true)) {}
    EditInProgress(const EditInProgress&) = delete;
    EditInProgress& operator=(const EditInProgress&) = delete;
    ~EditInProgress() { is_here = before_; }

    inline static thread_local bool is_here = false;

    /// Throws Error (Errc::lock_held) if this thread runs such a function,
    /// which would wait for itself.
    static void check_is_not_here();

private:
    bool before_; ///< a dry run may be called in such a function
};

}
