// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config_store_impl.hpp"
#include "definition_impl.hpp"
#include "kernel_error.hpp"
#include "name.hpp"

#include <mdev/error.hpp>

#include <cerrno>

namespace mdev {

// Reads definitions from the store. An invalid file is left out of a list with
// a warning; a question for this one definition throws. Readers take no lock:
// atomic_file.hpp guarantees complete files.

namespace {

void leave_out(
    StoredDefinitions& list, const Error& error, const Environment& env)
{
    list.is_complete = false;
    env.log(LogLevel::warning, error.what());
}

/// Reads the definitions of one parent. One buffer serves all files.
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

}
