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

// Reads and writes /etc/mdevctl.d, see mdevctl.d(5). store_layout.hpp decides
// which files are definitions, and atomic_file.hpp changes a file; this file
// adds the lock and what an invalid file means: a list leaves it out with a
// warning, a question for this one definition throws.
//
// Writers exclude each other for the whole store: `modify` must read, change
// and write under one lock, or one of two concurrent changes would be lost.

/// Hidden, so that no reader takes the file for a parent.
constexpr const char* lock_name = ".lock";

struct StoreLock::Impl {
    Directory root;
    FileDescriptor fd;

    /// Throws Error unless `held` excludes all other writers of the store in
    /// `root`.
    static void check(const Impl* held, const Directory& root)
    {
        const auto path = root.path().string();
        const auto sentence = "Cannot change the definitions in " + path;
        if (!held || !held->root.is_same(root))
            throw Error({EINVAL, std::system_category()}, {}, path,
                sentence + ": the lock that is held is not that of this store");
        // Otherwise another process may have taken the lock, and changed what
        // this one has read.
        if (!is_name_of(held->fd.number(), root, lock_name))
            throw Error({ESTALE, std::system_category()}, {}, path,
                sentence + ": " + (root.path() / lock_name).string() +
                    " was removed while this command held it; repeat the "
                    "command");
    }
};

namespace {

void leave_out(
    StoredDefinitions& list, const Error& error, const Environment& env)
{
    list.is_complete = false;
    env.log(LogLevel::warning, error.what());
}

/// Reads the definitions of one parent. One buffer serves all files. Readers
/// take no lock: atomic_file.hpp guarantees complete files.
class ParentReader {
public:
    ParentReader(const Directory& directory, const std::string& parent,
        const Environment& env)
        : directory_(directory),
          parent_(parent),
          env_(env)
    {
    }

    /// Nothing if the file has been removed in the meantime. A link that leads
    /// nowhere is an error and not an absence: the definition was meant to
    /// exist.
    std::optional<Definition> read(const Uuid& uuid, const std::string& name)
    {
        if (!directory_.read(name.c_str(), definition_limit, content_)) {
            if (directory_.exists(name))
                throw kernel_error(
                    ENOENT, "Cannot follow the link", directory_.path(), name);
            return {};
        }
        return parsed(uuid, name);
    }

    /// The definition of a UUID in any spelling. The kernel's spelling is tried
    /// first; only if that file does not exist is the directory searched.
    std::optional<StoredDefinition> find(const Uuid& uuid)
    {
        const auto usual = uuid.string();
        if (directory_.read(usual.c_str(), definition_limit, content_))
            return StoredDefinition{parsed(uuid, usual), {}};
        const auto names = find_names(directory_, uuid);
        if (names.empty())
            return {};
        return read(names.front());
    }

    /// Appends every valid definition and warns of the others: one broken file
    /// must not hide the rest.
    void append_all(StoredDefinitions& list)
    try {
        const auto names = find_names(directory_,
            {[&](const auto& name) {
                 warn(name, "is not a definition: its name is no UUID");
             },
                [&](const auto& name) {
                    warn(name,
                        "is left out: another file is named by the same UUID");
                }});
        list.definitions.reserve(list.definitions.size() + names.size());
        for (const auto& name : names)
            append(list, [&] { return read(name); });
    } catch (const Error& error) {
        leave_out(list, error, env_);
    }

    void append_found(StoredDefinitions& list, const Uuid& uuid)
    {
        append(list, [&] { return find(uuid); });
    }

private:
    std::optional<StoredDefinition> read(const DefinitionName& name)
    {
        auto definition = read(name.uuid, name.name());
        if (!definition)
            return {};
        return StoredDefinition{std::move(*definition), name.other_spelling};
    }

    Definition parsed(const Uuid& uuid, const std::string& name) const
    {
        return parse_definition(
            content_, uuid, parent_,
            [&] { return (directory_.path() / name).string(); },
            UnknownStart::manual,
            [&](LogLevel level, const std::string& note) {
                env_.log(level, note);
            });
    }

    template <class Read> void append(StoredDefinitions& list, Read read)
    try {
        if (auto definition = read())
            list.definitions.push_back(std::move(*definition));
    } catch (const Error& error) {
        leave_out(list, error, env_);
    }

    void warn(const std::string& name, const char* what)
    {
        env_.log(LogLevel::warning,
            (directory_.path() / name).string() + " " + what);
    }

    const Directory& directory_;
    const std::string& parent_;
    const Environment& env_;
    std::string content_; // of one file after the other
};

std::vector<Definition> without_names(StoredDefinitions stored)
{
    std::vector<Definition> definitions;
    definitions.reserve(stored.definitions.size());
    for (auto& one : stored.definitions)
        definitions.push_back(std::move(one.definition));
    return definitions;
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

StoredDefinitions stored_definitions(const Environment& env,
    const std::optional<Uuid>& uuid, const std::optional<std::string>& parent)
{
    StoredDefinitions list;
    each_parent(
        env, parent,
        [&](const std::string& name, const Directory& directory) {
            ParentReader reader(directory, name, env);
            if (uuid)
                reader.append_found(list, *uuid);
            else
                reader.append_all(list);
        },
        [&](const Error& error) {
            if (parent)
                throw error;
            leave_out(list, error, env);
        });
    return list;
}

std::optional<StoredDefinition> find_stored(
    const Environment& env, const Uuid& uuid, const std::string& parent)
{
    check_parent_name(parent);
    const auto directory = Directory::at(env.definitions_directory() / parent);
    if (!directory)
        return {};
    return ParentReader(*directory, parent, env).find(uuid);
}

std::optional<Definition> read_definition(
    const Environment& env, const DefinitionFile& file)
{
    return ParentReader(*file.directory, file.parent, env)
        .read(file.uuid, file.name);
}

bool has_lock(const Environment& env)
{
    const auto root = Directory::at(env.definitions_directory());
    return root && root->exists(lock_name);
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
    const auto& env = impl_->env;
    const auto path = env.definitions_directory();
    if (is_lock_held_by_caller(env))
        throw Error(Errc::lock_held, path.string(),
            "Cannot lock " + path.string() +
                ": the command that runs this script holds its lock");
    auto root = Directory::make(path);
    auto fd = lock_file(
        root, lock_name, Deadline(env.lock_timeout()), cancellation(env));
    return StoreLock(std::make_shared<const StoreLock::Impl>(
        StoreLock::Impl{std::move(root), std::move(fd)}));
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
    const auto root = Directory::at(impl_->env.definitions_directory());
    const auto directory =
        root ? root->find(definition.parent()) : std::nullopt;
    const auto file =
        directory ? find_name(*directory, definition.uuid()) : std::nullopt;
    // An old file keeps its spelling of the UUID: two files of one UUID would
    // hide each other.
    if (!file)
        return add(definition, held);
    StoreLock::Impl::check(held.impl_.get(), *root);
    replace_file(*directory, *file, file_text(definition),
        [&](const std::string& sentence) {
            impl_->env.log(LogLevel::warning, sentence);
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
    // removed: otherwise the next one would take the place of the first.
    const auto names = find_names(*directory, uuid);
    remove_leftover(*directory);
    bool erased = false;
    for (const auto& file : names)
        erased = remove_file(*directory, file.name()) || erased;
    // The parent's directory, if it is empty now. Not synced: an empty
    // directory that reappears after a crash means nothing.
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
    return path / name.value_or(uuid.string());
}

}
