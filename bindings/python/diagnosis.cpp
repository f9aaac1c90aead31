// SPDX-License-Identifier: LGPL-2.1-or-later
#include "binding.hpp"

namespace mdev::python {

namespace {

void bind_device_status(py::module_& module)
{
    Class<DeviceStatus> type(module, "DeviceStatus",
        "Everything that is known about one device, active and stored: a\n"
        "snapshot.");
    type.static_method(
            "find",
            [](const Uuid& uuid, const Environment& env) {
                return unlocked([&] { return DeviceStatus::find(uuid, env); });
            },
            "Collects the status from the kernel, the store, the device's\n"
            "callout script and /proc. Returns None if the device is neither\n"
            "active nor defined.",
            py::arg("uuid"), py::arg("env"))
        .property("uuid", &DeviceStatus::uuid, "The device's uuid.UUID.")
        .property(
            "active", &DeviceStatus::active, "The active Device, or None.")
        .property("definitions", &DeviceStatus::definitions,
            "The definitions of the device: the Definition on the active\n"
            "device's parent first, then the others, sorted by parent.")
        .property("files", &DeviceStatus::files,
            "The file of each definition, in the same order, and then those\n"
            "of invalid definitions.")
        .texts_property("differences", &DeviceStatus::differences,
            "What differs between the active device and its definition under\n"
            "the same parent: `type`, `attrs`.")
        .property("type", &DeviceStatus::type,
            "The MdevType as the parent offers it now, or None.")
        .property(
            "active_attributes",
            [](const DeviceStatus& self) {
                return Attributes{self.active_attributes()};
            },
            "The attributes that the callout script reports for the active\n"
            "device.")
        .property("script", &DeviceStatus::script,
            "The callout script that serves the device, or None.")
        .property("framework", &DeviceStatus::framework,
            "The Framework of the parent; None if the parent does not exist.")
        .text_property("iommu_group", &DeviceStatus::iommu_group,
            "The number of the active device in /sys/kernel/iommu_groups;\n"
            "empty if it has none.")
        .property("device_files", &DeviceStatus::device_files,
            "The files that a virtual machine opens, such as /dev/vfio/12.")
        .texts_property("users", &DeviceStatus::users,
            "The processes that have one of these files open, such as\n"
            "`process 172 (qemu)`; only root sees all of them.")
        .json("Returns what `mdevctl show --json` prints, without the final\n"
              "newline.");
    type.def("__repr__", [](const DeviceStatus& self) {
        return py::str("<mdev.DeviceStatus {}>").format(self.uuid().string());
    });
}

void bind_finding(py::module_& module)
{
    Class<Finding> type(
        module, "Finding", "One problem that diagnose() has found.");
    type.static_method(
            "list_to_json",
            [](const std::vector<Finding>& findings) {
                return Text(unlocked([&] { return to_json(findings); }));
            },
            "Returns what `mdevctl doctor --json` prints for these findings,\n"
            "without the final newline.",
            py::arg("findings"))
        .text_property("id", &Finding::id,
            "The kind of problem: a word that never changes, such as\n"
            "`definition-broken`. mdevctl-doctor(7) describes each.")
        .property("severity", &Finding::severity, "The Severity.")
        .text_property("subject", &Finding::subject,
            "The subject of the problem: a path, a UUID or a parent's name.")
        .text_property("message", &Finding::message,
            "The problem: one sentence without a full stop.")
        .text_property("advice", &Finding::advice,
            "The remedy: one sentence without a full stop.")
        .text_property("command", &Finding::command,
            "The command that does what the advice says, quoted for a shell;\n"
            "empty if no single command does that. A word in capital letters,\n"
            "such as PARENT, is to be replaced.");
    type.def("__repr__", [](const Finding& self) {
        return py::str("<mdev.Finding {} {}>")
            .format(Text(self.id()), Text(self.subject()));
    });
}

}

void bind_diagnosis(py::module_& module)
{
    bind_device_status(module);
    bind_finding(module);
    define_function(
        module, "diagnose",
        [](const Environment& env) {
            return unlocked([&] { return diagnose(env); });
        },
        "Checks everything that mediated devices depend on. Returns a list of\n"
        "Finding, which is empty on a healthy system. Changes nothing and\n"
        "runs no script.",
        py::arg("env"));
}

}
