// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/uuid.hpp>

#include <cstdint>
#include <string>

namespace mdev::test {

/// 00000000-0000-4000-8000-0000000000NN; a greater number sorts later.
inline Uuid sample_uuid(std::uint8_t number)
{
    return Uuid({0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, 0, number});
}

/// A device of type mtty-1 on the parent mtty.
inline Definition sample_definition(std::uint8_t number)
{
    return {sample_uuid(number), "mtty", "mtty-1"};
}

/// The text of a definition file without attributes.
inline std::string sample_text(
    const std::string& type = "mtty-1", const std::string& start = "manual")
{
    return "{\n  \"mdev_type\": \"" + type + "\",\n  \"start\": \"" + start +
        "\",\n  \"attrs\": []\n}";
}

}
