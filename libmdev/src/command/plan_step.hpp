// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "host_state_impl.hpp"
#include "outcome_impl.hpp"

#include <mdev/definition.hpp>

namespace mdev {

/// One step of the plan: a change, or a statement that none is needed.
struct Step {
    OutcomeParts outcome;
    HostEntry entry;
    /// Whether the stored definition is valid and is edited rather than
    /// replaced.
    bool is_edit = false;
    /// Whether an invalid definition may be removed without reading it.
    bool is_forced = false;
};

/// The stored definition with the members that the state file specifies.
/// Unknown members of the stored definition are kept unless the state file
/// specifies them (`others`).
Definition merged(const Definition& stored, const HostEntry& entry);

}
