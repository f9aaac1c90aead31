// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

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

}

void bind_outcome(py::module_& module)
{
    Class<Outcome> type(module, "Outcome",
        "The result of a command for one device, as a Manager passes it to\n"
        "its listener.");
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
            "What modify changed: `type`, `start`, `attrs`, `others`.")
        .text_property("error", &Outcome::error,
            "Why the command failed: one sentence, empty on success.")
        .json("Returns what mdevctl prints with --json, without the final\n"
              "newline: an object with action, uuid, parent, type, changed,\n"
              "differs and error.");
    type.def("__repr__", shown);
}

}
