// SPDX-License-Identifier: LGPL-2.1-or-later
#include "function_watch.hpp"

#include "kernel_error.hpp"
#include "monitor_impl.hpp"
#include "virtual_function.hpp"

#include <mdev/error.hpp>

#include <cstdint>
#include <sys/timerfd.h>
#include <unistd.h>

namespace mdev {

namespace {

constexpr int seconds_between_looks = 2;

}

FunctionWatch::FunctionWatch(const Environment& env, bool has_uevents)
    : env_(env),
      has_uevents_(has_uevents),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK))
{
    if (!timer_)
        throw kernel_error("Cannot wait for", "virtual functions");
    known_ = functions();
    arm();
}

/// Lets the timer run if nothing else would lead to the next look.
void FunctionWatch::arm()
{
    const bool is_wanted = !has_uevents_ || !known_.empty();
    if (is_wanted == is_armed_)
        return;
    struct itimerspec times {};
    if (is_wanted)
        times.it_value.tv_sec = times.it_interval.tv_sec =
            seconds_between_looks;
    timerfd_settime(timer_.number(), 0, &times, nullptr);
    is_armed_ = is_wanted;
}

std::map<std::string, FunctionWatch::Function> FunctionWatch::functions() const
{
    std::map<std::string, Function> found;
    for (const auto& function : VirtualFunction::all(env_))
        try {
            auto& known = found[function.name()];
            known.identity = function.identity();
            known.device = function.device();
        } catch (const Error& error) {
            // The function has disappeared.
            found.erase(function.name());
        }
    return found;
}

void FunctionWatch::read(std::vector<Event>& events)
{
    std::uint64_t expirations = 0;
    if (::read(timer_.number(), &expirations, sizeof expirations) ==
        sizeof expirations)
        look(events);
}

void FunctionWatch::look(std::vector<Event>& events)
{
    const auto now = functions();
    const auto add = [&](EventKind kind, const std::string& parent,
                         const std::optional<FunctionDevice>& device) {
        events.push_back(device
                ? Access::make<Event>({kind, parent, device->uuid,
                      kind == EventKind::device_added ? device->type_id
                                                      : std::string()})
                : make_event(kind, parent, {}));
    };
    // A function that was removed and created again is another function.
    const auto same = [](const auto& functions, const std::string& parent,
                          const Function& function) -> const Function* {
        const auto found = functions.find(parent);
        return found != functions.end() &&
                found->second.identity == function.identity
            ? &found->second
            : nullptr;
    };
    for (const auto& [parent, function] : known_) {
        const auto* after = same(now, parent, function);
        if (function.device && (!after || after->device != function.device))
            add(EventKind::device_removed, parent, function.device);
        if (!after)
            add(EventKind::parent_unregistered, parent, {});
    }
    for (const auto& [parent, function] : now) {
        const auto* before = same(known_, parent, function);
        if (!before)
            add(EventKind::parent_registered, parent, {});
        if (function.device && (!before || before->device != function.device))
            add(EventKind::device_added, parent, function.device);
    }
    known_ = now;
    arm();
}

bool is_pci_uevent(std::string_view message)
{
    constexpr std::string_view subsystem("SUBSYSTEM=pci\0", 14);
    return message.find(subsystem) != message.npos;
}

}
