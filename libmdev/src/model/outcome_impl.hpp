// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/outcome.hpp>

namespace mdev {

struct Outcome::Impl {
    CalloutAction action;
    Uuid uuid;
    std::string parent;
    std::string type;
    bool is_changed = true;
    std::vector<std::string> differences;
    std::string error;
};

struct OutcomeAccess {
    /// What an Outcome is made of, while it is not known yet.
    using Parts = Outcome::Impl;

    static Parts about(CalloutAction action, const Definition& definition);
    static Outcome make(Parts parts);
};

}
