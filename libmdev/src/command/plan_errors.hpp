// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>
#include <mdev/error.hpp>
#include <mdev/outcome.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace mdev {

/// The error for all devices of a type together, if `requested` of them should
/// be started.
Error no_room(const std::string& parent, const std::string& type_id,
    std::int64_t available, std::int64_t requested);

/// Throws Error, with the results `failed`, if a plan has errors. If it has
/// several, each cause is logged once, with the first device that has it. The
/// message says that nothing was changed, unless that is clear because of a dry
/// run.
void check_plan(const std::vector<Error>& errors,
    const std::vector<Outcome>& failed, const Environment& env,
    bool is_dry_run);

}
