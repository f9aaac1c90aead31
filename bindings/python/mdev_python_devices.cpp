// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

namespace {

py::tuple identity(const Device& device)
{
    return py::make_tuple(
        device.path(), Text(device.parent()), Text(device.type_id()));
}

void bind_device(py::module_& module)
{
    Class<Device> type(module, "Device",
        "An active device. What is stored about it is another thing, a\n"
        "Definition. Two are equal if they are the same device of the same\n"
        "type. It stays valid when the device goes, and raises Error then.");
    type.static_method(
            "find",
            [](const Uuid& uuid, const Environment& env) {
                return unlocked([&] { return Device::find(uuid, env); });
            },
            "The active device of that UUID, or None.", py::arg("uuid"),
            py::arg("env"))
        .static_method(
            "all",
            [](const Environment& env) {
                return unlocked([&] { return Device::all(env); });
            },
            "Every active device, sorted by parent and UUID. One that cannot\n"
            "be read is left out, with a warning in the log.",
            py::arg("env"))
        .property("uuid", &Device::uuid, "Its name: a uuid.UUID.")
        .property(
            "parent", [](const Device& self) { return Text(self.parent()); },
            "The name of its parent device.")
        .property(
            "type", [](const Device& self) { return Text(self.type_id()); },
            "The id of its type.")
        .property("path", &Device::path, "Its directory in /sys.")
        .method(
            "set_attribute",
            [](const Device& self, const Text& name, const Text& value) {
                unlocked([&] { self.set_attribute(name, value); });
            },
            "Writes `value`, as it is and in one write, to the attribute of\n"
            "that name, which may be a path as `power/control`.",
            py::arg("name"), py::arg("value"))
        .method(
            "remove",
            [](const Device& self) { unlocked([&] { self.remove(); }); },
            "Removes the device. The kernel waits while somebody has it open.\n"
            "Raises NotActive, or what the kernel said.")
        .hashed_by(identity);
    type.def("__repr__", [](const Device& self) {
        return py::str("<mdev.Device {} {} on {}>")
            .format(self.uuid().string(), Text(self.type_id()),
                Text(self.parent()));
    });
}

void bind_mdev_type(py::module_& module)
{
    Class<MdevType> type(module, "MdevType",
        "One kind of device that a parent offers: what the kernel said when\n"
        "it was looked up. Two are equal if they are the same parent's and\n"
        "have the same id.");
    type.property(
            "id", [](const MdevType& self) { return Text(self.id()); },
            "How the kernel and every definition call it, as `mtty-1`.")
        .property(
            "parent", [](const MdevType& self) { return Text(self.parent()); },
            "The parent's name.")
        .property("available_instances", &MdevType::available_instances,
            "How many more devices of it can be made.")
        .property(
            "device_api",
            [](const MdevType& self) { return Text(self.device_api()); },
            "Such as `vfio-pci`.")
        .property(
            "name", [](const MdevType& self) { return Text(self.name()); },
            "The vendor's name for it; empty if there is none.")
        .property(
            "description",
            [](const MdevType& self) { return Text(self.description()); },
            "The vendor's words on it, joined by `, `; may be empty.")
        .property("path", &MdevType::path, "Its directory in /sys.")
        .method(
            "create",
            [](const MdevType& self, const Uuid& uuid) {
                return unlocked([&] { return self.create(uuid); });
            },
            "Asks the kernel for a device of this type and returns it when it\n"
            "is there. Raises AlreadyActive, NoInstanceLeft, or what the\n"
            "kernel said. No script hears of it: see Manager.start().",
            py::arg("uuid"))
        .hashed_by([](const MdevType& self) { return py::cast(self.path()); });
    type.def("__repr__", [](const MdevType& self) {
        return py::str("<mdev.MdevType {} on {}, {} available>")
            .format(Text(self.id()), Text(self.parent()),
                self.available_instances());
    });
}

void bind_parent_device(py::module_& module)
{
    Class<ParentDevice> type(module, "ParentDevice",
        "Hardware that can be divided into mediated devices.");
    type.static_method(
            "find",
            [](const Text& name, const Environment& env) {
                return unlocked([&] { return ParentDevice::find(name, env); });
            },
            "The parent of that name, or None. Raises InvalidName if no\n"
            "parent could be so named.",
            py::arg("name"), py::arg("env"))
        .static_method(
            "all",
            [](const Environment& env) {
                return unlocked([&] { return ParentDevice::all(env); });
            },
            "Every parent, sorted by name.", py::arg("env"))
        .property(
            "name", [](const ParentDevice& self) { return Text(self.name()); },
            "How the kernel calls it, as `0000:00:02.0`.")
        .property(
            "types",
            [](const ParentDevice& self) {
                return unlocked([&] { return self.types(); });
            },
            "What the driver offers now, sorted by id: the kernel is asked\n"
            "each time.")
        .method(
            "type",
            [](const ParentDevice& self, const Text& id) {
                return unlocked([&] { return self.type(id); });
            },
            "One of them, or None if it is not offered.", py::arg("id"));
    type.def("__repr__", [](const ParentDevice& self) {
        return py::str("<mdev.ParentDevice {}>").format(Text(self.name()));
    });
}

}

void bind_devices(py::module_& module)
{
    bind_device(module);
    bind_mdev_type(module);
    bind_parent_device(module);
    define_function(
        module, "types_json",
        [](const std::vector<ParentDevice>& parents) {
            return Text(unlocked(
                [&] { return to_json(parents, JsonFormat::compatible); }));
        },
        "What `mdevctl types --dumpjson` prints, without the final newline.",
        py::arg("parents"));
    define_function(
        module, "flat_types_json",
        [](const std::vector<ParentDevice>& parents) {
            return Text(
                unlocked([&] { return to_json(parents, JsonFormat::flat); }));
        },
        "What `mdevctl types --json` prints, without the final newline.",
        py::arg("parents"));
}

}
