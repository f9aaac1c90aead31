// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

namespace {

using Name = std::optional<Text>;

/// None where there is none, which the library says by an empty path.
std::optional<std::filesystem::path> existing(const std::filesystem::path& path)
{
    return path.empty() ? std::nullopt : std::optional(path);
}

void bind_lists(Class<ListedDevice>& type)
{
    type.static_method(
            "active",
            [](const Environment& env, const std::optional<Uuid>& uuid,
                const Name& parent, AskScripts scripts) {
                return unlocked([&] {
                    return ListedDevice::active(uuid, parent, scripts, env);
                });
            },
            "The active devices, sorted by parent and UUID; if they are\n"
            "given, only those of that UUID and parent. With Scripts.asked,\n"
            "callout scripts say what attributes they have. What cannot be\n"
            "read is left out with a warning in the log.",
            py::arg("env"), py::arg("uuid") = py::none(),
            py::arg("parent") = py::none(), py::kw_only(),
            py::arg("scripts") = AskScripts::no)
        .static_method(
            "defined",
            [](const Environment& env, const std::optional<Uuid>& uuid,
                const Name& parent) {
                return unlocked(
                    [&] { return ListedDevice::defined(uuid, parent, env); });
            },
            "The same for the definitions.", py::arg("env"),
            py::arg("uuid") = py::none(), py::arg("parent") = py::none());
}

void bind_nouns(Class<ListedDevice>& type)
{
    type.property(
            "definition",
            [](const ListedDevice& self) { return self.definition(); },
            "The Definition, a copy; of an active device parent, type and\n"
            "attributes as they are, and how it starts as its definition\n"
            "says.")
        .property("is_active", &ListedDevice::is_active,
            "Whether it runs under this parent.")
        .property("is_defined", &ListedDevice::is_defined,
            "Whether it is defined under this parent, if only by a broken\n"
            "file.")
        .property(
            "differences",
            [](const ListedDevice& self) { return texts(self.differences()); },
            "In what the active device is other than its definition says:\n"
            "`type`, and `attrs` where its script was asked.")
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
        "A device in a list: what runs, or what is stored, and whether it is\n"
        "both. DeviceStatus says more about one of them.");
    bind_lists(type);
    bind_nouns(type);
    type.def("__repr__", [](const ListedDevice& self) {
        const auto& definition = self.definition();
        return py::str("<mdev.ListedDevice {} on {}>")
            .format(definition.uuid().string(), Text(definition.parent()));
    });
    define_function(
        module, "devices_json",
        [](const std::vector<ListedDevice>& devices) {
            return Text(
                unlocked([&] { return to_json(devices, JsonFormat::flat); }));
        },
        "What `mdevctl list --json` prints, without the final newline.",
        py::arg("devices"));
}

}
