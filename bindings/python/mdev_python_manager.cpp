// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"
#include "mdev_python_listener.hpp"

namespace mdev::python {

namespace {

using Name = std::optional<Text>;

/// Calls an edit function of Python with an object of its own, which it may
/// keep, and takes what it has made of it.
void call_edit(const py::object& edit, Definition& definition)
{
    const Lock lock;
    const auto object = py::cast(definition, py::return_value_policy::copy);
    edit(object);
    definition = object.cast<Definition&>();
}

DeviceSpec spec_of(
    const std::optional<Uuid>& uuid, const Name& parent, const Name& type)
{
    DeviceSpec spec;
    if (uuid)
        spec.uuid(*uuid);
    if (parent)
        spec.parent(*parent);
    if (type)
        spec.type_id(*type);
    return spec;
}

void modify(const Manager& manager, const Uuid& uuid, const py::function& edit,
    const Name& parent, bool force)
{
    unlocked([&] {
        forced(manager, force)
            .modify(uuid, parent,
                [&](Definition& definition) { call_edit(edit, definition); });
    });
}

// What is said about both ways to call a method.
constexpr const char* define_text =
    R"(define(definition, *, force=False)
define(uuid=None, parent=None, type=None, *, start=StartMode.manual,
       force=False)

Stores a new definition and returns it. A UUID left out is a random one, a
parent or type left out is the active device's of that UUID. Raises
AlreadyDefined; Incomplete if too little is given; CalloutRejected unless
`force`.)";
constexpr const char* modify_text =
    R"(modify(definition, *, force=False)
modify(uuid, edit, parent=None, *, force=False)

Stores a definition in the place of the one of its UUID and parent, or as a new
one; or what `edit` makes of the stored one. `edit` is called with a Definition
and changes it; it runs while the store is locked and must not call commands.
What it raises comes out again, and nothing is changed then. Raises NotDefined,
Ambiguous, CalloutRejected.)";
constexpr const char* start_text =
    R"(start(definition, *, force=False)
start(uuid=None, parent=None, type=None, *, force=False)

Starts a device that need not be defined; or the definition that matches what
is given, else a device of that parent and type. A UUID left out is a random
one. Returns the Device. If it raises Error, the device does not run.)";

/// Returned as by the other way to say it.
Definition define(
    const Manager& manager, const Definition& definition, bool force)
{
    auto copy = definition;
    unlocked([&] { forced(manager, force).define(copy); });
    return copy;
}

Definition define_from(const Manager& manager, const std::optional<Uuid>& uuid,
    const Name& parent, const Name& type, StartMode start, bool force)
{
    return unlocked([&] {
        return forced(manager, force)
            .define(spec_of(uuid, parent, type).start(start));
    });
}

py::arg_v force_argument()
{
    return py::arg("force").noconvert() = false;
}

OutcomeFunction outcome_function(const py::object& listener)
{
    if (listener.is_none())
        return {};
    return [listener = Listener(listener, "listener")](
               const Outcome& outcome) { listener(outcome); };
}

void bind_copies(Class<Manager>& type)
{
    type.method(
            "with_listener",
            [](const Manager& self, const py::object& listener) {
                return self.with_listener(outcome_function(listener));
            },
            "The same that calls `listener` with an Outcome for each device\n"
            "that a command is about, in the end, also when the command\n"
            "fails; None hears nothing. What it raises goes to\n"
            "sys.unraisablehook.",
            py::arg("listener"))
        .method("with_dry_run", &Manager::with_dry_run,
            "The same that makes every check, changes nothing, runs no script\n"
            "that could refuse, and tells the listener what it would do. A\n"
            "Device that it returns may not be there.")
        .method("with_idempotence", &Manager::with_idempotence,
            "The same that takes for done what is so already: a device that\n"
            "runs with the parent and type that it should have, or does not\n"
            "run; a definition that says the same, or is not there.")
        .method(
            "with_wait",
            [](const Manager& self, Limit wait) {
                return self.with_wait(wait.time);
            },
            "The same whose start() and start_defined() wait so long, in\n"
            "seconds or as a timedelta, for what may still come, as\n"
            "start_parent() does; the default is not to wait.",
            py::arg("wait"));
}

void bind_store_commands(Class<Manager>& type)
{
    type.overloaded("define", define, define_text, py::arg("definition"),
            py::kw_only(), force_argument())
        .overload("define", define_from, py::arg("uuid") = py::none(),
            py::arg("parent") = py::none(), py::arg("type") = py::none(),
            py::kw_only(), py::arg("start") = StartMode::manual,
            force_argument())
        .method(
            "undefine",
            [](const Manager& self, const Uuid& uuid, const Name& parent,
                bool force) {
                unlocked([&] { forced(self, force).undefine(uuid, parent); });
            },
            "Removes the definition under `parent`, or every definition of\n"
            "that UUID; by force also one that cannot be understood. Raises\n"
            "NotDefined.",
            py::arg("uuid"), py::arg("parent") = py::none(), py::kw_only(),
            force_argument())
        .overloaded(
            "modify",
            [](const Manager& self, const Definition& definition, bool force) {
                const auto copy = definition;
                unlocked([&] { forced(self, force).modify(copy); });
            },
            modify_text, py::arg("definition"), py::kw_only(), force_argument())
        .overload("modify", modify, py::arg("uuid"), py::arg("edit"),
            py::arg("parent") = py::none(), py::kw_only(), force_argument());
}

void bind_device_commands(Class<Manager>& type)
{
    type.method(
            "modify_live",
            [](const Manager& self, const Definition& definition,
                bool also_definition, bool force) {
                const auto copy = definition;
                const auto also = also_definition
                    ? LiveScope::device_and_definition
                    : LiveScope::device;
                unlocked([&] { forced(self, force).modify_live(copy, also); });
            },
            "Changes an active device, and perhaps its definition after that,\n"
            "to what `definition` says, through a versioned script that can\n"
            "do so. Raises NotActive, NoSuchParent, NoSuchType, NotSupported,\n"
            "CalloutRejected.",
            py::arg("definition"), py::kw_only(),
            py::arg("also_definition").noconvert() = false, force_argument())
        .overloaded(
            "start",
            [](const Manager& self, const Definition& definition, bool force) {
                const auto copy = definition;
                return unlocked(
                    [&] { return forced(self, force).start(copy); });
            },
            start_text, py::arg("definition"), py::kw_only(), force_argument())
        .overload(
            "start",
            [](const Manager& self, const std::optional<Uuid>& uuid,
                const Name& parent, const Name& id, bool force) {
                return unlocked([&] {
                    return forced(self, force).start(spec_of(uuid, parent, id));
                });
            },
            py::arg("uuid") = py::none(), py::arg("parent") = py::none(),
            py::arg("type") = py::none(), py::kw_only(), force_argument())
        .method(
            "stop",
            [](const Manager& self, const Uuid& uuid, bool force) {
                unlocked([&] { forced(self, force).stop(uuid); });
            },
            "Stops a device. The kernel waits for whoever has it open, and so\n"
            "does this. Raises NotActive.",
            py::arg("uuid"), py::kw_only(), force_argument());
}

void bind_automatic_start(Class<Manager>& type)
{
    type.method(
            "start_parent",
            [](const Manager& self, const Text& parent, Limit wait) {
                unlocked([&] { self.start_parent(parent, wait.time); });
            },
            "Starts every definition of a parent that is to start\n"
            "automatically. Waits so long, in seconds or as a timedelta, for\n"
            "what may still come. Each failure is logged and does not stop\n"
            "the others; PartialFailure is raised in the end if there was\n"
            "one.",
            py::arg("parent"), py::arg("wait") = 0)
        .method(
            "start_all",
            [](const Manager& self, Limit wait) {
                unlocked([&] { self.start_all(wait.time); });
            },
            "The same for all parents together.", py::arg("wait") = 0);
}

void bind_common_commands(Class<Manager>& type)
{
    type.method(
            "start_defined",
            [](const Manager& self, const Name& parent, bool force) {
                unlocked([&] { forced(self, force).start_defined(parent); });
            },
            "Starts every definition, of that parent if one is given, however\n"
            "it is to start; one that runs already is fine. Each failure is\n"
            "logged and does not stop the others; PartialFailure is raised in\n"
            "the end if there was one.",
            py::arg("parent") = py::none(), py::kw_only(), force_argument())
        .method(
            "stop_all",
            [](const Manager& self, const Name& parent, bool force) {
                unlocked([&] { forced(self, force).stop_all(parent); });
            },
            "Stops every active device, of that parent if one is given; those\n"
            "that somebody is seen to use come last. Failures as of\n"
            "start_defined().",
            py::arg("parent") = py::none(), py::kw_only(), force_argument())
        .method(
            "apply",
            [](const Manager& self, const HostState& wanted, Prune prune,
                ActiveDevices running) {
                unlocked([&] { self.apply(wanted, prune, running); });
            },
            "Makes definitions and, with Running.matched, what runs, what a\n"
            "document says. Everything that can be in the way is looked for\n"
            "first; then Error is raised and nothing has changed. A step that\n"
            "fails is logged and does not stop the others; PartialFailure is\n"
            "raised in the end if there was one.",
            py::arg("wanted"), py::kw_only(), py::arg("prune") = Prune::no,
            py::arg("running") = ActiveDevices::leave);
}

constexpr const char* about = R"(Manager(env)
--

The commands: what is done to the kernel and to the store, in which order.

A command asks the device's callout script first, which may refuse; then it
does what it says, or raises Error and leaves things as they were; then the
script and the notifiers hear how it went. With `force` a refusal is passed
over. Any thread may use it; where there are scripts, one command in a process
waits for the other, and other threads go on meanwhile.)";

}

void bind_manager(py::module_& module)
{
    Class<Manager> type(module, "Manager", about);
    type.constructor(
        [](const Environment& env) {
            return unlocked([&] { return Manager(env); });
        },
        py::arg("env"));
    bind_copies(type);
    bind_store_commands(type);
    bind_device_commands(type);
    bind_automatic_start(type);
    bind_common_commands(type);
}

}
