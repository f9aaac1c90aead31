// SPDX-License-Identifier: LGPL-2.1-or-later
#include "binding.hpp"

namespace mdev::python {

namespace {

void bind_result(py::module_& module)
{
    Class<CalloutResult> type(
        module, "CalloutResult", "The result of one callout script.");
    type.property("script", &CalloutResult::script, "The script's path.")
        .property("is_accepted", &CalloutResult::is_accepted,
            "Whether the script exited with status 0.")
        .property("exit_status", &CalloutResult::exit_status,
            "The script's exit status; None if the script did not exit by\n"
            "itself (it was killed, timed out, was cancelled, or could not be\n"
            "executed).")
        .property("signal", &CalloutResult::signal,
            "The signal that killed the script; None if none did or if the\n"
            "library sent it.")
        .text_property("reason", &CalloutResult::reason,
            "The reason why the script did not accept, such as `it exited\n"
            "with status 1`; empty if it accepted.")
        .text_property("output", &CalloutResult::output,
            "What the script wrote to stdout, at most 1 MiB.")
        .text_property("errors", &CalloutResult::errors,
            "What the script wrote to stderr, at most 1 MiB. Of a longer\n"
            "text, the first line and the end, 512 KiB in all.");
    type.def("__repr__", [](const CalloutResult& self) {
        return py::str("<mdev.CalloutResult {}: {}>")
            .format(self.script(),
                self.is_accepted() ? Text("accepted") : Text(self.reason()));
    });
}

/// Changes the objects in the list, like the C++ function.
void add_attributes(const CalloutEngine& engine, const py::list& devices)
{
    // Other threads may change the list while the scripts run.
    const py::tuple objects(devices);
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
            "Whether there is any callout script or notifier.")
        .method(
            "versioned_script",
            [](const CalloutEngine& self, const Definition& definition) {
                const auto copy = definition;
                return unlocked([&] { return self.versioned_script(copy); });
            },
            "Returns the versioned script that serves this device, or None.",
            py::arg("definition"))
        .method(
            "attributes",
            [](const CalloutEngine& self, const Definition& device) {
                const auto copy = device;
                return Attributes{
                    unlocked([&] { return self.attributes(copy); })};
            },
            "Returns the attributes that the script reports for an active\n"
            "device: a list of (name, value). Raises CalloutRejected if the\n"
            "script fails or its output is invalid.",
            py::arg("device"))
        .method("add_attributes", add_attributes,
            "Sets the attributes of each Definition to those that its script\n"
            "reports. If a script fails, its Definition is not changed. Runs\n"
            "several scripts at the same time.",
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
            "Runs the scripts in order until one does not exit with status 2\n"
            "(\"not my type\"), and returns its result. Returns None if all\n"
            "do, or if the versioned script does not list this event or\n"
            "action. If a script could not report its capabilities, runs\n"
            "none and returns that failure.",
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
            "Runs the `post` event of the script that served `pre`.",
            py::arg("pre"), py::arg("action"), py::arg("state"),
            py::arg("definition"))
        .method(
            "notify",
            [](const CalloutEngine& self, CalloutAction action,
                CalloutState state, const Definition& definition) {
                const auto copy = definition;
                return unlocked(
                    [&] { return self.notify(action, state, copy); });
            },
            "Runs every notifier, in order, except those that timed out\n"
            "before.",
            py::arg("action"), py::arg("state"), py::arg("definition"))
        .method(
            "with_environment",
            [](const CalloutEngine& self, const Environment& env) {
                return unlocked([&] { return self.with_environment(env); });
            },
            "Returns a copy with the limits, the log and the cancel\n"
            "descriptor of `env`, which shares the memory of this engine,\n"
            "unless `env` has other directories of scripts.",
            py::arg("env"));
}

constexpr const char* engine_text = R"(CalloutEngine(env)
--

The vendors' callout scripts: finds them, chooses the one that serves a device,
and calls it. Manager decides the order in which a command calls them.

The constructor lists the scripts: make a new engine to list them again. Scripts
run without a shell, up to the environment's script_timeout. While they run,
other Python threads continue. Any thread may use a CalloutEngine.)";

void bind_script_test(py::module_& module)
{
    Class<ScriptRemark> type(module, "ScriptRemark",
        "One remark of test_script() about a callout script.");
    type.property("kind", &ScriptRemark::kind, "The RemarkKind.")
        .property("word", &ScriptRemark::word,
            "The kind as a word: `ok`, `note` or `FAIL`.")
        .text_property("what", &ScriptRemark::what,
            "The tested call or property, such as `pre define`.")
        .text_property("why", &ScriptRemark::why,
            "The reason of a failure; empty for other kinds.")
        .json("Returns the line that `mdevctl test-callout --json` prints,\n"
              "without its newline: an object with result, what and why.");
    type.def("__repr__", [](const ScriptRemark& self) {
        return py::str("<mdev.ScriptRemark {} {}>")
            .format(self.word(), Text(self.what()));
    });
    define_function(
        module, "test_script",
        [](const std::filesystem::path& script, const Definition& device,
            const Environment& env) {
            const auto copy = device;
            return unlocked([&] { return test_script(script, copy, env); });
        },
        "Calls a callout script, which may be in any directory, for each\n"
        "event and action that mdevctl-callouts(7) describes. Returns remarks\n"
        "on its answers: a list of ScriptRemark. `device` is a device of the\n"
        "script's type, which need not exist. The script's effects on the\n"
        "system are real.",
        py::arg("script"), py::arg("device"), py::arg("env"));
}

}

void bind_callouts(py::module_& module)
{
    bind_result(module);
    Class<CalloutEngine> type(module, "CalloutEngine", engine_text);
    type.constructor(
        [](const Environment& env) {
            return unlocked([&] { return CalloutEngine(env); });
        },
        py::arg("env"));
    bind_questions(type);
    bind_calls(type);
    bind_script_test(module);
}

}
