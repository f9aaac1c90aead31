// SPDX-License-Identifier: LGPL-2.1-or-later
#include "choose_parent.hpp"

#include "card.hpp"
#include "kernel_interface.hpp"
#include "resolve_names.hpp"
#include "text.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <set>

namespace mdev {

namespace {

/// A function, and the type that is wanted there.
struct Candidate {
    MdevType type;
    bool is_defined;
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
            card + " calls several types '" + word + "': " + joined(found));
    throw Error(Errc::no_such_type, word,
        "No function of " + card + " offers the type " + word +
            (all.empty() ? "; none has types now"
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
    const auto what = "No function of " + card + " can be given a " + id;
    return {Errc::no_instance_left, card,
        free == types.end() ? what + ": each has a device"
                            : what + " now: " +
                Access::impl(*free).kernel->no_instance_error(*free).what()};
}

}

DeviceSpec choose_parent(const DeviceSpec& spec, ChosenFor purpose,
    const ConfigStore& store, const Environment& env)
{
    if (!spec.parent() || !spec.type_id() ||
        ParentDevice::find(*spec.parent(), env))
        return spec;
    const auto parents = parents_on_card(env, *spec.parent());
    if (parents.empty())
        return spec;
    std::vector<MdevType> types;
    for (const auto& parent : parents)
        for (auto& type : parent.types())
            types.push_back(std::move(type));
    const auto id = resolve(*spec.parent(), *spec.type_id(), types);
    std::vector<Candidate> free;
    for (const auto& type : types)
        if (type.id() == id && type.available_instances() > 0)
            free.push_back({type, !store.of_parent(type.parent()).empty()});
    // Not taken from a device that starts there by itself.
    std::stable_partition(free.begin(), free.end(),
        [](const Candidate& each) { return !each.is_defined; });
    if (!free.empty() &&
        (purpose == ChosenFor::start || !free.front().is_defined)) {
        auto chosen = spec;
        return chosen.parent(free.front().type.parent()).type_id(id);
    }
    if (!free.empty())
        throw Error(Errc::no_instance_left, *spec.parent(),
            "Each free function of " + *spec.parent() +
                " has a definition already; name one of them");
    throw none_left(*spec.parent(), id, types, env);
}

}
