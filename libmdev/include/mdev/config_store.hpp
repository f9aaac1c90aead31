// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/environment.hpp>
#include <mdev/uuid.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// The store lock: excludes every other writer of the store, in this and in
/// other processes, until the last copy is destroyed.
class StoreLock {
private:
    friend class ConfigStore;
    struct Impl;
    explicit StoreLock(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// The definitions on disk: `/etc/mdevctl.d/PARENT/UUID`, one JSON file each,
/// named by its UUID in any letter case.
///
/// Readers never wait: they see either the old or the new definition. Functions
/// that write take the StoreLock as proof that it is held. They throw Error
/// with nothing changed: (EINVAL) for the lock of another store, or (ESTALE) if
/// the lock's file has been removed since. Any thread may use any copy.
class ConfigStore {
public:
    /// Accesses no file. A store that does not exist is an empty one.
    explicit ConfigStore(const Environment& env);

    /// Every definition, sorted by parent (bytewise) and UUID. Invalid files
    /// are omitted with a warning in the log. Throws Error if the store's
    /// directory cannot be read.
    std::vector<Definition> all() const;
    /// The definitions of one parent, sorted by UUID. Throws Error if the
    /// parent's directory cannot be read.
    std::vector<Definition> of_parent(std::string_view parent) const;
    /// The definitions of one UUID, of which each parent may have one, sorted
    /// by parent. Throws Error if the store's directory cannot be read.
    std::vector<Definition> of_uuid(const Uuid& uuid) const;
    /// The parents that have a file of that UUID, valid or invalid; sorted.
    /// Throws Error if no file is found and a directory cannot be read.
    std::vector<std::string> parents_of(const Uuid& uuid) const;
    /// The definition of that UUID under that parent; nothing if there is none.
    /// Throws Error if its file cannot be read or is invalid.
    std::optional<Definition> find(
        const Uuid& uuid, std::string_view parent) const;

    /// Takes the store lock; waits for other writers up to the environment's
    /// lock timeout. Throws Error: Errc::timed_out, which names the holder,
    /// Errc::cancelled, or Errc::lock_held.
    StoreLock lock() const;
    /// Adds a definition. Throws Error (Errc::already_defined, or the kernel's
    /// error); then nothing has changed.
    void add(const Definition& definition, const StoreLock& held) const;
    /// Adds a definition or replaces the one with the same UUID and parent.
    /// Throws Error.
    void save(const Definition& definition, const StoreLock& held) const;
    /// Removes a definition, and the parent's directory if that is empty
    /// afterwards. Returns false if there was none. Throws Error.
    bool erase(
        const Uuid& uuid, std::string_view parent, const StoreLock& held) const;

    /// The file of a definition; if there is none, the file that add() would
    /// create.
    std::filesystem::path path(const Uuid& uuid, std::string_view parent) const;

private:
    friend struct Access;
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

}
