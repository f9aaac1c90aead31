// SPDX-License-Identifier: LGPL-2.1-or-later
// The input is a state file. A state that is written and read again must not
// change.
#include "fractions.hpp"
#include "target.hpp"

#include <mdev/error.hpp>
#include <mdev/host_state.hpp>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::string text;
    try {
        text =
            mdev::HostState::from_json(text_of(data, size), "input").to_json();
    } catch (const mdev::Error&) {
        return 0;
    }
    const auto again = mdev::HostState::from_json(text, "output");
    promise(again.to_json() == text || has_fractions(text));
    return 0;
}
