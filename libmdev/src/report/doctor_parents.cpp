// SPDX-License-Identifier: LGPL-2.1-or-later
#include "card.hpp"
#include "device_impl.hpp"
#include "device_users.hpp"
#include "doctor_impl.hpp"
#include "store_layout.hpp"
#include "text.hpp"
#include "unfinished_start.hpp"

namespace mdev {

namespace {

void examine_types(Doctor& doctor, const ParentDevice& parent)
{
    auto types = parent.types();
    if (types.empty())
        doctor.add("parent-without-types", Severity::warning, parent.name(),
            "Parent " + parent.name() + " offers no types",
            "Configure its driver, for example with a number of virtual "
            "functions, or start the service of the vendor");
    doctor.types[parent.name()] = std::move(types);
}

/// Finds devices whose removal waits for their last user. The kernel hides such
/// a device from /sys/bus/mdev/devices and its links first; only the directory
/// below the parent is left. The device still occupies its instance, and
/// creating its UUID again fails with EEXIST.
void examine_removals(Doctor& doctor, const ParentDevice& parent)
{
    const auto& env = doctor.env;
    const auto directory =
        Directory::at(env.parents_directory() / parent.name());
    if (!directory)
        return;
    for (const auto& entry : directory->entries()) {
        const auto uuid = Uuid::parse(entry.name);
        const auto device = uuid && doctor.is_inactive(*uuid)
            ? directory->find(entry.name)
            : std::nullopt;
        if (!device)
            continue;
        const auto users = joined(users_of(*device, env.root() / "proc"));
        doctor.add("removal-waits", Severity::warning, uuid->string(),
            "Device " + uuid->string() + " on " + parent.name() +
                " is being removed, but is still open in a process" +
                (users.empty() ? "" : ": " + users),
            "Stop the process that has the device open; the kernel then "
            "completes the removal");
    }
}

/// Finds devices that look started, but have not got all their attributes.
void examine_starts(Doctor& doctor)
{
    for (const auto& uuid : noted_starts(doctor.env)) {
        const auto* device = doctor.active(uuid);
        if (!device ||
            start_progress(doctor.env, *device) != StartProgress::ended)
            continue;
        // Only a definition says what a device has to have.
        const bool is_defined =
            !find_files(doctor.env, uuid, device->parent()).empty();
        doctor.add("start-unfinished", Severity::error, uuid.string(),
            "Device " + uuid.string() + " on " + device->parent() +
                " lacks attributes: the command that started it was killed",
            is_defined ? "Create the device again"
                       : "Stop the device, and start it again",
            is_defined
                ? shell_command(
                      {"mdevctl", "start", "--if-needed", "-u", uuid.string()})
                : shell_command({"mdevctl", "stop", "-u", uuid.string()}));
    }
}

void examine_devices(Doctor& doctor)
{
    auto found = all_devices(doctor.env);
    doctor.devices = std::move(found.devices);
    doctor.unread = std::move(found.unread);
    doctor.knows_devices = true;
    for (const auto& uuid : doctor.unread)
        doctor.attempt([&] { Device::find(uuid, doctor.env); });
    examine_starts(doctor);
}

}

void examine_parents(Doctor& doctor)
{
    const auto& env = doctor.env;
    doctor.attempt([&] { examine_devices(doctor); });
    doctor.parents = ParentDevice::all(env);
    doctor.knows_parents = true;
    for (const auto& parent : doctor.parents) {
        doctor.attempt([&] { examine_types(doctor, parent); });
        doctor.attempt([&] { examine_removals(doctor, parent); });
    }
    const auto cards = empty_cards(env);
    for (const auto& card : cards)
        doctor.add("no-virtual-functions", Severity::warning, card.name,
            "GPU " + card.name +
                " has no virtual functions, which are needed for virtual GPUs",
            "Create the virtual functions, at each boot", card.command);
    if (!doctor.parents.empty() || !cards.empty())
        return;
    const auto path = env.parents_directory().string();
    if (Directory::at(path))
        doctor.add("no-parents", Severity::warning, path,
            "The kernel supports mediated devices, but there is no parent",
            "Load the driver of the hardware, and read its messages", "dmesg");
    else
        doctor.add("no-mdev", Severity::warning, path,
            "The kernel does not support mediated devices: there is no " + path,
            has_no_mdev(env)
                ? "Install a kernel that has the module mdev: this one was "
                  "built without it"
                : "Load the driver of the hardware, which loads the module "
                  "mdev");
}

}
