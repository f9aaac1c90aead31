// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

namespace mdev::python {

namespace {

/// A member of an enum: the C++ name and number.
template <class Enum> struct Member {
    const char* name;
    Enum value;
};

/// Makes a class of Python's own `enum` module. `kind` is Enum or IntEnum.
template <class Enum>
void bind_enum(py::module_& module, const char* kind, const char* name,
    const char* text, std::initializer_list<Member<Enum>> members)
{
    py::list pairs;
    for (const auto& member : members)
        pairs.append(
            py::make_tuple(member.name, static_cast<int>(member.value)));
    py::object made = py::module_::import("enum").attr(kind)(
        name, pairs, py::arg("module") = "mdev");
    made.attr("__doc__") = text;
    module.attr(name) = made;
    enum_class<Enum> = made.release().ptr();
}

void bind_callout_enums(py::module_& module)
{
    bind_enum<CalloutEvent>(module, "Enum", "CalloutEvent",
        "When a script is called; see mdevctl-callouts(7).",
        {{"get", CalloutEvent::get}, {"pre", CalloutEvent::pre},
            {"live", CalloutEvent::live}, {"post", CalloutEvent::post},
            {"notify", CalloutEvent::notify}});
    bind_enum<CalloutAction>(module, "Enum", "CalloutAction",
        "What happens to the device, or what the script is asked about it.",
        {{"start", CalloutAction::start}, {"stop", CalloutAction::stop},
            {"define", CalloutAction::define},
            {"undefine", CalloutAction::undefine},
            {"modify", CalloutAction::modify},
            {"attributes", CalloutAction::attributes},
            {"capabilities", CalloutAction::capabilities}});
    bind_enum<CalloutState>(module, "Enum", "CalloutState",
        "The result of the command itself; `none` before it.",
        {{"none", CalloutState::none}, {"success", CalloutState::success},
            {"failure", CalloutState::failure}});
}

void bind_apply_enums(py::module_& module)
{
    bind_enum<Prune>(module, "Enum", "Prune",
        "What to do with definitions and devices that are not in a HostState:\n"
        "keep them, or undefine and, with ActiveDevices.apply, stop them.",
        {{"no", Prune::no}, {"yes", Prune::yes}});
    bind_enum<ActiveDevices>(module, "Enum", "ActiveDevices",
        "What Manager.apply() does with active devices: leave them alone and\n"
        "change definitions only, or also start and stop devices.",
        {{"leave", ActiveDevices::leave}, {"apply", ActiveDevices::apply}});
    bind_enum<LiveScope>(module, "Enum", "LiveScope",
        "What Manager.modify_live() changes: the active device only, or also\n"
        "the stored definition, after the device.",
        {{"device", LiveScope::device},
            {"device_and_definition", LiveScope::device_and_definition}});
}

void bind_event_kind(py::module_& module)
{
    bind_enum<EventKind>(module, "Enum", "EventKind",
        "What has happened. After `overflow`, events were dropped: read the\n"
        "full state again, with Monitor.current().",
        {{"device_added", EventKind::device_added},
            {"device_removed", EventKind::device_removed},
            {"parent_registered", EventKind::parent_registered},
            {"parent_unregistered", EventKind::parent_unregistered},
            {"definition_added", EventKind::definition_added},
            {"definition_changed", EventKind::definition_changed},
            {"definition_removed", EventKind::definition_removed},
            {"overflow", EventKind::overflow}});
}

void bind_errc(py::module_& module)
{
    bind_enum<Errc>(module, "Enum", "Errc",
        "The kind of an Error, if the library knows more than an errno.",
        {{"not_defined", Errc::not_defined}, {"not_active", Errc::not_active},
            {"already_defined", Errc::already_defined},
            {"already_active", Errc::already_active},
            {"no_such_parent", Errc::no_such_parent},
            {"no_such_type", Errc::no_such_type},
            {"no_instance_left", Errc::no_instance_left},
            {"ambiguous", Errc::ambiguous},
            {"invalid_name", Errc::invalid_name},
            {"invalid_definition", Errc::invalid_definition},
            {"invalid_index", Errc::invalid_index},
            {"callout_rejected", Errc::callout_rejected},
            {"not_supported", Errc::not_supported},
            {"timed_out", Errc::timed_out},
            {"partial_failure", Errc::partial_failure},
            {"incomplete", Errc::incomplete}, {"lock_held", Errc::lock_held},
            {"cancelled", Errc::cancelled}});
}

}

void bind_enums(py::module_& module)
{
    bind_enum<LogLevel>(module, "IntEnum", "LogLevel",
        "The severity of a log message, the worst first.",
        {{"error", LogLevel::error}, {"warning", LogLevel::warning},
            {"info", LogLevel::info}, {"debug", LogLevel::debug},
            {"trace", LogLevel::trace}});
    bind_enum<StartMode>(module, "Enum", "StartMode",
        "Whether a device starts when its parent appears.",
        {{"manual", StartMode::manual}, {"automatic", StartMode::automatic}});
    bind_enum<Severity>(module, "Enum", "Severity",
        "The severity of a Finding.",
        {{"warning", Severity::warning}, {"error", Severity::error}});
    bind_enum<AskScripts>(module, "Enum", "AskScripts",
        "Whether callout scripts are asked for the attributes of active\n"
        "devices.",
        {{"no", AskScripts::no}, {"yes", AskScripts::yes}});
    bind_enum<JsonFormat>(module, "Enum", "JsonFormat",
        "The layout of a list as JSON: as mdevctl 1.x prints it, nested by\n"
        "parent; or a flat array of objects with a version.",
        {{"compatible", JsonFormat::compatible}, {"flat", JsonFormat::flat}});
    bind_callout_enums(module);
    bind_apply_enums(module);
    bind_event_kind(module);
    bind_errc(module);
}

}
