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
        "When a script is called, as mdevctl-callouts(7) tells its author.",
        {{"get", CalloutEvent::get}, {"pre", CalloutEvent::pre},
            {"live", CalloutEvent::live}, {"post", CalloutEvent::post},
            {"notify", CalloutEvent::notify}});
    bind_enum<CalloutAction>(module, "Enum", "CalloutAction",
        "What is being done to the device, or what is asked about it.",
        {{"start", CalloutAction::start}, {"stop", CalloutAction::stop},
            {"define", CalloutAction::define},
            {"undefine", CalloutAction::undefine},
            {"modify", CalloutAction::modify},
            {"attributes", CalloutAction::attributes},
            {"capabilities", CalloutAction::capabilities}});
    bind_enum<CalloutState>(module, "Enum", "CalloutState",
        "How the command itself went; `none` before it.",
        {{"none", CalloutState::none}, {"success", CalloutState::success},
            {"failure", CalloutState::failure}});
}

void bind_apply_enums(py::module_& module)
{
    bind_enum<Prune>(module, "Enum", "Prune",
        "What becomes of definitions and devices of which a document says\n"
        "nothing: they stay; or they are undefined and, with\n"
        "Running.matched, stopped.",
        {{"no", Prune::no}, {"yes", Prune::yes}});
    bind_enum<ActiveDevices>(module, "Enum", "Running",
        "What a document says about active devices: nothing, so only\n"
        "definitions are changed; or what is started and stopped, too.",
        {{"ignored", ActiveDevices::leave}, {"matched", ActiveDevices::apply}});
}

void bind_event_kind(py::module_& module)
{
    bind_enum<EventKind>(module, "Enum", "EventKind",
        "What has happened. After `lost`, there were too many events: ask for\n"
        "everything again.",
        {{"device_added", EventKind::device_added},
            {"device_removed", EventKind::device_removed},
            {"parent_registered", EventKind::parent_registered},
            {"parent_unregistered", EventKind::parent_unregistered},
            {"definition_added", EventKind::definition_added},
            {"definition_changed", EventKind::definition_changed},
            {"definition_removed", EventKind::definition_removed},
            {"lost", EventKind::overflow}});
}

void bind_errc(py::module_& module)
{
    bind_enum<Errc>(module, "Enum", "Errc",
        "What went wrong, where the library knows more than an errno.",
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
        "How much a log message matters, the worst first.",
        {{"error", LogLevel::error}, {"warning", LogLevel::warning},
            {"info", LogLevel::info}, {"debug", LogLevel::debug},
            {"trace", LogLevel::trace}});
    bind_enum<StartMode>(module, "Enum", "StartMode",
        "Whether a device is started when its parent appears.",
        {{"manual", StartMode::manual}, {"automatic", StartMode::automatic}});
    bind_enum<Severity>(module, "Enum", "Severity",
        "How much a finding matters.",
        {{"warning", Severity::warning}, {"error", Severity::error}});
    bind_enum<AskScripts>(module, "Enum", "Scripts",
        "Whether callout scripts are asked what active devices have.",
        {{"unasked", AskScripts::no}, {"asked", AskScripts::yes}});
    bind_callout_enums(module);
    bind_apply_enums(module);
    bind_event_kind(module);
    bind_errc(module);
}

}
