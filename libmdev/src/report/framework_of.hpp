// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "kernel_interface.hpp"

#include <optional>
#include <string>

namespace mdev {

/// The frameworks of parents, each of which is asked once: definitions come
/// sorted by parent.
class FrameworkOf {
public:
    explicit FrameworkOf(const Environment& env) : env_(env) {}

    std::optional<Framework> operator()(const std::string& parent)
    {
        if (parent == parent_)
            return framework_;
        parent_ = parent;
        const auto* kernel = interface_of(env_, parent);
        framework_ = kernel ? std::optional(kernel->framework()) : std::nullopt;
        return framework_;
    }

private:
    const Environment& env_;
    std::string parent_;
    std::optional<Framework> framework_;
};

}
