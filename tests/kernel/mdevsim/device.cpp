// SPDX-License-Identifier: LGPL-2.1-or-later
#include "device.hpp"

#include "kernel_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>

namespace mdevsim {

namespace {

int set_power_control(std::string& control, const std::string& text)
{
    for (const auto* word : {"auto", "on"}) {
        if (!is_word(text, word))
            continue;
        control = word;
        return 0;
    }
    return EINVAL;
}

std::string_view take_until(std::string_view& text, char end)
{
    auto taken = text.substr(0, text.find(end));
    text.remove_prefix(std::min(taken.size() + 1, text.size()));
    return taken;
}

bool is_alphanumeric(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0;
    });
}

// Returns whether text may follow the action of an event: a UUID, and KEY=VALUE
// words.
bool are_uevent_words(std::string_view text)
{
    const auto uuid = take_until(text, ' ');
    if (uuid.size() > 36 || !parse_uuid(uuid))
        return false;
    while (!text.empty()) {
        auto value = take_until(text, ' ');
        auto key = take_until(value, '=');
        if (!is_alphanumeric(key) || !is_alphanumeric(value))
            return false;
    }
    return true;
}

int replay_uevent(const std::string& text)
{
    static constexpr std::array actions{"add", "remove", "change", "move",
        "online", "offline", "bind", "unbind"};
    std::string_view rest(text);
    if (!rest.empty() && (rest.back() == '\n' || rest.back() == '\0'))
        rest.remove_suffix(1);
    auto action = take_until(rest, ' ');
    bool known =
        std::find(actions.begin(), actions.end(), action) != actions.end();
    return known && (rest.empty() || are_uevent_words(rest)) ? 0 : EINVAL;
}

// Parses key=value, key=value...; blank text clears the parameters.
bool are_parameters(const std::string& text)
{
    std::size_t at = 0;
    while (at <= text.size()) {
        auto end = std::min(text.find(',', at), text.size());
        auto equals = text.find('=', at);
        if (equals == std::string::npos || equals >= end || equals == at)
            return false;
        at = end + 1;
    }
    return true;
}

int set_vgpu_params(Device& device, const std::string& text)
{
    std::string parameters(without_newline(text));
    if (parameters.find_first_not_of(' ') == std::string::npos)
        parameters.clear();
    else if (!are_parameters(parameters))
        return EINVAL;
    device.parameters = parameters;
    return 0;
}

std::string fixed(const std::string& text)
{
    return text + "\n";
}

void add_vendor_file(
    Device& device, const std::string& name, const std::string& text)
{
    device.directory->directory("vendor")->file(
        name, read_only, [text] { return fixed(text); });
}

void add_nvidia_files(Device& device)
{
    auto directory = device.directory->directory("nvidia");
    directory->file(
        "vgpu_params", read_write,
        [&device] { return fixed(device.parameters); },
        [&device](
            const std::string& text) { return set_vgpu_params(device, text); });
    directory->file("vm_name", read_only, [] { return fixed(""); });
}

// Two devices must not have the same domain of the same adapter.
bool is_shared(const Device& device)
{
    const auto& all = device.parent.devices;
    return std::any_of(all.begin(), all.end(), [&](const auto& entry) {
        return entry.second != &device &&
            entry.second->matrix.overlaps(device.matrix);
    });
}

int keep_unless_shared(Device& device, const ApMatrix& before)
{
    if (!is_shared(device))
        return 0;
    device.matrix = before;
    return EADDRINUSE;
}

using IdSet = ApMatrix::Ids ApMatrix::*;

int set_ap_id(Device& device, IdSet set, const std::string& text, bool assigned)
{
    std::size_t id = 0;
    if (int error = parse_ap_id(text, id))
        return error;
    auto before = device.matrix;
    (device.matrix.*set)[id] = assigned;
    return keep_unless_shared(device, before);
}

int set_ap_config(Device& device, const std::string& text)
{
    auto before = device.matrix;
    if (int error = device.matrix.set_config(text))
        return error;
    return keep_unless_shared(device, before);
}

void add_assign_files(Device& device, const std::string& what, IdSet set)
{
    device.directory->file("assign_" + what, write_only, {},
        [&device, set](const std::string& text) {
            return set_ap_id(device, set, text, true);
        });
    device.directory->file("unassign_" + what, write_only, {},
        [&device, set](const std::string& text) {
            return set_ap_id(device, set, text, false);
        });
}

void add_old_ap_files(Device& device)
{
    add_assign_files(device, "adapter", &ApMatrix::adapters);
    add_assign_files(device, "domain", &ApMatrix::domains);
    add_assign_files(device, "control_domain", &ApMatrix::control_domains);
    device.directory->file(
        "matrix", read_only, [&device] { return device.matrix.text(); });
    // No queue of this kernel is bound to vfio_ap, so a guest would have none.
    device.directory->file("guest_matrix", read_only, [] { return ""; });
    device.directory->file("control_domains", read_only,
        [&device] { return device.matrix.control_domains_text(); });
}

void add_ap_files(Device& device)
{
    add_old_ap_files(device);
    device.directory->file(
        "ap_config", read_write,
        [&device] { return device.matrix.config_text(); },
        [&device](
            const std::string& text) { return set_ap_config(device, text); });
}

}

void add_power_files(Node& directory, std::string& control)
{
    auto power = directory.directory("power");
    power->file(
        "control", read_write, [&control] { return fixed(control); },
        [&control](const std::string& text) {
            return set_power_control(control, text);
        });
    // The kernel does not manage the power of these devices.
    const auto refuse = [](const std::string&) { return EIO; };
    power->file(
        "async", read_write, [] { return fixed("disabled"); },
        [](const std::string& text) {
            return is_word(text, "enabled") || is_word(text, "disabled")
                ? 0
                : EINVAL;
        });
    power->file(
        "autosuspend_delay_ms", read_write, [] { return std::nullopt; },
        refuse);
    const auto is_on = [&control] { return control == "on"; };
    power->file("runtime_enabled", read_only, [is_on] {
        return fixed(is_on() ? "disabled & forbidden" : "disabled");
    });
    power->file("runtime_usage", read_only,
        [is_on] { return fixed(is_on() ? "1" : "0"); });
    power->file(
        "runtime_status", read_only, [] { return fixed("unsupported"); });
    for (const auto* name : {"runtime_active_kids", "runtime_active_time",
             "runtime_suspended_time"})
        power->file(name, read_only, [] { return fixed("0"); });
}

void add_uevent_file(Node& directory, mode_t mode, Show show)
{
    directory.file("uevent", mode, std::move(show), replay_uevent);
}

void add_driver_files(Device& device)
{
    const auto& detail = device.type_profile().detail;
    switch (device.parent.profile->extras) {
    case Extras::ap_matrix: add_ap_files(device); break;
    case Extras::ap_matrix_old: add_old_ap_files(device); break;
    case Extras::i915:
        device.directory->directory("intel_vgpu")
            ->file("vgpu_id", read_only,
                [&device] { return fixed(std::to_string(device.group + 1)); });
        break;
    case Extras::mbochs: add_vendor_file(device, "memory", detail); break;
    case Extras::mdpy: add_vendor_file(device, "resolution", detail); break;
    case Extras::mtty:
        add_vendor_file(
            device, "sample_mdev_dev", "This is MDEV " + device.uuid);
        break;
    case Extras::none: break;
    case Extras::nvidia: add_nvidia_files(device); break;
    }
}

unsigned Groups::take()
{
    if (free_.empty())
        return next_++;
    return free_.extract(free_.begin()).value();
}

}
