// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config_store_impl.hpp"
#include "definition_impl.hpp"
#include "environment_impl.hpp"
#include "kernel_error.hpp"
#include "name.hpp"

#include <mdev/error.hpp>

#include <cerrno>

namespace mdev {

// Reads definitions from the store. An invalid file is left out of a list with
// a warning; a question for this one definition throws. Readers take no lock:
// atomic_file.hpp guarantees complete files.

namespace {

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
    std::optional<Definition> read(const Uuid& uuid, const std::string& name,
        EntryKind kind = EntryKind::other)
    {
        const auto text =
            directory_.read(name.c_str(), kind, definition_limit, buffer_);
        if (text)
            return parsed(*text, uuid, name);
        if (directory_.exists(name))
            throw kernel_error(
                ENOENT, "Cannot follow the link", directory_.path(), name);
        return {};
    }

    /// The definition of a UUID in any spelling. The kernel's spelling is tried
    /// first; only if that file does not exist is the directory searched.
    std::optional<StoredDefinition> find(const Uuid& uuid)
    {
        const auto usual = uuid.string();
        if (const auto text = directory_.read(
                usual.c_str(), EntryKind::other, definition_limit, buffer_))
            return StoredDefinition{parsed(*text, uuid, usual), {}};
        const auto names = find_names(directory_, uuid);
        if (names.empty())
            return {};
        return read(names.front());
    }

    /// Passes every valid definition on and warns of the others: one broken
    /// file must not hide the rest. Returns whether none was left out.
    bool each(const TakeStored& take)
    {
        std::vector<DefinitionName> names;
        bool is_complete = attempt(env_, LogLevel::warning, [&] {
            names = find_names(directory_,
                {[&](const auto& name) {
                     warn(name, "is ignored: its name is not a UUID");
                 },
                    [&](const auto& name) {
                        warn(name,
                            "is ignored: another file is named by the same "
                            "UUID");
                    }});
        });
        for (const auto& name : names)
            is_complete = pass([&] { return read(name); }, take) && is_complete;
        return is_complete;
    }

    bool each(const Uuid& uuid, const TakeStored& take)
    {
        return pass([&] { return find(uuid); }, take);
    }

private:
    std::optional<StoredDefinition> read(const DefinitionName& name)
    {
        auto definition = read(name.uuid, name.name(), name.kind);
        if (!definition)
            return {};
        return StoredDefinition{std::move(*definition), name.other_spelling};
    }

    Definition parsed(
        std::string_view text, const Uuid& uuid, const std::string& name) const
    {
        return parse_definition(
            text, uuid, parent_,
            [&] { return (directory_.path() / name).string(); },
            UnknownStart::manual,
            [&](LogLevel level, const std::string& note) {
                env_.log(level, note);
            });
    }

    /// Passes on what `read` returns. What `take` throws is not about this
    /// definition.
    template <class Read> bool pass(Read read, const TakeStored& take)
    {
        std::optional<StoredDefinition> found;
        const bool is_valid =
            attempt(env_, LogLevel::warning, [&] { found = read(); });
        if (found)
            take(std::move(*found));
        return is_valid;
    }

    void warn(const std::string& name, const char* what)
    {
        env_.log(LogLevel::warning,
            (directory_.path() / name).string() + " " + what);
    }

    const Directory& directory_;
    const std::string& parent_;
    const Environment& env_;
    std::string buffer_; // for one file after the other
};

}

bool each_stored(const Environment& env, const std::optional<Uuid>& uuid,
    const std::optional<std::string>& parent, const TakeStored& take)
{
    bool is_complete = true;
    each_parent(
        env, parent,
        [&](const std::string& name, const Directory& directory) {
            ParentReader reader(directory, name, env);
            const bool is_whole =
                uuid ? reader.each(*uuid, take) : reader.each(take);
            is_complete = is_complete && is_whole;
        },
        [&](const Error& error) {
            if (parent)
                throw error;
            is_complete = false;
            env.log(LogLevel::warning, error.what());
        });
    return is_complete;
}

StoredDefinitions stored_definitions(const Environment& env,
    const std::optional<Uuid>& uuid, const std::optional<std::string>& parent)
{
    StoredDefinitions list;
    list.is_complete = each_stored(env, uuid, parent,
        [&](auto stored) { list.definitions.push_back(std::move(stored)); });
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
        .read(file.uuid, file.name, file.kind);
}

}
