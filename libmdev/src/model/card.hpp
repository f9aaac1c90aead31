// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>
#include <mdev/parent_device.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mdev {

// A card that is divided by SR-IOV: its virtual functions are parents, but the
// physical function is not. The vendor's tool creates the virtual functions at
// each boot.

/// The parents among the virtual functions of the PCI device `name`, in the
/// order of their numbers; none if it has none.
std::vector<ParentDevice> parents_on_card(
    const Environment& env, const std::string& name);

/// A card of a vendor whose virtual functions do not exist yet.
struct EmptyCard {
    std::string name;
    /// The command that creates the functions.
    std::string command;

    /// "GPU NAME has no virtual functions; COMMAND makes them".
    std::string sentence() const;
};

/// Sorted by name.
std::vector<EmptyCard> empty_cards(const Environment& env);

/// The card to which a parent that does not exist would belong; nothing if its
/// functions are there, or no card has this bus.
std::optional<EmptyCard> empty_card_of(
    const Environment& env, const std::string& parent);

}
