// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <chrono>
#include <string>

namespace mdev {

/// Returns "2 s", or "1500 ms" if the time is not a whole number of seconds.
inline std::string duration(std::chrono::milliseconds time)
{
    constexpr std::chrono::milliseconds second(1000);
    return time % second == std::chrono::milliseconds(0)
        ? std::to_string(time / second) + " s"
        : std::to_string(time.count()) + " ms";
}

}
