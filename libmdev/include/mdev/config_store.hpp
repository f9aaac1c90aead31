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

/// Excludes every other writer of the store, in this and other processes, as
/// long as a copy of it lives.
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
/// Readers wait for nobody: at every instant they see each definition's old
/// file or its new one, whole. Writers hold the lock, which `save` and `erase`
/// ask to be shown. Any thread may use any copy.
class ConfigStore {
public:
    /// Touches nothing; a store that is not there is an empty one.
    explicit ConfigStore(const Environment& env);

    /// Every definition, sorted by parent (bytewise) and UUID. A file that
    /// cannot be understood is left out with a warning in the log. Throws
    /// Error if the store's directory cannot be read.
    std::vector<Definition> all() const;
    /// The same for the definitions of one parent.
    std::vector<Definition> of_parent(std::string_view parent) const;
    /// The same for the definitions of one UUID, of which each parent may have
    /// one.
    std::vector<Definition> of_uuid(const Uuid& uuid) const;
    /// The parents that have a file of that UUID, good or broken; sorted.
    /// Throws Error if none is found, but a directory cannot be read.
    std::vector<std::string> parents_of(const Uuid& uuid) const;
    /// Nothing if that UUID is not defined there. Throws Error if it is, but
    /// its file cannot be read or understood.
    std::optional<Definition> find(
        const Uuid& uuid, std::string_view parent) const;

    /// Waits for the other writers, at most as long as the environment says.
    /// Throws Error: Errc::timed_out, which names the holder.
    StoreLock lock() const;
    /// Adds a definition. Throws Error: Errc::already_defined, or what the
    /// kernel said; then nothing has changed.
    void add(const Definition& definition, const StoreLock& held) const;
    /// Adds a definition or puts it in the old one's place.
    void save(const Definition& definition, const StoreLock& held) const;
    /// Removes a definition, and the parent's directory when that leaves it
    /// empty; false if there was none.
    bool erase(
        const Uuid& uuid, std::string_view parent, const StoreLock& held) const;

    /// The file of a definition; if there is none, the file that add() would
    /// make.
    std::filesystem::path path(const Uuid& uuid, std::string_view parent) const;

private:
    friend struct Access;
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

}
