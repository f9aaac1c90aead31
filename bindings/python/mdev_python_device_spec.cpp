// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

namespace {

using Name = std::optional<Text>;

DeviceSpec make(const std::optional<Uuid>& uuid, const Name& parent,
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

py::tuple contents(const DeviceSpec& spec)
{
    return py::make_tuple(spec.uuid(), name_of(spec.parent()),
        name_of(spec.type_id()), spec.start());
}

constexpr const char* about =
    R"(DeviceSpec(uuid=None, parent=None, type_id=None, start=...)
--

As much of a device as the caller specifies; Manager.define() and
Manager.start() determine the rest:

    manager.start(mdev.DeviceSpec(parent="mtty", type_id="mtty-1"))

An immutable value; any thread may use it.)";

}

void bind_device_spec(py::module_& module)
{
    Class<DeviceSpec> type(module, "DeviceSpec", about);
    type.constructor(make, py::arg("uuid") = py::none(),
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
        .hashed_by(contents);
    type.def("__repr__", [](const DeviceSpec& self) {
        const auto uuid = self.uuid();
        return py::str("mdev.DeviceSpec({!r}, {!r}, {!r}, start={})")
            .format(uuid ? py::cast(uuid->string()) : py::none(),
                name_of(self.parent()), name_of(self.type_id()),
                py::cast(self.start()));
    });
}

}
