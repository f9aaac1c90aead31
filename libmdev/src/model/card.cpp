// SPDX-License-Identifier: LGPL-2.1-or-later
#include "card.hpp"

#include "directory.hpp"
#include "name.hpp"
#include "sysfs.hpp"
#include "text.hpp"
#include "vendor_files.hpp"
#include "virtual_function.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <map>

namespace mdev {

namespace {

unsigned count(const Directory& device, const std::string& file)
{
    return parse_number<unsigned>(Sysfs::read(device, file).value_or(""))
        .value_or(0);
}

/// Whether the card can have virtual functions, and has none.
bool is_empty(const Directory& card)
{
    return count(card, "sriov_totalvfs") > 0 &&
        count(card, "sriov_numvfs") == 0;
}

}

std::vector<ParentDevice> parents_on_card(
    const Environment& env, const std::string& name)
{
    constexpr std::string_view prefix = "virtfn";
    std::map<unsigned, std::string> names;
    const auto card = is_component(name)
        ? Directory::at(pci_directory(env) / name)
        : std::nullopt;
    for (const auto& entry : card ? card->entries() : std::vector<Entry>())
        if (entry.name.starts_with(prefix))
            if (const auto index = parse_number<unsigned>(
                    std::string_view(entry.name).substr(prefix.size())))
                if (const auto target = card->link_target(entry.name))
                    names[*index] = target->substr(target->rfind('/') + 1);
    std::vector<ParentDevice> parents;
    for (const auto& [index, function] : names)
        if (auto parent = ParentDevice::find(function, env))
            parents.push_back(std::move(*parent));
    return parents;
}

std::string EmptyCard::sentence() const
{
    return "GPU " + name + " has no virtual functions; " + command +
        " makes them";
}

std::vector<EmptyCard> empty_cards(const Environment& env)
try {
    std::vector<EmptyCard> cards;
    for (const auto* files : all_vendor_files) {
        const auto bound =
            Directory::at(env.root() / "sys/bus/pci/drivers" / files->driver);
        for (const auto& entry :
            bound ? bound->entries() : std::vector<Entry>())
            if (const auto card = bound->find(entry.name);
                card && is_empty(*card))
                cards.push_back(
                    {entry.name, files->command_to_make(entry.name)});
    }
    std::sort(cards.begin(), cards.end(),
        [](const auto& a, const auto& b) { return a.name < b.name; });
    return cards;
} catch (const Error& error) {
    env.log(LogLevel::info, error.what());
    return {};
}

std::optional<EmptyCard> empty_card_of(
    const Environment& env, const std::string& parent)
{
    // DOMAIN:BUS of DOMAIN:BUS:DEVICE.FUNCTION.
    const auto bus = parent.substr(0, parent.rfind(':'));
    for (auto& card : empty_cards(env))
        if (card.name.substr(0, card.name.rfind(':')) == bus)
            return card;
    return {};
}

}
