// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/error.hpp>

#include <stdexcept>

namespace mdev::test {

/// Returns the Error that `action` throws. Without an Error the test fails.
template <class Action> Error error_of(Action action)
{
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    throw std::logic_error("an mdev::Error was expected, nothing was thrown");
}

}
