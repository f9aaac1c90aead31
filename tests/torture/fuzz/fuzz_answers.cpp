// SPDX-License-Identifier: LGPL-2.1-or-later
// The input is the answer of a script about capabilities and attributes.
#include "callout_protocol.hpp"
#include "name.hpp"
#include "target.hpp"

#include <mdev/error.hpp>

#include <stdexcept>

namespace {

void read_capabilities(std::string_view text)
try {
    std::vector<std::string> unknown;
    const auto capabilities = mdev::parse_capabilities(text, unknown);
    promise(capabilities.events.size() <= 5);
    promise(capabilities.actions.size() <= 7);
} catch (const std::invalid_argument&) {
}

void read_attributes(std::string_view text)
try {
    const auto attributes = mdev::parse_attributes(text);
    if (!attributes)
        return;
    for (const auto& [name, value] : *attributes)
        promise(mdev::is_attribute_name(name));
} catch (const std::invalid_argument&) {
} catch (const mdev::Error&) {
}

}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    read_capabilities(text_of(data, size));
    read_attributes(text_of(data, size));
    return 0;
}
