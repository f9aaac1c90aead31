// SPDX-License-Identifier: LGPL-2.1-or-later
#include "binding.hpp"

namespace mdev::python {

namespace {

py::str shown(const Outcome& self)
{
    const char* how = self.error().empty()
        ? self.is_changed() ? "changed" : "unchanged"
        : "failed";
    return py::str("<mdev.Outcome {} {} {}>")
        .format(self.word(), self.uuid().string(), how);
}

void bind_outcome(py::module_& module)
{
    Class<Outcome> type(module, "Outcome",
        "The result of a command for one device. A Manager's commands return\n"
        "results, its listener receives them, and Error.outcomes has those of\n"
        "the devices that failed.");
    type.property("action", &Outcome::action,
            "The CalloutAction: define, undefine, modify, start or stop.")
        .property(
            "word", &Outcome::word, "The action as a word, such as `start`.")
        .property("uuid", &Outcome::uuid, "The device's uuid.UUID.")
        .text_property("parent", &Outcome::parent,
            "The name of the parent device; empty if it is unknown.")
        .text_property("type_id", &Outcome::type_id,
            "The id of the mdev type; empty if it is unknown.")
        .property("is_changed", &Outcome::is_changed,
            "Whether the command changed the device or definition or, in a\n"
            "dry run, would change it.")
        .texts_property("differences", &Outcome::differences,
            "What modify changed: `type`, `start`, `attrs`, and `others` for\n"
            "unknown members.")
        .text_property("error", &Outcome::error,
            "The reason of the failure: one sentence; empty on success.")
        .property(
            "code",
            [](const Outcome& self) { return code_object(self.code()); },
            "The Errc of the failure, or the kernel's errno if only that is\n"
            "known; None on success.")
        .property(
            "errno", [](const Outcome& self) { return self.cause().value(); },
            "The kernel's own error; 0 if the kernel was not involved.")
        .property(
            "before", [](const Outcome& self) { return self.before(); },
            "The Definition before the command or, if the command changes the\n"
            "active device, that device as a Definition. A device that is\n"
            "stopped has no attributes here. None if the command adds the\n"
            "definition or device, or if it cannot be read.")
        .property(
            "after", [](const Outcome& self) { return self.after(); },
            "The Definition after the command or, if the command changes the\n"
            "active device, that device as a Definition. In a dry run, the\n"
            "expected one. None if the command removes it or has failed.")
        .property(
            "users",
            [](const Outcome& self) { return users_object(self.users()); },
            "The processes that have the device open, if that is why the\n"
            "command failed: a list of DeviceUser.")
        .json("Returns the line that mdevctl prints with --json, without its\n"
              "newline: an object with action, uuid, parent, type, changed,\n"
              "differs, error and, if the device is in use, users.");
    type.def("__repr__", shown);
}

void bind_host_device(py::module_& module)
{
    Class<HostDevice> type(module, "HostDevice",
        "HostDevice(definition, *, is_defined=True,\n"
        "           activity=Activity.by_start_mode)\n"
        "--\n\n"
        "One device of a HostState: a Definition, whether it is or should be\n"
        "defined, and whether it is or should be active.");
    type.constructor(
            [](const Definition& definition, bool is_defined,
                Activity activity) {
                return HostDevice(definition)
                    .defined(is_defined)
                    .activity(activity);
            },
            py::arg("definition"), py::kw_only(), py::arg("is_defined") = true,
            py::arg("activity") = Activity::by_start_mode)
        .property(
            "definition",
            [](const HostDevice& self) { return self.definition(); },
            "A copy of the Definition; of a device that is not defined, its\n"
            "parent, type and attributes.")
        .text_property("name", &HostDevice::name,
            "The name that the text has in place of a UUID, which follows "
            "from\n"
            "it; empty if the text has the UUID.")
        .property("is_defined", &HostDevice::is_defined,
            "Whether the device is, or should be, defined.")
        .property(
            "activity", [](const HostDevice& self) { return self.activity(); },
            "The Activity.");
    type.def("__repr__", [](const HostDevice& self) {
        const auto& definition = self.definition();
        return py::str("<mdev.HostDevice {} on {}>")
            .format(definition.uuid().string(), Text(definition.parent()));
    });
}

void bind_host_state(py::module_& module)
{
    Class<HostState> type(module, "HostState",
        "HostState(devices)\n"
        "--\n\n"
        "The definitions and active devices that a host has, or should have:\n"
        "a sequence of HostDevice, whose names are the kernel's.\n"
        "mdevctl(8) describes the JSON text; Manager.apply() makes the host\n"
        "match it.");
    type.constructor(
            [](const std::vector<HostDevice>& devices) {
                return HostState(devices);
            },
            py::arg("devices"))
        .property("devices", &HostState::devices,
            "The devices in the order of the text: a list of HostDevice.")
        .static_method(
            "of",
            [](const Environment& env) {
                return unlocked([&] { return HostState::of(env); });
            },
            "Returns the actual state: every definition and whether it is\n"
            "active, and every active device that is not defined, with the\n"
            "attributes that its callout script reports. Devices that cannot\n"
            "be read are omitted with a warning in the log; see is_complete.",
            py::arg("env"))
        .property("is_complete", &HostState::is_complete,
            "Whether nothing was omitted, that is, of() could read each\n"
            "definition and device. A state that was read from JSON is\n"
            "complete.")
        .static_method(
            "from_json",
            [](const Text& json, const Text& source) {
                return unlocked(
                    [&] { return HostState::from_json(json, source); });
            },
            "Parses a state file. A parent may have any name that\n"
            "ParentDevice.resolve() accepts, and a type its vendor's name;\n"
            "Manager.apply() resolves these names. Unknown members are an\n"
            "error. Raises InvalidDefinition, whose message begins with\n"
            "`source`.",
            py::arg("json"), py::arg("source"))
        .static_method(
            "from_file",
            [](const std::filesystem::path& file, const Environment& env) {
                return unlocked(
                    [&] { return HostState::from_file(file, env); });
            },
            "Parses a state file, or a pipe such as /dev/stdin, of at most 64\n"
            "MiB.",
            py::arg("file"), py::arg("env"))
        .json("Returns the JSON text, without a final newline.");
}

/// None for an empty path, by which the library says that there is none.
std::optional<std::filesystem::path> existing(const std::filesystem::path& path)
{
    return path.empty() ? std::nullopt : std::optional(path);
}

void write_json_of(
    const py::function& each, JsonFormat format, const py::function& sink)
{
    write_json(
        [&](const ListedDeviceVisitor& visit) {
            // A program may keep the function that it is called with.
            const auto used = std::make_shared<const ListedDeviceVisitor*>();
            *used = &visit;
            call(each, py::cpp_function([used](const ListedDevice& device) {
                if (!*used)
                    throw std::runtime_error("The list has ended");
                (**used)(device);
            }));
            *used = nullptr;
        },
        format,
        [&](std::string_view piece) {
            call(sink, py::str(piece.data(), piece.size()));
        });
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
            "scripts report the devices' attributes. Devices that cannot be\n"
            "read are omitted with a warning in the log.",
            py::arg("uuid") = py::none(), py::arg("parent") = py::none(),
            py::arg("ask") = AskScripts::no, py::kw_only(), py::arg("env"))
        .static_method(
            "defined",
            [](const std::optional<Uuid>& uuid, const Name& parent,
                AskScripts ask, const Environment& env) {
                return unlocked([&] {
                    return ListedDevice::defined(uuid, parent, ask, env);
                });
            },
            "Returns the definitions, sorted by parent and UUID; with `uuid`\n"
            "or `parent`, only those. With AskScripts.yes, callout scripts\n"
            "report the attributes of active devices for `differences`.\n"
            "Definitions that cannot be read are omitted with a warning in\n"
            "the log.",
            py::arg("uuid") = py::none(), py::arg("parent") = py::none(),
            py::arg("ask") = AskScripts::no, py::kw_only(), py::arg("env"))
        .static_method(
            "each_defined",
            [](const py::function& visit, const std::optional<Uuid>& uuid,
                const Name& parent, AskScripts ask, const Environment& env) {
                unlocked([&] {
                    ListedDevice::each_defined(uuid, parent, ask, env,
                        [&](const ListedDevice& device) {
                            locked([&] { call(visit, device); });
                        });
                });
            },
            "Calls `visit` with each device that defined() returns. Unless\n"
            "scripts are asked, only one is in memory at a time. An exception\n"
            "of `visit` ends the list.",
            py::arg("visit"), py::arg("uuid") = py::none(),
            py::arg("parent") = py::none(), py::arg("ask") = AskScripts::no,
            py::kw_only(), py::arg("env"))
        .static_method("write_json", &write_json_of,
            "Calls `sink` with one piece of list_to_json() after the other.\n"
            "The devices are those with which `each` calls its argument:\n"
            "\n"
            "    ListedDevice.write_json(\n"
            "        lambda visit: ListedDevice.each_defined(visit, env=env),\n"
            "        JsonFormat.compatible, sys.stdout.write)",
            py::arg("each"), py::arg("format"), py::arg("sink"))
        .static_method(
            "list_to_json",
            [](const std::vector<ListedDevice>& devices, JsonFormat format) {
                return Text(unlocked([&] { return to_json(devices, format); }));
            },
            "Returns what `mdevctl list` prints for these devices, without\n"
            "the final newline: with --dumpjson for JsonFormat.compatible, or\n"
            "with --json for JsonFormat.flat.",
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
        .property("framework", &ListedDevice::framework,
            "The Framework of the parent; None if the parent does not exist.")
        .property("is_defined", &ListedDevice::is_defined,
            "Whether the device is defined on this parent, even by an invalid\n"
            "file.")
        .texts_property("differences", &ListedDevice::differences,
            "What differs between the active device and its definition:\n"
            "`type`, and `attrs` if its script has reported attributes.")
        .property(
            "path",
            [](const ListedDevice& self) { return existing(self.path()); },
            "The active device's directory, or None.")
        .property(
            "file",
            [](const ListedDevice& self) { return existing(self.file()); },
            "The definition's file, or None.");
}

void bind_listed_device(py::module_& module)
{
    Class<ListedDevice> type(module, "ListedDevice",
        "An entry of a list: an active or a defined device, and whether it is\n"
        "both. DeviceStatus has more about one device.");
    bind_lists(type);
    bind_nouns(type);
    type.def("__repr__", [](const ListedDevice& self) {
        const auto& definition = self.definition();
        return py::str("<mdev.ListedDevice {} on {}>")
            .format(definition.uuid().string(), Text(definition.parent()));
    });
}

}

void bind_reports(py::module_& module)
{
    bind_outcome(module);
    bind_host_device(module);
    bind_host_state(module);
    bind_listed_device(module);
}

}
