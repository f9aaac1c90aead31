// SPDX-License-Identifier: LGPL-2.1-or-later
#include "binding.hpp"

#include <variant>

namespace mdev::python {

namespace {

/// The argument of define() and start().
using Wanted = std::variant<DeviceSpec, Definition>;

/// Calls a Python function with a Definition of its own, which the function may
/// keep, and copies the changed Definition back.
void call_edit(const py::object& edit, Definition& definition)
{
    locked([&] {
        const auto object = py::cast(definition, py::return_value_policy::copy);
        call(edit, object);
        definition = object.cast<Definition&>();
    });
}

Outcome modify(const Manager& manager, const Uuid& uuid, const Name& parent,
    const py::function& edit)
{
    return unlocked([&] {
        return manager.modify(uuid, parent,
            [&](Definition& definition) { call_edit(edit, definition); });
    });
}

Outcome modify_live(const Manager& manager, const Uuid& uuid,
    const py::function& edit, LiveScope scope)
{
    return unlocked([&] {
        return manager.modify_live(
            uuid, [&](Definition& definition) { call_edit(edit, definition); },
            scope);
    });
}

/// Returns what the caller does not have: the definition that a DeviceSpec has
/// become, or else the result.
std::variant<Definition, Outcome> define(
    const Manager& manager, const Wanted& device)
{
    using Made = std::variant<Definition, Outcome>;
    return unlocked([&] {
        return std::visit(
            [&](const auto& wanted) { return Made(manager.define(wanted)); },
            device);
    });
}

Device start(const Manager& manager, const Wanted& device)
{
    return unlocked([&] {
        return std::visit(
            [&](const auto& wanted) { return manager.start(wanted); }, device);
    });
}

OutcomeFunction outcome_function(const py::object& listener)
{
    if (listener.is_none())
        return {};
    return [listener = Listener(listener, "listener")](
               const Outcome& outcome) { listener(outcome); };
}

void bind_requests(Class<Manager>& type)
{
    type.method(
            "with_environment",
            [](const Manager& self, const Environment& env) {
                return unlocked([&] { return self.with_environment(env); });
            },
            "Returns a copy for another Environment, such as that of one\n"
            "request. The copy shares the remembered answers of scripts,\n"
            "unless `env` has other directories of scripts.",
            py::arg("env"))
        .method(
            "with_cancel",
            [](const Manager& self, Descriptor descriptor) {
                return self.with_cancel(descriptor.number);
            },
            "Returns a copy whose commands can be cancelled through\n"
            "`descriptor`; see Environment.",
            py::arg("descriptor"))
        .method(
            "with_deadline",
            [](const Manager& self, Limit limit) {
                return self.with_deadline(deadline_in(limit));
            },
            "Returns a copy whose commands raise TimedOut when `limit`,\n"
            "seconds or a timedelta from now, has passed.",
            py::arg("limit"));
}

void bind_copies(Class<Manager>& type)
{
    type.method(
            "with_listener",
            [](const Manager& self, const py::object& listener) {
                return self.with_listener(outcome_function(listener));
            },
            "Returns a copy that calls `listener` with an Outcome for each\n"
            "affected device at the end of a command, on success and on\n"
            "failure. The call happens in the thread of the command, while\n"
            "the store is not locked. Exceptions of `listener` go to\n"
            "sys.unraisablehook. None removes the listener.",
            py::arg("listener"))
        .method("with_force", &Manager::with_force,
            "Returns a copy that continues even if a callout script rejects\n"
            "an operation; its message becomes a warning in the log.")
        .method("with_dry_run", &Manager::with_dry_run,
            "Returns a copy whose commands make every check and change\n"
            "nothing. They report to the listener what they would do, and run\n"
            "no script that could reject an operation. A Device that the copy\n"
            "returns need not exist.")
        .method("with_idempotence", &Manager::with_idempotence,
            "Returns a copy that treats an already satisfied request as\n"
            "success. A device may already be active with the requested\n"
            "parent and type, or already be inactive. A definition may\n"
            "already be stored with the same contents, or be missing.")
        .method("with_in_use", &Manager::with_in_use,
            "Returns a copy with another behavior for devices that a process\n"
            "has open, a WhenInUse. With WhenInUse.refuse, stopping such a\n"
            "device raises InUse, and the device remains active.",
            py::arg("in_use"))
        .method(
            "with_timeout",
            [](const Manager& self, Limit limit) {
                return self.with_timeout(limit.time);
            },
            "Returns a copy that waits up to `limit`, in seconds or as a\n"
            "timedelta, and at least a second, for the kernel to remove a\n"
            "device that a process has open. Then stopping the device raises\n"
            "InUse, and the kernel completes the removal when the device is\n"
            "closed. The default is to wait without limit.",
            py::arg("limit"))
        .method(
            "with_wait",
            [](const Manager& self, Limit wait) {
                return self.with_wait(wait.time);
            },
            "Returns a copy whose start() and start_defined() wait up to\n"
            "`wait`, in seconds or as a timedelta, for late parents, types\n"
            "and busy drivers. The default is not to wait.",
            py::arg("wait"))
        .method(
            "with_retries",
            [](const Manager& self, unsigned count, Limit pause) {
                return self.with_retries(count, pause.time);
            },
            "Returns a copy whose start_parent(), start_all() and\n"
            "start_defined() retry devices that failed up to `count` times,\n"
            "after a pause each time, in seconds or as a timedelta. The\n"
            "default is not to retry.",
            py::arg("count"), py::arg("pause"));
}

void bind_store_commands(Class<Manager>& type)
{
    type.method("define", define,
            "Stores a new definition. If `device` is a Definition, returns\n"
            "the Outcome. If `device` is a DeviceSpec, returns the stored\n"
            "Definition: the default UUID is a random one, and the default\n"
            "parent and type are those of the active device of that UUID.\n"
            "Raises AlreadyDefined; Incomplete if `device` and the active\n"
            "device do not determine parent and type; CalloutRejected.",
            py::arg("device"))
        .method(
            "undefine",
            [](const Manager& self, const Uuid& uuid, const Name& parent) {
                return unlocked([&] { return self.undefine(uuid, parent); });
            },
            "Removes the definition on `parent`, or every definition of that\n"
            "UUID; with with_force() also an invalid one. Raises NotDefined.",
            py::arg("uuid"), py::arg("parent") = py::none())
        .overloaded(
            "modify",
            [](const Manager& self, const Definition& definition) {
                const auto copy = definition;
                return unlocked([&] { return self.modify(copy); });
            },
            R"(modify(definition)
modify(uuid, parent, edit)

Stores `definition`, which replaces the one with the same UUID and parent; or
calls `edit` with the stored definition and stores the result. `parent` may be
None if the UUID is defined on one parent only. `edit` runs while the store is
locked and must not call commands. `edit` is called again, with the new
contents, if the definition was changed while the command waited for a callout
script. If `edit` raises an exception, nothing is changed and modify() raises
this exception. Raises NotDefined, Ambiguous,
CalloutRejected.)",
            py::arg("definition"))
        .def("modify", modify, py::arg("uuid"), py::arg("parent"),
            py::arg("edit"));
}

void bind_device_commands(Class<Manager>& type)
{
    type.overloaded(
            "modify_live",
            [](const Manager& self, const Definition& definition,
                LiveScope scope) {
                const auto copy = definition;
                return unlocked([&] { return self.modify_live(copy, scope); });
            },
            R"(modify_live(definition, scope=LiveScope.device)
modify_live(uuid, edit, scope=LiveScope.device)

Changes an active device to match `definition`, through a versioned script that
supports live changes; or calls `edit` with the active device as a Definition,
and changes the device to match the edited one. This Definition has the
attributes that the script reports, and the stored StartMode and unknown
members. With LiveScope.device_and_definition, the stored definition, which must
exist, is changed afterwards. Raises NotActive, NotDefined, NoSuchParent,
NoSuchType, NotSupported, CalloutRejected.)",
            py::arg("definition"), py::arg("scope") = LiveScope::device)
        .def("modify_live", modify_live, py::arg("uuid"), py::arg("edit"),
            py::arg("scope") = LiveScope::device);
    type.method("start", start,
            "Starts a device and returns it. `device` is a Definition, which\n"
            "need not be stored; or a DeviceSpec, which selects a stored\n"
            "definition or, if none matches, describes a transient device,\n"
            "whose UUID defaults to a random one. If start() raises Error,\n"
            "the device is not active.",
            py::arg("device"))
        .method(
            "stop",
            [](const Manager& self, const Uuid& uuid) {
                return unlocked([&] { return self.stop(uuid); });
            },
            "Stops a device and returns the Outcome. If a process has the\n"
            "device open, waits or fails; see with_in_use() and\n"
            "with_timeout(). Raises NotActive; InUse, whose `users` are the\n"
            "processes; Cancelled. The kernel completes a removal that has\n"
            "begun even if stop() raises.",
            py::arg("uuid"));
}

void bind_common_commands(Class<Manager>& type)
{
    type.method(
            "start_parent",
            [](const Manager& self, const Text& parent, Limit wait) {
                return unlocked(
                    [&] { return self.start_parent(parent, wait.time); });
            },
            "Starts every definition of a parent whose StartMode is\n"
            "automatic. Waits up to `wait`, in seconds or as a timedelta, for\n"
            "late parents, types and busy drivers. A failure is logged and\n"
            "does not affect the other devices; PartialFailure is raised at\n"
            "the end.",
            py::arg("parent"), py::arg("wait") = 0)
        .method(
            "start_all",
            [](const Manager& self, Limit wait) {
                return unlocked([&] { return self.start_all(wait.time); });
            },
            "Starts every definition of all parents whose StartMode is\n"
            "automatic; see start_parent().",
            py::arg("wait") = 0)
        .method(
            "start_defined",
            [](const Manager& self, const Name& parent) {
                return unlocked([&] { return self.start_defined(parent); });
            },
            "Starts every definition, or every definition of `parent`,\n"
            "whatever its StartMode; a device that is already active is not\n"
            "an error. A failure is logged and does not affect the other\n"
            "devices; PartialFailure is raised at the end.",
            py::arg("parent") = py::none())
        .method(
            "stop_all",
            [](const Manager& self, const Name& parent) {
                return unlocked([&] { return self.stop_all(parent); });
            },
            "Stops every active device, or every active device of `parent`;\n"
            "devices that appear to be in use are stopped last. A failure is\n"
            "logged and does not affect the other devices; PartialFailure is\n"
            "raised at the end.",
            py::arg("parent") = py::none())
        .method(
            "apply",
            [](const Manager& self, const HostState& wanted, Prune prune,
                ActiveDevices active_devices) {
                return unlocked(
                    [&] { return self.apply(wanted, prune, active_devices); });
            },
            "Makes the definitions match a HostState and, with\n"
            "ActiveDevices.apply, starts and stops devices. All prerequisites\n"
            "are checked first; if one is missing, Error is raised and\n"
            "nothing has changed. After that, a failure is logged and does\n"
            "not affect the other devices; PartialFailure is raised at the\n"
            "end.",
            py::arg("wanted"), py::arg("prune") = Prune::no,
            py::arg("active_devices") = ActiveDevices::leave)
        .method(
            "diff",
            [](const Manager& self, const HostState& wanted, Prune prune,
                ActiveDevices active_devices) {
                return unlocked(
                    [&] { return self.diff(wanted, prune, active_devices); });
            },
            "Returns what apply() would change: a list of Outcome, with the\n"
            "old and the new values in `before` and `after`. Changes nothing.",
            py::arg("wanted"), py::arg("prune") = Prune::no,
            py::arg("active_devices") = ActiveDevices::leave);
}

constexpr const char* manager_text = R"(Manager(env)
--

The commands, which change the kernel and the store. A command for one device
returns its Outcome, or the Device or Definition that it has made; a command for
several devices returns a list of Outcome.

A command first calls the device's callout script, which may reject the
operation. Then the command succeeds, or raises Error and leaves everything
unchanged. Finally the command informs the script and the notifiers of the
result. Any thread may use a Manager. In a process, a callout script serves one
command at a time, unless its capabilities say that it may serve several. While
a command runs, other Python threads continue.)";

void bind_manager(py::module_& module)
{
    Class<Manager> type(module, "Manager", manager_text);
    type.constructor(
        [](const Environment& env) {
            return unlocked([&] { return Manager(env); });
        },
        py::arg("env"));
    bind_requests(type);
    bind_copies(type);
    bind_store_commands(type);
    bind_device_commands(type);
    bind_common_commands(type);
}

}

void bind_commands(py::module_& module)
{
    bind_manager(module);
}

}
