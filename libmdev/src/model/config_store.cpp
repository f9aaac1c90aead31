// SPDX-License-Identifier: LGPL-2.1-or-later
#include "atomic_file.hpp"
#include "config_store_impl.hpp"
#include "definition_impl.hpp"
#include "environment_impl.hpp"
#include "kernel_error.hpp"
#include "lock_file.hpp"
#include "name.hpp"

#include <mdev/config_store.hpp>
#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

namespace mdev {

// The store in /etc/mdevctl.d, see mdevctl.d(5). store_layout.hpp decides which
// files are definitions, stored_definitions.cpp reads them, and atomic_file.hpp
// changes a file; this file adds the lock.
//
// Writers exclude each other for the whole store: `modify` must read, change
// and write under one lock, or one of two concurrent changes would be lost.

namespace {

/// Hidden, so that no reader takes the file for a parent.
constexpr const char* lock_name = ".lock";

}

struct StoreLock::Impl {
    Directory root;
    LockedFile file;

    /// Throws Error unless `held` excludes all other writers of the store in
    /// `root`. One check suffices: the locked store is the store whose lock
    /// file this is.
    static void check(const Impl* held, const Directory& root)
    {
        if (!held || !is_name_of(held->file.id, root, lock_name))
            refuse(held, root);
    }
    /// check(), without opening the store.
    static void check(const Impl* held, const std::filesystem::path& store)
    {
        if (!held ||
            !is_name_of(held->file.id, Directory::working(), store / lock_name))
            refuse(held, Directory::make(store));
    }

private:
    [[noreturn]] static void refuse(const Impl* held, const Directory& root)
    {
        const auto path = root.path().string();
        const auto sentence = "Cannot change the definitions in " + path;
        if (!held || !held->root.is_same(root))
            throw Error({EINVAL, std::system_category()}, {}, path,
                sentence + ": the lock belongs to another store");
        // Another process may have taken the lock, and changed what this one
        // has read.
        throw Error({ESTALE, std::system_category()}, {}, path,
            sentence + ": " + (root.path() / lock_name).string() +
                " was removed while this command held it; repeat the command");
    }
};

namespace {

std::vector<Definition> without_names(StoredDefinitions stored)
{
    std::vector<Definition> definitions;
    definitions.reserve(stored.definitions.size());
    for (auto& one : stored.definitions)
        definitions.push_back(std::move(one.definition));
    return definitions;
}

void log_change(const Environment& env, const std::string& what,
    const Directory& directory, const std::string& name)
{
    env.log(LogLevel::debug, what + (directory.path() / name).string());
}

/// The directory of a parent, created if necessary. A directory that was
/// created is removed again, unless a file has been put into it: rmdir(2) fails
/// then, so that no check is needed.
class ParentDirectory {
public:
    ParentDirectory(const Directory& root, std::string name)
        : root_(root),
          name_(std::move(name)),
          made_(mkdirat(root.number(), name_.c_str(), 0755) == 0)
    {
        if (!made_ && errno != EEXIST)
            throw kernel_error("Cannot create directory", root.path(), name_);
    }
    ParentDirectory(const ParentDirectory&) = delete;
    ParentDirectory& operator=(const ParentDirectory&) = delete;
    ~ParentDirectory()
    {
        if (made_)
            unlinkat(root_.number(), name_.c_str(), AT_REMOVEDIR);
    }

    bool is_new() const noexcept { return made_; }

    Directory open() const
    {
        // The name of the new directory must be on disk before the file in it:
        // otherwise a crash could lose both.
        if (made_)
            root_.sync();
        if (auto directory = root_.find(name_))
            return std::move(*directory);
        throw kernel_error(
            ENOTDIR, "Cannot open directory", root_.path(), name_);
    }

private:
    const Directory& root_;
    std::string name_;
    bool made_;
};

}

StoreLock::StoreLock(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API ConfigStore::ConfigStore(const Environment& env)
    : impl_(std::make_shared<const Impl>(Impl{env}))
{
}

void EditInProgress::check_is_not_here()
{
    if (is_here)
        throw Error(Errc::lock_held, "",
            "a function that edits a definition cannot call commands: the "
            "store is locked until the function returns");
}

bool has_lock(const Environment& env)
{
    struct stat status {};
    return lstat((env.definitions_directory() / lock_name).c_str(), &status) ==
        0;
}

void check_lock(const Environment& env)
{
    if (const auto root = Directory::at(env.definitions_directory()))
        check_lock_file(*root, lock_name);
}

MDEV_API std::vector<Definition> ConfigStore::all() const
{
    return without_names(stored_definitions(impl_->env, {}, {}));
}

MDEV_API std::vector<Definition> ConfigStore::of_parent(
    std::string_view parent) const
{
    return without_names(
        stored_definitions(impl_->env, {}, std::string(parent)));
}

MDEV_API std::vector<Definition> ConfigStore::of_uuid(const Uuid& uuid) const
{
    return without_names(stored_definitions(impl_->env, uuid, {}));
}

MDEV_API std::vector<std::string> ConfigStore::parents_of(
    const Uuid& uuid) const
{
    return mdev::parents_of(find_files(impl_->env, uuid, {}));
}

MDEV_API std::optional<Definition> ConfigStore::find(
    const Uuid& uuid, std::string_view parent) const
{
    auto stored = find_stored(impl_->env, uuid, std::string(parent));
    if (!stored)
        return {};
    return std::move(stored->definition);
}

MDEV_API StoreLock ConfigStore::lock() const
{
    EditInProgress::check_is_not_here();
    const auto& env = impl_->env;
    const auto path = env.definitions_directory();
    auto root = Directory::make(path);
    auto file = lock_file(root, lock_name, Deadline(env.lock_timeout()),
        cancellation(env),
        may_be_locked_by_caller(env) ? LockHolder::ancestor
                                     : LockHolder::anybody,
        [&env](const auto& wait) { env.log(LogLevel::info, wait); });
    return StoreLock(std::make_shared<const StoreLock::Impl>(
        StoreLock::Impl{std::move(root), std::move(file)}));
}

MDEV_API void ConfigStore::add(
    const Definition& definition, const StoreLock& held) const
{
    const auto text = file_text(definition);
    const auto root = Directory::make(impl_->env.definitions_directory());
    StoreLock::Impl::check(held.impl_.get(), root);
    const ParentDirectory parent(root, definition.parent());
    const auto directory = parent.open();
    const auto uuid = definition.uuid();
    log_change(
        impl_->env, "Writing " + text + " to ", directory, uuid.string());
    // create_file() alone would not see a file of another spelling of the UUID.
    if ((!parent.is_new() && find_name(directory, uuid)) ||
        !create_file(directory, uuid.string(), text))
        throw Error(Errc::already_defined, uuid.string(),
            "Device " + uuid.string() + " on " + definition.parent() +
                " is already defined");
}

MDEV_API void ConfigStore::save(
    const Definition& definition, const StoreLock& held) const
{
    const auto files =
        find_files(impl_->env, definition.uuid(), definition.parent());
    if (files.empty())
        return add(definition, held);
    impl_->replace(files.front(), definition, held);
}

std::vector<DefinitionFile> ConfigStore::Impl::find_files(const Uuid& uuid,
    const std::optional<std::string>& parent, const StoreLock& held) const
{
    return mdev::find_files(env, uuid, parent, &held.impl_->root);
}

void ConfigStore::Impl::replace(const DefinitionFile& file,
    const Definition& definition, const StoreLock& held) const
{
    StoreLock::Impl::check(held.impl_.get(), env.definitions_directory());
    const auto text = file_text(definition);
    log_change(env, "Writing " + text + " to ", *file.directory, file.name);
    replace_file(
        *file.directory, file.name, text, [&](const std::string& sentence) {
            env.log(LogLevel::warning, sentence);
        });
}

MDEV_API bool ConfigStore::erase(
    const Uuid& uuid, std::string_view parent, const StoreLock& held) const
{
    check_parent_name(parent);
    const std::string name(parent);
    const auto root = Directory::at(impl_->env.definitions_directory());
    if (root)
        StoreLock::Impl::check(held.impl_.get(), *root);
    const auto directory = root ? root->find(name) : std::nullopt;
    if (!directory)
        return false;
    // Reading the directory and removing a left-over file may fail; the removal
    // of the definition cannot be undone, so it comes last. All spellings are
    // removed: otherwise the next one would replace the first.
    const auto names = find_names(*directory, uuid);
    remove_leftover(*directory);
    bool erased = false;
    for (const auto& file : names) {
        log_change(impl_->env, "Removing ", *directory, file.name());
        erased = remove_file(*directory, file.name()) || erased;
    }
    // The parent's directory, if it is empty now. Not synced: an empty
    // directory that reappears after a crash is harmless.
    unlinkat(root->number(), name.c_str(), AT_REMOVEDIR);
    return erased;
}

MDEV_API std::filesystem::path ConfigStore::path(
    const Uuid& uuid, std::string_view parent) const
{
    check_parent_name(parent);
    const auto path = impl_->env.definitions_directory() / parent;
    const auto directory = Directory::at(path);
    const auto name = directory ? find_name(*directory, uuid) : std::nullopt;
    return path / (name ? name->name() : uuid.string());
}

}
