// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

namespace {

void bind_device_status(py::module_& module)
{
    Class<DeviceStatus> type(module, "DeviceStatus",
        "Everything that can be said about one device: what runs and what is\n"
        "stored, side by side, as it was when it was asked for.");
    type.static_method(
            "find",
            [](const Uuid& uuid, const Environment& env) {
                return unlocked([&] { return DeviceStatus::find(uuid, env); });
            },
            "Asks the kernel, the store, the device's callout script and\n"
            "/proc. None if the device is neither active nor defined.",
            py::arg("uuid"), py::arg("env"))
        .property("uuid", &DeviceStatus::uuid, "Its name: a uuid.UUID.")
        .property(
            "active", &DeviceStatus::active, "The Device that runs, or None.")
        .property("definitions", &DeviceStatus::definitions,
            "What is stored about it: the Definition under the active "
            "device's\n"
            "parent first, then others, sorted by parent.")
        .property("files", &DeviceStatus::files,
            "The file of each definition, in the same order.")
        .property(
            "differences",
            [](const DeviceStatus& self) { return texts(self.differences()); },
            "In what the active device is other than its first definition\n"
            "says: `parent`, `type`, `attrs`.")
        .property("type", &DeviceStatus::type,
            "The MdevType as its parent offers it now, or None.")
        .property(
            "active_attributes",
            [](const DeviceStatus& self) {
                return Attributes{self.active_attributes()};
            },
            "What the callout script says that the active device has.")
        .property("script", &DeviceStatus::script,
            "The callout script that answers for the device, or None.")
        .property(
            "iommu_group",
            [](const DeviceStatus& self) { return Text(self.iommu_group()); },
            "The active device's number in /sys/kernel/iommu_groups; empty if\n"
            "it has none.")
        .property("device_files", &DeviceStatus::device_files,
            "What a virtual machine opens, such as /dev/vfio/12.")
        .property(
            "users",
            [](const DeviceStatus& self) { return texts(self.users()); },
            "Who has one of them open, such as `process 172 (qemu)`; only "
            "root\n"
            "sees everybody.");
    type.def("__repr__", [](const DeviceStatus& self) {
        return py::str("<mdev.DeviceStatus {}>").format(self.uuid().string());
    });
}

void bind_finding(py::module_& module)
{
    Class<Finding> type(
        module, "Finding", "One thing that is wrong with the system.");
    type.property(
            "id", [](const Finding& self) { return Text(self.id()); },
            "What is wrong, as a word that stays the same for ever, such as\n"
            "`definition-broken`: mdevctl-doctor(7) has a section for each.")
        .property(
            "severity", &Finding::severity, "How much it matters: a Severity.")
        .property(
            "subject", [](const Finding& self) { return Text(self.subject()); },
            "What it is about: a path, a UUID or a parent's name.")
        .property(
            "message", [](const Finding& self) { return Text(self.message()); },
            "What is wrong: one sentence without a final stop.")
        .property(
            "advice", [](const Finding& self) { return Text(self.advice()); },
            "What to do about it: one sentence without a final stop.");
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
        module, "status_json",
        [](const DeviceStatus& status) {
            return Text(unlocked([&] { return status.to_json(); }));
        },
        "What `mdevctl show --json` prints, without the final newline.",
        py::arg("status"));
    define_function(
        module, "diagnose",
        [](const Environment& env) {
            return unlocked([&] { return diagnose(env); });
        },
        "Looks at everything that mediated devices depend on and says what is\n"
        "wrong: a list of Finding, empty on a healthy system. It changes\n"
        "nothing and runs no script.",
        py::arg("env"));
    define_function(
        module, "findings_json",
        [](const std::vector<Finding>& findings) {
            return Text(unlocked([&] { return to_json(findings); }));
        },
        "What `mdevctl doctor --json` prints, without the final newline.",
        py::arg("findings"));
}

}
