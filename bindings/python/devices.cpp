// SPDX-License-Identifier: LGPL-2.1-or-later
#include "binding.hpp"

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
        "An active device. A stored description of a device is a Definition.\n"
        "Two objects are equal if they are the same device of the same type.\n"
        "The object remains valid when the device is removed; its methods\n"
        "then raise Error.");
    type.static_method(
            "find",
            [](const Uuid& uuid, const Environment& env) {
                return unlocked([&] { return Device::find(uuid, env); });
            },
            "Returns the active device of that UUID, or None.", py::arg("uuid"),
            py::arg("env"))
        .static_method(
            "all",
            [](const Environment& env) {
                return unlocked([&] { return Device::all(env); });
            },
            "Returns every active device, sorted by parent and UUID. Devices\n"
            "that cannot be read are omitted with a warning in the log.",
            py::arg("env"))
        .property("uuid", &Device::uuid, "The device's uuid.UUID.")
        .text_property(
            "parent", &Device::parent, "The name of the parent device.")
        .text_property("type_id", &Device::type_id, "The id of the mdev type.")
        .property("framework", &Device::framework,
            "The Framework that created the device.")
        .property("path", &Device::path,
            "The device's entry in Environment.devices_directory.")
        .property(
            "real_path",
            [](const Device& self) {
                return unlocked([&] { return self.real_path(); });
            },
            "The device's own directory, without symbolic links. Raises\n"
            "NotActive.")
        .property(
            "iommu_group",
            [](const Device& self) {
                return Text(unlocked([&] { return self.iommu_group(); }));
            },
            "The number of the device's IOMMU group; empty if it has none.\n"
            "Raises NotActive.")
        .property(
            "device_files",
            [](const Device& self) {
                return unlocked([&] { return self.device_files(); });
            },
            "The VFIO device files that a virtual machine opens. Raises\n"
            "NotActive.")
        .method(
            "attribute",
            [](const Device& self, const Text& name) {
                return Text(unlocked([&] { return self.attribute(name); }));
            },
            "Reads the attribute of that name, which may be a path such as\n"
            "`power/control`: at most 64 KiB, without the final newline.\n"
            "Raises InvalidName, NotActive, or the kernel's error.",
            py::arg("name"))
        .method(
            "set_attribute",
            [](const Device& self, const Text& name, const Text& value) {
                unlocked([&] { self.set_attribute(name, value); });
            },
            "Writes `value`, unchanged and in one write, to the attribute of\n"
            "that name, which may be a path such as `power/control`.",
            py::arg("name"), py::arg("value"))
        .property(
            "users",
            [](const Device& self) {
                return users_object(unlocked([&] { return self.users(); }));
            },
            "The visible processes in /proc that have the device open: a list\n"
            "of DeviceUser. Raises NotActive.")
        .method(
            "remove",
            [](const Device& self) { unlocked([&] { self.remove(); }); },
            "Removes the device. If a process has the device open, the kernel\n"
            "waits until the device is closed. After a second, the wait can\n"
            "be cancelled; the kernel completes the removal later. Raises\n"
            "NotActive, Cancelled, or the kernel's error.")
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
        "A kind of device that a parent offers: a snapshot, with the values\n"
        "at the time of the call that returned it. Two are equal if they have\n"
        "the same parent and id.");
    type.static_method(
            "all_available",
            [](const Text& spelling, const Environment& env) {
                return unlocked(
                    [&] { return MdevType::all_available(spelling, env); });
            },
            "Returns the types called `spelling`, an id or the vendor's name,\n"
            "of which another device can be created, sorted by parent.",
            py::arg("spelling"), py::arg("env"))
        .text_property("id", &MdevType::id,
            "The id, such as `mtty-1`, which the kernel and every definition\n"
            "use.")
        .text_property("parent", &MdevType::parent, "The parent's name.")
        .property("available_instances", &MdevType::available_instances,
            "The number of further devices of this type that can be created.")
        .text_property("device_api", &MdevType::device_api,
            "The device API, such as `vfio-pci`.")
        .text_property("name", &MdevType::name,
            "The vendor's name for the type; empty if there is none.")
        .text_property("description", &MdevType::description,
            "The vendor's description, its lines joined by `, `; may be\n"
            "empty.")
        .property("path", &MdevType::path, "The type's directory in /sys.")
        .method(
            "create",
            [](const MdevType& self, const Uuid& uuid) {
                return unlocked([&] { return self.create(uuid); });
            },
            "Asks the kernel for a device of this type and returns the device\n"
            "when it exists. No callout script runs: see Manager.start().\n"
            "Raises AlreadyActive, NoInstanceLeft, or the kernel's error.",
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
        "Hardware that can be divided into mediated devices. Two are equal if\n"
        "they have the same path.");
    type.static_method(
            "find",
            [](const Text& name, const Environment& env) {
                return unlocked([&] { return ParentDevice::find(name, env); });
            },
            "Returns the parent of that name, or None. Raises InvalidName if\n"
            "no parent can have that name.",
            py::arg("name"), py::arg("env"))
        .static_method(
            "all",
            [](const Environment& env) {
                return unlocked([&] { return ParentDevice::all(env); });
            },
            "Returns every parent, sorted by name.", py::arg("env"))
        .static_method(
            "list_to_json",
            [](const std::vector<ParentDevice>& parents, JsonFormat format) {
                return Text(unlocked([&] { return to_json(parents, format); }));
            },
            "Returns what `mdevctl types` prints for these parents, without\n"
            "the final newline: with --dumpjson for JsonFormat.compatible, or\n"
            "with --json for JsonFormat.flat.",
            py::arg("parents"), py::arg("format"))
        .static_method(
            "resolve",
            [](const Text& spelling, const Environment& env) {
                return unlocked(
                    [&] { return ParentDevice::resolve(spelling, env); });
            },
            "Returns the parent with the name `spelling` in any notation, or\n"
            "None: `00:02.0`, `00000000:00:02.0`, `pci_0000_00_02_0`, a path,\n"
            "or one of other_names, in any letter case. Raises Ambiguous or\n"
            "InvalidName.",
            py::arg("spelling"), py::arg("env"))
        .text_property("name", &ParentDevice::name,
            "The kernel's name for the parent, such as `0000:00:02.0`.")
        .property("framework", &ParentDevice::framework,
            "The Framework with which the parent creates devices.")
        .property("path", &ParentDevice::path,
            "The parent's entry in Environment.parents_directory.")
        .property(
            "real_path",
            [](const ParentDevice& self) {
                return unlocked([&] { return self.real_path(); });
            },
            "The parent's own directory, without symbolic links. Raises\n"
            "NoSuchParent if the parent has disappeared.")
        .property(
            "driver",
            [](const ParentDevice& self) {
                return Text(unlocked([&] { return self.driver(); }));
            },
            "The name of the parent's driver; empty if it has none. Raises\n"
            "NoSuchParent.")
        .property(
            "subsystem",
            [](const ParentDevice& self) {
                return Text(unlocked([&] { return self.subsystem(); }));
            },
            "The name of the parent's bus or class, such as `pci`. Raises\n"
            "NoSuchParent.")
        .property(
            "other_names",
            [](const ParentDevice& self) {
                return texts_object(
                    unlocked([&] { return self.other_names(); }));
            },
            "The other names by which the kernel knows the parent, such as\n"
            "the number of the device behind an s390 subchannel. Raises\n"
            "NoSuchParent.")
        .property(
            "devices",
            [](const ParentDevice& self) {
                return unlocked([&] { return self.devices(); });
            },
            "The active devices of this parent, sorted by UUID. Each access\n"
            "asks the kernel.")
        .property(
            "types",
            [](const ParentDevice& self) {
                return unlocked([&] { return self.types(); });
            },
            "The types that the driver offers now, sorted by id. Each access\n"
            "asks the kernel.")
        .method(
            "type",
            [](const ParentDevice& self, const Text& id) {
                return unlocked([&] { return self.type(id); });
            },
            "Returns the type of that id, or None if the driver does not\n"
            "offer it.",
            py::arg("id"))
        .method(
            "resolve_type",
            [](const ParentDevice& self, const Text& spelling) {
                return unlocked([&] { return self.resolve_type(spelling); });
            },
            "Returns the type with the id or the vendor's name `spelling`, or\n"
            "None. Raises Ambiguous.",
            py::arg("spelling"))
        .hashed_by(
            [](const ParentDevice& self) { return py::cast(self.path()); });
    type.def("__repr__", [](const ParentDevice& self) {
        return py::str("<mdev.ParentDevice {}>").format(Text(self.name()));
    });
}

DeviceSpec make_spec(const std::optional<Uuid>& uuid, const Name& parent,
    const Name& type_id, StartMode start)
{
    DeviceSpec spec;
    if (uuid)
        spec.uuid(*uuid);
    if (parent)
        spec.parent(*parent);
    if (type_id)
        spec.type_id(*type_id);
    return spec.start(start);
}

Name name_of(const std::optional<std::string>& name)
{
    return name ? std::optional(Text(*name)) : std::nullopt;
}

py::tuple values_of(const DeviceSpec& spec)
{
    return py::make_tuple(spec.uuid(), name_of(spec.parent()),
        name_of(spec.type_id()), spec.start());
}

constexpr const char* spec_text =
    R"(DeviceSpec(uuid=None, parent=None, type_id=None, start=...)
--

A device of which the caller specifies only a part. Manager.define() and
Manager.start() determine the rest:

    manager.start(mdev.DeviceSpec(parent="mtty", type_id="mtty-1"))

An immutable value; any thread may use it.)";

void bind_device_spec(py::module_& module)
{
    Class<DeviceSpec> type(module, "DeviceSpec", spec_text);
    type.constructor(make_spec, py::arg("uuid") = py::none(),
            py::arg("parent") = py::none(), py::arg("type_id") = py::none(),
            py::arg("start") = StartMode::manual)
        .property(
            "uuid", [](const DeviceSpec& self) { return self.uuid(); },
            "The uuid.UUID, or None if it is not specified.")
        .property(
            "parent",
            [](const DeviceSpec& self) { return name_of(self.parent()); },
            "The name of the parent device, or None if it is not specified.")
        .property(
            "type_id",
            [](const DeviceSpec& self) { return name_of(self.type_id()); },
            "The id of the mdev type, or None if it is not specified.")
        .property(
            "start", [](const DeviceSpec& self) { return self.start(); },
            "The StartMode, which Manager.start() ignores.")
        .hashed_by(values_of);
    type.def("__repr__", [](const DeviceSpec& self) {
        const auto uuid = self.uuid();
        return py::str("mdev.DeviceSpec({!r}, {!r}, {!r}, start={})")
            .format(uuid ? py::cast(uuid->string()) : py::none(),
                name_of(self.parent()), name_of(self.type_id()),
                py::cast(self.start()));
    });
}

}

void bind_devices(py::module_& module)
{
    bind_device(module);
    bind_mdev_type(module);
    bind_parent_device(module);
    bind_device_spec(module);
}

}
