// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

namespace {

using Name = std::optional<Text>;

/// None for an empty path, by which the library says that there is none.
std::optional<std::filesystem::path> existing(const std::filesystem::path& path)
{
    return path.empty() ? std::nullopt : std::optional(path);
}

void bind_lists(Class<ListedDevice>& type)
{
    type.static_method(
            "active",
            [](const std::optional<Uuid>& uuid, const Name& parent,
                AskScripts ask, const Environment& env) {
                return unlocked([&] {
                    return ListedDevice::active(uuid, parent, ask, env);
                });
            },
            "Returns the active devices, sorted by parent and UUID; with\n"
            "`uuid` or `parent`, only those. With AskScripts.yes, callout\n"
            "scripts report the devices' attributes. What cannot be read is\n"
            "left out with a warning in the log.",
            py::arg("uuid") = py::none(), py::arg("parent") = py::none(),
            py::arg("ask") = AskScripts::no, py::kw_only(), py::arg("env"))
        .static_method(
            "defined",
            [](const std::optional<Uuid>& uuid, const Name& parent,
                const Environment& env) {
                return unlocked(
                    [&] { return ListedDevice::defined(uuid, parent, env); });
            },
            "Returns the definitions, sorted by parent and UUID; with `uuid`\n"
            "or `parent`, only those. What cannot be read is left out with a\n"
            "warning in the log.",
            py::arg("uuid") = py::none(), py::arg("parent") = py::none(),
            py::kw_only(), py::arg("env"))
        .static_method(
            "list_to_json",
            [](const std::vector<ListedDevice>& devices, JsonFormat format) {
                return Text(unlocked([&] { return to_json(devices, format); }));
            },
            "Returns what `mdevctl list` prints for these devices, without "
            "the\n"
            "final newline: with --dumpjson for JsonFormat.compatible, or "
            "with\n"
            "--json for JsonFormat.flat.",
            py::arg("devices"), py::arg("format"));
}

void bind_nouns(Class<ListedDevice>& type)
{
    type.property(
            "definition",
            [](const ListedDevice& self) { return self.definition(); },
            "A copy of the Definition. For an active device it has the actual\n"
            "parent, type and attributes, and the stored StartMode.")
        .property("is_active", &ListedDevice::is_active,
            "Whether the device is active on this parent.")
        .property("is_defined", &ListedDevice::is_defined,
            "Whether the device is defined on this parent, even by an invalid\n"
            "file.")
        .texts_property("differences", &ListedDevice::differences,
            "How the active device differs from its definition: `type`, and\n"
            "`attrs` if its script was asked.")
        .property(
            "path",
            [](const ListedDevice& self) { return existing(self.path()); },
            "The active device's directory, or None.")
        .property(
            "file",
            [](const ListedDevice& self) { return existing(self.file()); },
            "The definition's file, or None.");
}

}

void bind_listed_device(py::module_& module)
{
    Class<ListedDevice> type(module, "ListedDevice",
        "An entry of a list: an active or a defined device, and whether it is\n"
        "both. DeviceStatus says more about one device.");
    bind_lists(type);
    bind_nouns(type);
    type.def("__repr__", [](const ListedDevice& self) {
        const auto& definition = self.definition();
        return py::str("<mdev.ListedDevice {} on {}>")
            .format(definition.uuid().string(), Text(definition.parent()));
    });
}

}
