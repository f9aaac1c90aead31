// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

void bind_host_state(py::module_& module)
{
    Class<HostState> type(module, "HostState",
        "The definitions and active devices that a host has, or should have.\n"
        "mdevctl(8) describes the JSON text; Manager.apply() makes the host\n"
        "match it.");
    type.static_method(
            "of",
            [](const Environment& env) {
                return unlocked([&] { return HostState::of(env); });
            },
            "Returns the current state: every definition, whether it is\n"
            "active, and every active device without a definition, with the\n"
            "attributes that its callout script reports. What cannot be read\n"
            "is left out with a warning in the log.",
            py::arg("env"))
        .static_method(
            "from_json",
            [](const Text& json, const Text& source, const Environment& env) {
                return unlocked(
                    [&] { return HostState::from_json(json, source, env); });
            },
            "Parses a host state, which messages call `source`. Parents may\n"
            "have any unambiguous spelling, types also the vendor's name. An\n"
            "unknown member is refused. Raises InvalidDefinition, Ambiguous,\n"
            "NoSuchType.",
            py::arg("json"), py::arg("source"), py::arg("env"))
        .static_method(
            "from_file",
            [](const std::filesystem::path& file, const Environment& env) {
                return unlocked(
                    [&] { return HostState::from_file(file, env); });
            },
            "Parses a file, which may be a pipe such as /dev/stdin; a file of\n"
            "more than 64 MiB is refused.",
            py::arg("file"), py::arg("env"))
        .json("Returns the JSON text, without a final newline.");
}

}
