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

FunctionWatch::FunctionWatch(const Environment& env)
    : env_(env),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK))
{
    if (!timer_)
        throw kernel_error("Cannot wait for", "virtual functions");
    known_ = functions();
    arm(!known_.empty());
}

void FunctionWatch::arm(bool is_wanted)
{
    if (is_wanted == is_armed_)
        return;
    struct itimerspec times {};
    if (is_wanted)
        times.it_value.tv_sec = times.it_interval.tv_sec =
            seconds_between_looks;
    timerfd_settime(timer_.number(), 0, &times, nullptr);
    is_armed_ = is_wanted;
}

std::map<std::string, FunctionWatch::Device> FunctionWatch::functions() const
{
    std::map<std::string, Device> found;
    for (const auto& function : VirtualFunction::all(env_))
        try {
            auto& device = found[function.name()];
            if (auto type = function.current(); !type.empty())
                device.emplace(function.uuid(), std::move(type));
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
                         const Device& device) {
        events.push_back(device ? Access::make<Event>({kind, parent,
                                      device->first, device->second})
                                : make_event(kind, parent, {}));
    };
    for (const auto& [parent, device] : known_) {
        const auto found = now.find(parent);
        if (device && (found == now.end() || found->second != device))
            add(EventKind::device_removed, parent, device);
        if (found == now.end())
            add(EventKind::parent_unregistered, parent, {});
    }
    for (const auto& [parent, device] : now) {
        const auto before = known_.find(parent);
        if (before == known_.end())
            add(EventKind::parent_registered, parent, {});
        if (device && (before == known_.end() || before->second != device))
            add(EventKind::device_added, parent, device);
    }
    known_ = now;
    arm(!known_.empty());
}

bool is_pci_uevent(std::string_view message)
{
    constexpr std::string_view subsystem("SUBSYSTEM=pci\0", 14);
    return message.find(subsystem) != message.npos;
}

}
