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
        "What came of a command for one device, as a Manager's listener hears\n"
        "it.");
    type.property("action", &Outcome::action,
            "What was to be done, a CalloutAction: define, undefine, modify,\n"
            "start or stop.")
        .property(
            "word", [](const Outcome& self) { return Text(self.word()); },
            "The same as a word, such as `start`.")
        .property("uuid", &Outcome::uuid, "The device: a uuid.UUID.")
        .property(
            "parent", [](const Outcome& self) { return Text(self.parent()); },
            "Its parent; empty where nobody knows.")
        .property(
            "type", [](const Outcome& self) { return Text(self.type_id()); },
            "Its type; empty where nobody knows.")
        .property("is_changed", &Outcome::is_changed,
            "Whether it is other than before or, in a dry run, would be.")
        .property(
            "differences",
            [](const Outcome& self) { return texts(self.differences()); },
            "What modify changed: `type`, `start`, `attrs`, `others`.")
        .property(
            "error", [](const Outcome& self) { return Text(self.error()); },
            "Why it failed, one sentence; empty if it did not.")
        .method(
            "json", [](const Outcome& self) { return Text(self.to_json()); },
            "What mdevctl prints with --json, without the end of the line:\n"
            "an object with action, uuid, parent, type, changed, differs and\n"
            "error.");
    type.def("__repr__", shown);
}

}
