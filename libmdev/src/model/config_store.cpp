// SPDX-License-Identifier: LGPL-2.1-or-later
#include "atomic_file.hpp"
#include "config_store_impl.hpp"
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
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

namespace mdev {

struct StoreLock::Impl {
    FileDescriptor fd;
};

struct ConfigStore::Impl {
    Environment env;
};

namespace {

/// A file of a parent's directory. As a rule its name is the kernel's spelling
/// of its UUID, and is not kept.
struct StoredFile {
    Uuid uuid;
    std::string odd_name;

    std::string name() const
    {
        return odd_name.empty() ? uuid.string() : odd_name;
    }
};

bool operator<(const StoredFile& a, const StoredFile& b)
{
    // The kernel's spelling stands before any other of the same UUID.
    const int order = std::memcmp(
        a.uuid.bytes().data(), b.uuid.bytes().data(), a.uuid.bytes().size());
    return order == 0 ? a.odd_name < b.odd_name : order < 0;
}

bool is_hidden(std::string_view name)
{
    return name.front() == '.';
}

/// Whether the name of a UUID is in the kernel's spelling.
bool is_usual(std::string_view name)
{
    constexpr std::size_t hyphenated_length = 36;
    return name.size() == hyphenated_length &&
        std::none_of(name.begin(), name.end(),
            [](char c) { return c >= 'A' && c <= 'F'; });
}

StoredFile stored_file(const Uuid& uuid, std::string_view name)
{
    return {uuid, is_usual(name) ? std::string() : std::string(name)};
}

/// Every file that is named by a UUID, sorted; others are warned about.
std::vector<StoredFile> files_in(
    const Directory& directory, const Environment& env)
{
    std::vector<StoredFile> files;
    directory.each_entry([&](const char* name, EntryKind) {
        if (is_hidden(name))
            return;
        if (const auto uuid = Uuid::parse(name))
            files.push_back(stored_file(*uuid, name));
        else
            env.log(LogLevel::warning,
                (directory.path() / name).string() +
                    " is not a definition: its name is no UUID");
    });
    std::sort(files.begin(), files.end());
    const auto last = std::unique(files.begin(), files.end(),
        [&](const StoredFile& first, const StoredFile& other) {
            if (first.uuid == other.uuid)
                env.log(LogLevel::warning,
                    (directory.path() / other.name()).string() +
                        " is left out: another file is named by the same UUID");
            return first.uuid == other.uuid;
        });
    files.erase(last, files.end());
    return files;
}

/// Whether the last digit is the same, which in most names it is not: every
/// spelling ends with it, but for a brace.
bool ends_alike(std::string_view name, char last_digit)
{
    constexpr char to_lower_case = 0x20;
    if (name.back() == '}')
        name.remove_suffix(1);
    return !name.empty() && (name.back() | to_lower_case) == last_digit;
}

/// The files of one UUID: as a rule one, in the kernel's spelling.
std::vector<StoredFile> files_of(const Directory& directory, const Uuid& uuid)
{
    std::vector<StoredFile> files;
    const auto last_digit = uuid.string().back();
    directory.each_entry([&](const char* name, EntryKind) {
        if (ends_alike(name, last_digit) && Uuid::parse(name) == uuid)
            files.push_back(stored_file(uuid, name));
    });
    std::sort(files.begin(), files.end());
    return files;
}

/// The name of the file that says what a UUID is there.
std::optional<std::string> file_of(const Directory& directory, const Uuid& uuid)
{
    auto name = uuid.string();
    if (directory.exists(name))
        return name;
    const auto files = files_of(directory, uuid);
    if (files.empty())
        return {};
    return files.front().name();
}

/// Reads the definitions of one parent.
class ParentReader {
public:
    ParentReader(const Directory& directory, const std::string& parent,
        const Environment& env)
        : directory_(directory),
          parent_(parent),
          env_(env)
    {
    }

    /// Nothing if it has gone meanwhile. Throws Error for anything else.
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

    /// The definition of a UUID, in whatever spelling.
    std::optional<Definition> find(const Uuid& uuid)
    {
        const auto usual = uuid.string();
        if (directory_.read(usual.c_str(), definition_limit, content_))
            return parsed(uuid, usual);
        const auto files = files_of(directory_, uuid);
        if (files.empty())
            return {};
        return read(uuid, files.front().name());
    }

    /// Appends what can be read; warns about what cannot.
    void append_all(std::vector<Definition>& definitions)
    try {
        const auto files = files_in(directory_, env_);
        definitions.reserve(definitions.size() + files.size());
        for (const auto& file : files)
            append(definitions, [&] { return read(file.uuid, file.name()); });
    } catch (const Error& error) {
        env_.log(LogLevel::warning, error.what());
    }

    void append_found(std::vector<Definition>& definitions, const Uuid& uuid)
    {
        append(definitions, [&] { return find(uuid); });
    }

private:
    Definition parsed(const Uuid& uuid, const std::string& name) const
    {
        return DefinitionAccess::parse(
            content_, uuid, parent_,
            [&] { return (directory_.path() / name).string(); },
            UnknownStart::manual,
            [&](LogLevel level, const std::string& note) {
                env_.log(level, note);
            });
    }

    template <class Read>
    void append(std::vector<Definition>& definitions, Read read)
    try {
        if (auto definition = read())
            definitions.push_back(std::move(*definition));
    } catch (const Error& error) {
        env_.log(LogLevel::warning, error.what());
    }

    const Directory& directory_;
    const std::string& parent_;
    const Environment& env_;
    std::string content_; // of one file after the other
};

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
            ParentReader(*directory, parent, impl_->env)
                .append_all(definitions);
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
        ParentReader(*directory, name, impl_->env).append_all(definitions);
    return definitions;
}

MDEV_API std::vector<Definition> ConfigStore::all_of(const Uuid& uuid) const
{
    std::vector<Definition> definitions;
    const auto root = Directory::at(impl_->env.definitions_directory());
    if (!root)
        return definitions;
    for (const auto& parent : parents_in(*root))
        if (const auto directory = find_listed(*root, parent, impl_->env))
            ParentReader(*directory, parent, impl_->env)
                .append_found(definitions, uuid);
    return definitions;
}

MDEV_API std::vector<std::string> ConfigStore::parents_of(
    const Uuid& uuid) const
{
    return ConfigStoreAccess::parents_of(*this, uuid, {});
}

std::vector<std::string> ConfigStoreAccess::parents_of(const ConfigStore& store,
    const Uuid& uuid, const std::optional<std::string>& only)
{
    const auto& env = store.impl_->env;
    if (only)
        check_parent_name(*only);
    const auto root = Directory::at(env.definitions_directory());
    if (!root)
        return {};
    std::vector<std::string> parents;
    std::vector<Error> unreadable;
    for (auto& parent : only ? std::vector{*only} : parents_in(*root))
        try {
            const auto directory = root->find(parent);
            if (directory && file_of(*directory, uuid))
                parents.push_back(std::move(parent));
        } catch (const Error& error) {
            unreadable.push_back(error);
        }
    if (parents.empty() && !unreadable.empty())
        throw unreadable.front();
    for (const auto& error : unreadable)
        env.log(LogLevel::warning, error.what());
    return parents;
}

bool ConfigStoreAccess::is_defined(const ConfigStore& store, const Uuid& uuid,
    const std::optional<std::string>& only)
{
    const auto& env = store.impl_->env;
    const auto root = Directory::at(env.definitions_directory());
    if (!only && root) {
        const auto parents = parents_in(*root);
        const auto usual = "/" + uuid.string();
        if (std::any_of(parents.begin(), parents.end(),
                [&](const auto& name) { return root->exists(name + usual); }))
            return true;
    }
    return !parents_of(store, uuid, only).empty();
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
    return ParentReader(*directory, name, impl_->env).find(uuid);
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
            ".lock", Deadline(env.lock_timeout()), cancellation(env))}));
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
        erased = remove_file(*directory, file.name()) || erased;
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
