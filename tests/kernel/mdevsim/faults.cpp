// SPDX-License-Identifier: LGPL-2.1-or-later
#include "faults.hpp"

#include "kernel_text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fnmatch.h>

namespace mdevsim {

namespace {

struct ErrorName {
    int number;
    const char* name;
};

constexpr std::array error_names{
    ErrorName{E2BIG, "E2BIG"},
    ErrorName{EACCES, "EACCES"},
    ErrorName{EADDRINUSE, "EADDRINUSE"},
    ErrorName{EADDRNOTAVAIL, "EADDRNOTAVAIL"},
    ErrorName{EAGAIN, "EAGAIN"},
    ErrorName{EBADF, "EBADF"},
    ErrorName{EBUSY, "EBUSY"},
    ErrorName{ECANCELED, "ECANCELED"},
    ErrorName{ECONNREFUSED, "ECONNREFUSED"},
    ErrorName{EDEADLK, "EDEADLK"},
    ErrorName{EEXIST, "EEXIST"},
    ErrorName{EFAULT, "EFAULT"},
    ErrorName{EFBIG, "EFBIG"},
    ErrorName{EINTR, "EINTR"},
    ErrorName{EINVAL, "EINVAL"},
    ErrorName{EIO, "EIO"},
    ErrorName{EISDIR, "EISDIR"},
    ErrorName{EMFILE, "EMFILE"},
    ErrorName{ENFILE, "ENFILE"},
    ErrorName{ENODATA, "ENODATA"},
    ErrorName{ENODEV, "ENODEV"},
    ErrorName{ENOENT, "ENOENT"},
    ErrorName{ENOMEM, "ENOMEM"},
    ErrorName{ENOSPC, "ENOSPC"},
    ErrorName{ENOTDIR, "ENOTDIR"},
    ErrorName{ENOTSUP, "ENOTSUP"},
    ErrorName{ENXIO, "ENXIO"},
    ErrorName{EOPNOTSUPP, "EOPNOTSUPP"},
    ErrorName{EOVERFLOW, "EOVERFLOW"},
    ErrorName{EPERM, "EPERM"},
    ErrorName{EPIPE, "EPIPE"},
    ErrorName{EPROTO, "EPROTO"},
    ErrorName{ERANGE, "ERANGE"},
    ErrorName{EREMOTEIO, "EREMOTEIO"},
    ErrorName{EROFS, "EROFS"},
    ErrorName{ESHUTDOWN, "ESHUTDOWN"},
    ErrorName{ESRCH, "ESRCH"},
    ErrorName{ESTALE, "ESTALE"},
    ErrorName{ETIMEDOUT, "ETIMEDOUT"},
    ErrorName{ETXTBSY, "ETXTBSY"},
    ErrorName{EUSERS, "EUSERS"},
    ErrorName{EXDEV, "EXDEV"},
};

std::optional<int> error_number(const std::string& name)
{
    const auto* found = std::find_if(error_names.begin(), error_names.end(),
        [&](const ErrorName& error) { return error.name == name; });
    if (found == error_names.end())
        return {};
    return found->number;
}

std::optional<Verdict> parse_action(const std::string& text)
{
    const std::string slow = "slow=";
    Verdict action;
    if (text.starts_with(slow)) {
        auto time = parse_number(text.substr(slow.size()));
        if (time.error || time.value > 1000UL * 3600 * 24)
            return {};
        action.delay = std::chrono::milliseconds(time.value);
        return action;
    }
    if (text == "lost") {
        action.is_lost = true;
        return action;
    }
    action.vanish = text == "vanish";
    auto error = action.vanish ? ENODEV : error_number(text);
    if (!error)
        return {};
    action.error = *error;
    return action;
}

bool matches(const std::string& glob, const std::vector<std::string>& paths)
{
    return std::any_of(
        paths.begin(), paths.end(), [&](const std::string& path) {
            return fnmatch(glob.c_str(), path.c_str(), 0) == 0;
        });
}

}

// Split from the right, because a PCI address contains colons.
std::optional<FaultRule> FaultRule::parse(const std::string& text)
{
    auto second = text.rfind(':');
    if (second == std::string::npos || second == 0)
        return {};
    auto first = text.rfind(':', second - 1);
    if (first == std::string::npos || first == 0)
        return {};
    auto count = text.substr(first + 1, second - first - 1);
    auto nth = count == "*" ? Number{} : parse_number(count);
    auto action = parse_action(text.substr(second + 1));
    if (nth.error || !action || (count != "*" && nth.value == 0))
        return {};
    return FaultRule{text.substr(0, first), nth.value, *action};
}

Verdict Faults::judge(const std::vector<std::string>& paths)
{
    Verdict verdict;
    for (auto& rule : rules_) {
        if (!matches(rule.glob, paths))
            continue;
        ++rule.seen;
        if (rule.nth != 0 && rule.nth != rule.seen)
            continue;
        verdict.delay += rule.action.delay;
        verdict.is_lost |= rule.action.is_lost;
        if (verdict.error == 0) {
            verdict.error = rule.action.error;
            verdict.vanish = rule.action.vanish;
        }
    }
    return verdict;
}

std::string error_name(int error)
{
    for (const auto& known : error_names) {
        if (known.number == error)
            return known.name;
    }
    return std::to_string(error);
}

}
