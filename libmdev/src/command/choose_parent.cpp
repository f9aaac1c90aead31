// SPDX-License-Identifier: LGPL-2.1-or-later
#include "choose_parent.hpp"

#include "card.hpp"
#include "kernel_interface.hpp"
#include "resolve_names.hpp"
#include "text.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <optional>
#include <set>

namespace mdev {

namespace {

/// Which functions are chosen first.
enum class Rank { defines_device, has_no_definition, has_definitions };

/// A function that is free.
struct Candidate {
    std::string function;
    Rank rank;
};

/// The ids, each once.
std::vector<std::string> ids_of(const std::vector<MdevType>& types)
{
    std::vector<std::string> ids;
    for (const auto& type : types)
        if (std::find(ids.begin(), ids.end(), type.id()) == ids.end())
            ids.push_back(type.id());
    return ids;
}

/// The id of the type that a card calls `word`.
std::string resolve(const std::string& card, const std::string& word,
    const std::vector<MdevType>& types)
{
    const auto all = ids_of(types);
    const auto found = ids_of(types_called(word, types));
    if (found.size() == 1)
        return found.front();
    if (found.size() > 1)
        throw Error(Errc::ambiguous, word,
            card + " has several types named '" + word + "': " + joined(found));
    throw Error(Errc::no_such_type, word,
        "No function of " + card + " offers the type " + word +
            (all.empty() ? "; no function currently has types"
                         : "; available types are " + joined(all)));
}

/// Says why, as it is with a function that has no device.
Error none_left(const std::string& card, const std::string& id,
    const std::vector<MdevType>& types, const Environment& env)
{
    std::set<std::string> taken;
    for (const auto& device : Device::all(env))
        taken.insert(device.parent());
    const auto free =
        std::find_if(types.begin(), types.end(), [&](const MdevType& type) {
            return type.id() == id && !taken.contains(type.parent());
        });
    const auto what = "No function of " + card + " is free for a " + id;
    if (free == types.end())
        return {Errc::no_instance_left, card,
            what + ": each function has a device"};
    const auto why = Access::impl(*free).kernel->no_instance_error(*free);
    return {why.code(), why.cause(), card, what + ": " + why.what()};
}

bool is_among(const std::vector<ParentDevice>& parents, const std::string& name)
{
    return std::any_of(parents.begin(), parents.end(),
        [&](const ParentDevice& parent) { return parent.name() == name; });
}

/// The functions among `parents` on which the device is defined.
std::vector<std::string> functions_defining(const Uuid& uuid,
    const std::vector<ParentDevice>& parents, const ConfigStore& store)
{
    auto names = store.parents_of(uuid);
    std::erase_if(names,
        [&](const std::string& name) { return !is_among(parents, name); });
    return names;
}

/// The functions that can be given the type now, in the order of their ranks.
/// The device is defined on those of `own`.
std::vector<Candidate> free_functions(const std::string& id,
    const std::vector<MdevType>& types, const std::vector<std::string>& own,
    const ConfigStore& store)
{
    const auto rank_of = [&](const std::string& function) {
        if (std::find(own.begin(), own.end(), function) != own.end())
            return Rank::defines_device;
        // Not taken from a device that starts there by itself.
        return store.of_parent(function).empty() ? Rank::has_no_definition
                                                 : Rank::has_definitions;
    };
    std::vector<Candidate> free;
    for (const auto& type : types)
        if (type.id() == id && type.available_instances() > 0)
            free.push_back({type.parent(), rank_of(type.parent())});
    std::stable_sort(free.begin(), free.end(),
        [](const Candidate& a, const Candidate& b) { return a.rank < b.rank; });
    return free;
}

/// The function among `parents` on which the device is active.
std::optional<std::string> function_of_device(const Uuid& uuid,
    const std::vector<ParentDevice>& parents, const Environment& env)
{
    const auto device = Device::find(uuid, env);
    return device && is_among(parents, device->parent())
        ? std::optional(device->parent())
        : std::nullopt;
}

/// Throws Error (Errc::no_such_parent) if the parent is a card whose functions
/// do not exist yet.
void refuse_empty_card(const std::string& card, const Environment& env)
{
    for (const auto& each : empty_cards(env))
        if (each.name == card)
            throw Error(Errc::no_such_parent, card, each.sentence());
}

}

DeviceSpec choose_parent(const DeviceSpec& spec, ChosenFor purpose,
    const ConfigStore& store, const Environment& env)
{
    if (!spec.parent() || !spec.type_id() ||
        ParentDevice::find(*spec.parent(), env))
        return spec;
    const auto card =
        canonical_parent_name(without_directories(*spec.parent()));
    const auto parents = parents_on_card(env, card);
    if (parents.empty()) {
        refuse_empty_card(card, env);
        return spec;
    }
    std::vector<MdevType> types;
    for (const auto& parent : parents)
        for (auto& type : parent.types())
            types.push_back(std::move(type));
    const auto id = resolve(card, *spec.type_id(), types);
    const auto chosen = [&](const std::string& function) {
        auto found = spec;
        return found.parent(function).type_id(id);
    };
    // A command that is repeated is about the same device.
    const auto own = spec.uuid()
        ? functions_defining(*spec.uuid(), parents, store)
        : std::vector<std::string>();
    if (purpose == ChosenFor::definition && !own.empty())
        return chosen(own.front());
    if (spec.uuid())
        if (const auto active = function_of_device(*spec.uuid(), parents, env))
            return chosen(*active);
    const auto free = free_functions(id, types, own, store);
    if (!free.empty() &&
        (purpose == ChosenFor::start ||
            free.front().rank == Rank::has_no_definition))
        return chosen(free.front().function);
    if (!free.empty())
        throw Error(Errc::no_instance_left, card,
            "Each free function of " + card +
                " already has a definition; specify one of them as the parent");
    throw none_left(card, id, types, env);
}

}
