// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// Runs a target with one input. A target throws no exception, and aborts if a
/// promise is broken.
extern "C" int LLVMFuzzerTestOneInput(
    const std::uint8_t* data, std::size_t size);

inline std::string_view text_of(const std::uint8_t* data, std::size_t size)
{
    return {reinterpret_cast<const char*>(data), size};
}

inline void promise(bool kept)
{
    if (!kept)
        std::abort();
}
