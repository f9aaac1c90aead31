// SPDX-License-Identifier: LGPL-2.1-or-later
// A document of a host: what is read is written so that it reads the same.
#include "target.hpp"

#include <mdev/error.hpp>
#include <mdev/host_state.hpp>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
try {
    static const mdev::Environment nowhere("/nonexistent");
    const auto state =
        mdev::HostState::from_json(text_of(data, size), "input", nowhere);
    const auto text = state.json();
    promise(mdev::HostState::from_json(text, "output", nowhere).json() == text);
    return 0;
} catch (const mdev::Error&) {
    return 0;
}
