// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

namespace {

void bind_result(py::module_& module)
{
    Class<CalloutResult> type(
        module, "CalloutResult", "How one script answered.");
    type.property("script", &CalloutResult::script, "The script: a Path.")
        .property("is_accepted", &CalloutResult::is_accepted,
            "Whether it exited with status 0.")
        .property(
            "reason",
            [](const CalloutResult& self) { return Text(self.reason()); },
            "Why not: `it exited with status 1` and the like; empty if it\n"
            "accepted.")
        .property(
            "output",
            [](const CalloutResult& self) { return Text(self.output()); },
            "What it wrote to stdout, at most 1 MiB.")
        .property(
            "errors",
            [](const CalloutResult& self) { return Text(self.errors()); },
            "What it wrote to stderr, at most 1 MiB.");
    type.def("__repr__", [](const CalloutResult& self) {
        return py::str("<mdev.CalloutResult {}: {}>")
            .format(self.script(),
                self.is_accepted() ? Text("accepted") : Text(self.reason()));
    });
}

/// In place, as in C++: each object of the list gets its attributes.
void add_attributes(const CalloutEngine& engine, const py::list& devices)
{
    const py::tuple objects(devices); // whatever becomes of the list meanwhile
    std::vector<Definition> changed;
    for (const auto object : objects) {
        if (!py::isinstance<Definition>(object))
            throw py::type_error("devices must be a list of mdev.Definition");
        changed.push_back(object.cast<const Definition&>());
    }
    unlocked([&] { engine.add_attributes(changed); });
    for (std::size_t i = 0; i < changed.size(); ++i)
        objects[i].cast<Definition&>() = changed[i];
}

void bind_questions(Class<CalloutEngine>& type)
{
    type.property("has_scripts", &CalloutEngine::has_scripts,
            "Whether there is any callout script or notifier at all.")
        .method(
            "versioned_script",
            [](const CalloutEngine& self, const Definition& definition) {
                const auto copy = definition;
                return unlocked([&] { return self.versioned_script(copy); });
            },
            "The versioned script that alone serves devices like this one, or\n"
            "None.",
            py::arg("definition"))
        .method(
            "attributes",
            [](const CalloutEngine& self, const Definition& device) {
                const auto copy = device;
                return Attributes{
                    unlocked([&] { return self.attributes(copy); })};
            },
            "What the scripts say about an active device's attributes: a list\n"
            "of (name, value). Raises CalloutRejected if the script fails or\n"
            "makes no sense.",
            py::arg("device"))
        .method("add_attributes", add_attributes,
            "Puts each active device's attributes into it; where a script\n"
            "fails, the device is left as it is. Runs several scripts at a\n"
            "time.",
            py::arg("devices"));
}

void bind_calls(Class<CalloutEngine>& type)
{
    type.method(
            "run",
            [](const CalloutEngine& self, CalloutEvent event,
                CalloutAction action, const Definition& definition) {
                const auto copy = definition;
                return unlocked([&] { return self.run(event, action, copy); });
            },
            "Asks the scripts in order until one does not answer 2 (\"not my\n"
            "type\"); None if all do, or if the versioned script does not\n"
            "list this event or action.",
            py::arg("event"), py::arg("action"), py::arg("definition"))
        .method(
            "post",
            [](const CalloutEngine& self,
                const std::optional<CalloutResult>& pre, CalloutAction action,
                CalloutState state, const Definition& definition) {
                const auto copy = definition;
                return unlocked(
                    [&] { return self.post(pre, action, state, copy); });
            },
            "The `post` event of the script that served `pre`.", py::arg("pre"),
            py::arg("action"), py::arg("state"), py::arg("definition"))
        .method(
            "notify",
            [](const CalloutEngine& self, CalloutAction action,
                CalloutState state, const Definition& definition) {
                const auto copy = definition;
                return unlocked(
                    [&] { return self.notify(action, state, copy); });
            },
            "Calls every notifier, in order.", py::arg("action"),
            py::arg("state"), py::arg("definition"))
        .method("under_lock", &CalloutEngine::under_lock,
            "The same engine for scripts that run while the store is locked:\n"
            "their environment says so to a command that they may start.");
}

constexpr const char* about = R"(CalloutEngine(env)
--

The vendors' scripts: which there are, which serves a device, and what they
answer. It knows the protocol, not the commands: their order is Manager's.

It lists the scripts once: make a new one to look again. Scripts run without a
shell and no longer than the environment's limit; other threads go on
meanwhile. Any thread may use it.)";

}

void bind_callout_engine(py::module_& module)
{
    bind_result(module);
    Class<CalloutEngine> type(module, "CalloutEngine", about);
    type.constructor(
        [](const Environment& env) {
            return unlocked([&] { return CalloutEngine(env); });
        },
        py::arg("env"));
    bind_questions(type);
    bind_calls(type);
}

}
