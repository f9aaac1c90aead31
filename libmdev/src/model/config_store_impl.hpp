// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "store_layout.hpp"

#include <mdev/config_store.hpp>

namespace mdev {

struct ConfigStore::Impl {
    Environment env;
};

/// A definition, and the name of its file where that is another spelling of the
/// UUID.
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

/// ConfigStore::all(), of_parent() and of_uuid(), with the files' names.
std::vector<StoredDefinition> stored_definitions(const Environment& env,
    const std::optional<Uuid>& uuid, const std::optional<std::string>& parent);

/// Reads a definition that was found. Nothing if the file has disappeared
/// meanwhile. Throws Error if it cannot be read or understood.
std::optional<Definition> read_definition(
    const Environment& env, const DefinitionFile& file);

/// Whether the store has ever been written to by a command that locked it.
bool has_lock(const Environment& env);

}
