// SPDX-License-Identifier: LGPL-2.1-or-later
#include "plan_errors.hpp"

#include "outcome_impl.hpp"
#include "text.hpp"

#include <cstdint>
#include <map>
#include <utility>

namespace mdev {

namespace {

/// The error without "Cannot start device UUID on PARENT".
std::string cause_of(const Error& error)
{
    const std::string what = error.what();
    const auto at = what.find(": ");
    return at == what.npos ? what : what.substr(at);
}

void log_causes(const std::vector<Error>& errors, const Environment& env)
{
    std::map<std::string, std::size_t> counts;
    for (const auto& error : errors)
        ++counts[cause_of(error)];
    for (const auto& error : errors) {
        const auto count = std::exchange(counts[cause_of(error)], 0);
        std::string text = error.what();
        if (count > 1)
            text += "; " + std::to_string(count - 1) +
                " more devices fail for this reason";
        if (count > 0)
            env.log(LogLevel::error, text);
    }
}

}

Error no_room(const std::string& parent, const std::string& type_id,
    std::int64_t available, std::int64_t requested)
{
    return {Errc::no_instance_left, parent,
        "Parent " + parent + " has " +
            counted(static_cast<std::size_t>(available), "available instance") +
            " of " + type_id + ", but " + std::to_string(requested) +
            " devices are requested"};
}

void check_plan(const std::vector<Error>& errors,
    const std::vector<Outcome>& failed, const Environment& env, bool is_dry_run)
{
    if (errors.empty())
        return;
    const auto& first = errors.front();
    if (errors.size() > 1)
        log_causes(errors, env);
    const auto why = errors.size() == 1 ? std::string(first.what())
                                        : std::to_string(failed.size()) +
            " devices cannot be changed as requested";
    throw with_outcomes({first.code(), first.cause(), first.subject(),
                            (is_dry_run ? "" : "Nothing was changed: ") + why},
        failed);
}

}
