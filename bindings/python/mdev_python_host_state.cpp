// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

void bind_host_state(py::module_& module)
{
    Class<HostState> type(module, "HostState",
        "What is, or should be, defined and active on a host, as one "
        "document,\n"
        "which mdevctl(8) describes and Manager.apply() brings about.");
    type.static_method(
            "of",
            [](const Environment& env) {
                return unlocked([&] { return HostState::of(env); });
            },
            "What is now: every definition, and whether it is active, and\n"
            "every active device that is not defined, with the attributes\n"
            "that its callout script names. What cannot be read is left out\n"
            "with a warning in the log.",
            py::arg("env"))
        .static_method(
            "from_json",
            [](const Text& json, const Environment& env, const Text& source) {
                return unlocked(
                    [&] { return HostState::from_json(json, source, env); });
            },
            "Reads a document, which messages call `source`. Parents may be\n"
            "spelt in any way that names them, types also by the vendor's\n"
            "name. A member that is not known is refused. Raises\n"
            "InvalidDefinition, Ambiguous, NoSuchType.",
            py::arg("json"), py::arg("env"), py::arg("source") = "document")
        .static_method(
            "from_file",
            [](const std::filesystem::path& file, const Environment& env) {
                return unlocked(
                    [&] { return HostState::from_file(file, env); });
            },
            "The same for a file, which may be a pipe as /dev/stdin.",
            py::arg("file"), py::arg("env"))
        .property(
            "json", [](const HostState& self) { return Text(self.to_json()); },
            "The document, without a final newline.");
}

}
