// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/error.hpp>

namespace mdev {

/// The contents of an Error. Hidden, although Error is exported as a whole.
struct __attribute__((visibility("hidden"))) Error::Impl {
    std::string subject;
    std::string message;
    std::error_code cause;
    std::vector<DeviceUser> users{};
    /// Null if there are no outcomes. The directory base only declares the
    /// class Outcome; model/outcome.cpp reads and writes the list.
    std::shared_ptr<const std::vector<Outcome>> outcomes{};
};

}
