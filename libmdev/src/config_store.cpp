// SPDX-License-Identifier: LGPL-2.1-or-later
#include "atomic_file.hpp"
#include "definition_impl.hpp"
#include "environment_access.hpp"
#include "kernel_error.hpp"
#include "lock_file.hpp"
#include "name.hpp"

#include <mdev/config_store.hpp>
#include <mdev/error.hpp>
#include <mdev/export.hpp>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <tuple>

namespace mdev {

struct StoreLock::Impl {
    FileDescriptor fd;
};

struct ConfigStore::Impl {
    Environment env;

    /// `unreadable` gets the errors of directories that may have one, too.
    std::vector<std::string> parents_of(
        const Uuid& uuid, std::vector<Error>& unreadable) const;
    void warn(const std::vector<Error>& errors) const;
};

namespace {

/// A file of a parent's directory, in whatever spelling of its UUID.
struct StoredFile {
    Uuid uuid;
    std::string name;

    bool is_canonical() const { return name == uuid.string(); }
};

bool operator<(const StoredFile& a, const StoredFile& b)
{
    // The kernel's spelling stands before any other of the same UUID.
    return std::make_tuple(a.uuid, !a.is_canonical(), a.name) <
        std::make_tuple(b.uuid, !b.is_canonical(), b.name);
}

bool is_hidden(const std::string& name)
{
    return name.front() == '.';
}

/// Every file that is named by a UUID, sorted; others are warned about.
std::vector<StoredFile> files_in(
    const Directory& directory, const Environment& env)
{
    std::vector<StoredFile> files;
    for (auto& entry : directory.entries()) {
        if (is_hidden(entry.name))
            continue;
        if (const auto uuid = Uuid::parse(entry.name))
            files.push_back({*uuid, std::move(entry.name)});
        else
            env.log(LogLevel::warning,
                (directory.path() / entry.name).string() +
                    " is not a definition: its name is no UUID");
    }
    std::sort(files.begin(), files.end());
    const auto last = std::unique(files.begin(), files.end(),
        [&](const StoredFile& first, const StoredFile& other) {
            if (first.uuid == other.uuid)
                env.log(LogLevel::warning,
                    (directory.path() / other.name).string() +
                        " is left out: another file is named by the same UUID");
            return first.uuid == other.uuid;
        });
    files.erase(last, files.end());
    return files;
}

/// The files of one UUID: as a rule one, in the kernel's spelling.
std::vector<StoredFile> files_of(const Directory& directory, const Uuid& uuid)
{
    std::vector<StoredFile> files;
    for (auto& entry : directory.entries())
        if (!is_hidden(entry.name) && Uuid::parse(entry.name) == uuid)
            files.push_back({uuid, std::move(entry.name)});
    std::sort(files.begin(), files.end());
    return files;
}

/// The name of the file that says what a UUID is there.
std::optional<std::string> file_of(const Directory& directory, const Uuid& uuid)
{
    auto name = uuid.string();
    if (directory.exists(name))
        return name;
    auto files = files_of(directory, uuid);
    if (files.empty())
        return {};
    return std::move(files.front().name);
}

/// Nothing if it has gone meanwhile. Throws Error for anything else.
std::optional<Definition> read(const Directory& directory,
    const StoredFile& file, const std::string& parent, const Environment& env)
{
    const auto text = directory.read(file.name, definition_limit);
    if (!text && directory.exists(file.name))
        throw kernel_error(
            ENOENT, "Cannot follow the link", directory.path(), file.name);
    if (!text)
        return {};
    return DefinitionAccess::parse(*text, file.uuid, parent,
        (directory.path() / file.name).string(), UnknownStart::manual,
        [&](LogLevel level, const std::string& note) { env.log(level, note); });
}

/// Appends what can be read; warns about what cannot.
void append(std::vector<Definition>& definitions, const Directory& directory,
    const StoredFile& file, const std::string& parent, const Environment& env)
try {
    if (auto definition = read(directory, file, parent, env))
        definitions.push_back(std::move(*definition));
} catch (const Error& error) {
    env.log(LogLevel::warning, error.what());
}

/// The names of all directories of definitions, sorted.
std::vector<std::string> parents_in(const Directory& root)
{
    std::vector<std::string> parents;
    for (auto& entry : root.entries())
        if (entry.kind != EntryKind::file && !is_hidden(entry.name) &&
            entry.name != "scripts.d")
            parents.push_back(std::move(entry.name));
    std::sort(parents.begin(), parents.end());
    return parents;
}

/// Nothing if it is no directory, and, with a warning, if it cannot be opened.
std::optional<Directory> find_listed(
    const Directory& root, const std::string& name, const Environment& env)
try {
    return root.find(name);
} catch (const Error& error) {
    env.log(LogLevel::warning, error.what());
    return {};
}

void append_all(std::vector<Definition>& definitions,
    const Directory& directory, const std::string& parent,
    const Environment& env)
try {
    for (const auto& file : files_in(directory, env))
        append(definitions, directory, file, parent, env);
} catch (const Error& error) {
    env.log(LogLevel::warning, error.what());
}

/// The directory of a parent, which goes away again unless something is in it.
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

    Directory open() const
    {
        if (made_)
            sync(root_);
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

std::vector<std::string> ConfigStore::Impl::parents_of(
    const Uuid& uuid, std::vector<Error>& unreadable) const
{
    std::vector<std::string> parents;
    const auto root = Directory::at(env.definitions_directory());
    if (!root)
        return parents;
    for (auto& parent : parents_in(*root))
        try {
            const auto directory = root->find(parent);
            if (directory && file_of(*directory, uuid))
                parents.push_back(std::move(parent));
        } catch (const Error& error) {
            unreadable.push_back(error);
        }
    return parents;
}

void ConfigStore::Impl::warn(const std::vector<Error>& errors) const
{
    for (const auto& error : errors)
        env.log(LogLevel::warning, error.what());
}

StoreLock::StoreLock(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API ConfigStore::ConfigStore(const Environment& env)
    : impl_(std::make_shared<const Impl>(Impl{env}))
{
}

MDEV_API std::vector<Definition> ConfigStore::all() const
{
    std::vector<Definition> definitions;
    const auto root = Directory::at(impl_->env.definitions_directory());
    if (!root)
        return definitions;
    for (const auto& parent : parents_in(*root))
        if (const auto directory = find_listed(*root, parent, impl_->env))
            append_all(definitions, *directory, parent, impl_->env);
    return definitions;
}

MDEV_API std::vector<Definition> ConfigStore::under(
    std::string_view parent) const
{
    check_parent_name(parent);
    std::vector<Definition> definitions;
    const std::string name(parent);
    const auto directory =
        Directory::at(impl_->env.definitions_directory() / name);
    if (directory)
        append_all(definitions, *directory, name, impl_->env);
    return definitions;
}

MDEV_API std::vector<Definition> ConfigStore::all_of(const Uuid& uuid) const
{
    std::vector<Definition> definitions;
    std::vector<Error> unreadable;
    const auto parents = impl_->parents_of(uuid, unreadable);
    impl_->warn(unreadable);
    for (const auto& parent : parents)
        try {
            if (auto definition = find(uuid, parent))
                definitions.push_back(std::move(*definition));
        } catch (const Error& error) {
            impl_->env.log(LogLevel::warning, error.what());
        }
    return definitions;
}

MDEV_API std::vector<std::string> ConfigStore::parents_of(
    const Uuid& uuid) const
{
    std::vector<Error> unreadable;
    auto parents = impl_->parents_of(uuid, unreadable);
    if (parents.empty() && !unreadable.empty())
        throw unreadable.front();
    impl_->warn(unreadable);
    return parents;
}

MDEV_API std::optional<Definition> ConfigStore::find(
    const Uuid& uuid, std::string_view parent) const
{
    check_parent_name(parent);
    const std::string name(parent);
    const auto directory =
        Directory::at(impl_->env.definitions_directory() / name);
    if (!directory)
        return {};
    auto file = file_of(*directory, uuid);
    if (!file)
        return {};
    return read(*directory, {uuid, std::move(*file)}, name, impl_->env);
}

MDEV_API StoreLock ConfigStore::lock() const
{
    const auto& env = impl_->env;
    const auto path = env.definitions_directory();
    if (EnvironmentAccess::lock_held(env))
        throw Error(Errc::lock_held, path.string(),
            "Cannot lock " + path.string() +
                ": the command that runs this script holds its lock");
    const auto root = Directory::make(path);
    return StoreLock(
        std::make_shared<const StoreLock::Impl>(StoreLock::Impl{lock_file(root,
            ".lock", env.lock_timeout(), EnvironmentAccess::cancel(env))}));
}

MDEV_API void ConfigStore::add(
    const Definition& definition, const StoreLock&) const
{
    const auto root = Directory::make(impl_->env.definitions_directory());
    const ParentDirectory parent(root, definition.parent());
    const auto directory = parent.open();
    const auto uuid = definition.uuid();
    if (file_of(directory, uuid) ||
        !create_file(directory, uuid.string(), definition.json()))
        throw Error(Errc::already_defined, uuid.string(),
            "Device " + uuid.string() + " on " + definition.parent() +
                " is already defined");
}

MDEV_API void ConfigStore::save(
    const Definition& definition, const StoreLock& held) const
{
    const auto directory =
        Directory::at(impl_->env.definitions_directory() / definition.parent());
    const auto file =
        directory ? file_of(*directory, definition.uuid()) : std::nullopt;
    if (file)
        replace_file(*directory, *file, definition.json());
    else
        add(definition, held);
}

MDEV_API bool ConfigStore::erase(
    const Uuid& uuid, std::string_view parent, const StoreLock&) const
{
    check_parent_name(parent);
    const std::string name(parent);
    const auto root = Directory::at(impl_->env.definitions_directory());
    const auto directory = root ? root->find(name) : std::nullopt;
    if (!directory)
        return false;
    // What may fail comes before what cannot be taken back.
    const auto files = files_of(*directory, uuid);
    remove_leftover(*directory);
    bool erased = false;
    for (const auto& file : files)
        erased = remove_file(*directory, file.name) || erased;
    // Not waited for: a directory that comes back empty means nothing.
    unlinkat(root->number(), name.c_str(), AT_REMOVEDIR);
    return erased;
}

MDEV_API std::filesystem::path ConfigStore::path(
    const Uuid& uuid, std::string_view parent) const
{
    check_parent_name(parent);
    return impl_->env.definitions_directory() / parent / uuid.string();
}

}
