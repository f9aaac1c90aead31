// SPDX-License-Identifier: LGPL-2.1-or-later
#include "definition_impl.hpp"
#include "host_state_impl.hpp"
#include "kernel_error.hpp"
#include "resolve_names.hpp"

#include <mdev/error.hpp>

#include <set>

namespace mdev {

void check_unique(const std::vector<HostEntry>& entries)
{
    std::set<std::pair<std::string, Uuid>> seen;
    for (const auto& entry : entries) {
        const auto& definition = entry.definition;
        if (!seen.emplace(definition.parent(), definition.uuid()).second)
            throw Error(Errc::invalid_definition, "",
                "device " + definition.uuid().string() + " on " +
                    definition.parent() + " occurs twice");
    }
}

std::string place(std::size_t number)
{
    return "device " + std::to_string(number);
}

namespace {

void resolve(std::vector<HostEntry>& entries, const Environment& env)
{
    NameResolver names(env);
    for (std::size_t i = 0; i < entries.size(); ++i)
        try {
            auto definition = Access::impl(entries[i].definition);
            const auto spelling = definition.parent;
            definition.parent = names.parent(spelling);
            definition.type_id = names.type_id(entries[i].vendor_type.empty()
                    ? definition.type_id
                    : entries[i].vendor_type,
                spelling);
            entries[i].definition =
                Access::make<Definition>(std::move(definition));
        } catch (const Error& error) {
            throw with_context(error, place(i));
        }
    // Two spellings may be the same parent.
    check_unique(entries);
}

}

std::vector<HostEntry> resolved_entries(
    const HostState& state, const Environment& env)
{
    const auto& impl = Access::impl(state);
    auto entries = impl.entries;
    if (impl.spelled_in)
        try {
            resolve(entries, env);
        } catch (const Error& error) {
            throw with_context(error, *impl.spelled_in);
        }
    return entries;
}

}
