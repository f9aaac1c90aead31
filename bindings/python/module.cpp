// SPDX-License-Identifier: LGPL-2.1-or-later
#include "binding.hpp"

#include <unistd.h>

namespace mdev::python {

namespace {

/// Whether inspect.signature() can parse the value's repr().
bool is_literal(const py::object& value)
{
    return value.is_none() || py::isinstance<py::bool_>(value) ||
        py::isinstance<py::int_>(value) || py::isinstance<py::float_>(value) ||
        py::isinstance<py::str>(value);
}

bool is_enum(const py::object& value)
{
    return py::isinstance(value, member("enum", "Enum"));
}

/// Returns a pointer that any thread may release.
std::shared_ptr<const py::object> shared(py::object object)
{
    return {new py::object(std::move(object)), [](py::object* last) {
                locked([last] {
                    // Not by the destructor, which no exception may leave.
                    last->release().dec_ref();
                    delete last;
                });
            }};
}

/// The number of the Errc; None for an error of the kernel.
py::object number_of(const std::error_code& code)
{
    if (code.category() == error_category())
        return py::int_(code.value());
    return py::none();
}

/// The kernel's errno; 0 if the kernel reported no error.
int errno_of(const Error& error)
{
    if (error.cause())
        return error.cause().value();
    return error.code().category() == error_category() ? 0
                                                       : error.code().value();
}

}

py::object code_object(const std::error_code& code)
{
    if (!code)
        return py::none();
    if (code.category() == error_category())
        return call(member("mdev._errors", "make_code"), code.value());
    return py::int_(code.value());
}

py::object users_object(const std::vector<DeviceUser>& users)
{
    py::list pairs;
    for (const auto& user : users)
        pairs.append(py::make_tuple(user.pid(), text_object(user.command())));
    return call(member("mdev._errors", "make_users"), pairs);
}

namespace {

/// mdev._errors chooses the exception's class and a default errno.
py::object exception_of(const Error& error)
{
    return call(member("mdev._errors", "from_library"), number_of(error.code()),
        errno_of(error), text_object(error.subject()),
        text_object(error.what()), users_object(error.users()),
        py::cast(error.outcomes()));
}

void raise(const Error& error)
try {
    const auto exception = exception_of(error);
    PyErr_SetObject(py::type::handle_of(exception).ptr(), exception.ptr());
} catch (py::error_already_set& other) {
    other.restore(); // such as KeyboardInterrupt
}

void translate(std::exception_ptr thrown)
try {
    if (thrown)
        std::rethrow_exception(std::move(thrown));
} catch (const Error& error) {
    raise(error);
}

void bind_errors()
{
    py::register_local_exception_translator(translate);
}

/// A member of an enum: the C++ name and number.
template <class Enum> struct Member {
    const char* name;
    Enum value;
};

/// Creates a class of Python's module `enum`. `kind` is Enum or IntEnum.
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
        "The operation on the device, or the question about the device.",
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
    bind_enum<Activity>(module, "Enum", "Activity",
        "Whether a device of a HostState is, or should be, active: according\n"
        "to its StartMode, no, yes, or unknown, which leaves the device\n"
        "unchanged.",
        {{"by_start_mode", Activity::by_start_mode},
            {"inactive", Activity::inactive}, {"active", Activity::active},
            {"unknown", Activity::unknown}});
    bind_enum<Prune>(module, "Enum", "Prune",
        "What to do with definitions and devices that are not in a HostState:\n"
        "keep them, or undefine and, with ActiveDevices.apply, stop them.",
        {{"no", Prune::no}, {"yes", Prune::yes}});
    bind_enum<ActiveDevices>(module, "Enum", "ActiveDevices",
        "What Manager.apply() does with active devices: change definitions\n"
        "only, or also start and stop devices.",
        {{"leave", ActiveDevices::leave}, {"apply", ActiveDevices::apply}});
    bind_enum<InUse>(module, "Enum", "WhenInUse",
        "What a command does with a device that a process has open: wait\n"
        "until it is closed, or refuse.",
        {{"wait", InUse::wait}, {"refuse", InUse::refuse}});
    bind_enum<LiveScope>(module, "Enum", "LiveScope",
        "What Manager.modify_live() changes: the active device only, or also\n"
        "the stored definition, after the device.",
        {{"device", LiveScope::device},
            {"device_and_definition", LiveScope::device_and_definition}});
}

void bind_event_kind(py::module_& module)
{
    bind_enum<EventKind>(module, "Enum", "EventKind",
        "The kind of an Event. After `overflow`, events were dropped: read\n"
        "the full state again, with Monitor.current().",
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
            {"cancelled", Errc::cancelled}, {"in_use", Errc::in_use}});
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
    bind_enum<RemarkKind>(module, "Enum", "RemarkKind",
        "The meaning of a ScriptRemark: the script follows\n"
        "mdevctl-callouts(7); a remark that is neither right nor wrong; or\n"
        "the script does not follow it.",
        {{"ok", RemarkKind::ok}, {"note", RemarkKind::note},
            {"failure", RemarkKind::failure}});
    bind_enum<AskScripts>(module, "Enum", "AskScripts",
        "Whether callout scripts are asked for the attributes of active\n"
        "devices.",
        {{"no", AskScripts::no}, {"yes", AskScripts::yes}});
    bind_enum<Framework>(module, "Enum", "Framework",
        "The framework with which a parent creates devices: the kernel's bus\n"
        "of mediated devices, or files of a vendor below a virtual PCI\n"
        "function.",
        {{"mdev", Framework::mdev}, {"vendor_vfio", Framework::vendor_vfio}});
    bind_enum<JsonFormat>(module, "Enum", "JsonFormat",
        "The layout of a list in JSON: the format of mdevctl 1.x, nested by\n"
        "parent; or a flat array of objects with a version.",
        {{"compatible", JsonFormat::compatible}, {"flat", JsonFormat::flat}});
    bind_callout_enums(module);
    bind_apply_enums(module);
    bind_event_kind(module);
    bind_errc(module);
}

}

void Signature::add(const py::arg_v& argument)
{
    const auto& value = argument.value;
    const bool is_shown = is_literal(value) && !is_enum(value);
    append(std::string(argument.name) + "=" +
        (is_shown ? py::repr(value).cast<std::string>() : "..."));
}

void Signature::append(const std::string& parameter)
{
    if (!parameters_.empty())
        parameters_ += ", ";
    parameters_ += parameter;
}

std::string Signature::docstring(
    const std::string& name, const char* text) const
{
    return name + "(" + parameters_ + ")\n--\n\n" + text;
}

Unlock::Unlock() : state_(PyEval_SaveThread())
{
}

Unlock::~Unlock()
{
    end_with_process([this] { PyEval_RestoreThread(state_); });
}

void wait_for_end()
{
    for (;;)
        pause();
}

void wait_if_ended()
{
    // CPython would make a second state for the thread that ends the
    // interpreter, and abort.
    if (Py_IsInitialized() == 0 && PyGILState_GetThisThreadState() == nullptr)
        wait_for_end();
}

py::object member(const char* module, const char* name)
{
    return py::module_::import(module).attr(name);
}

Listener::Listener(py::object function, const char* name)
{
    if (PyCallable_Check(function.ptr()) == 0)
        throw py::type_error(std::string(name) + " must be callable or None");
    function_ = shared(std::move(function));
}

/// After Ctrl-C, the KeyboardInterrupt is raised when the caller's Python code
/// continues.
void Listener::pass_over(py::error_already_set& error) const
{
    if (error.matches(PyExc_KeyboardInterrupt))
        PyErr_SetInterrupt();
    else
        error.discard_as_unraisable(*function_);
}

}

PYBIND11_MODULE(_mdev, module)
{
    using namespace mdev::python;
    // Docstrings begin with a signature that Python understands: see Signature.
    py::options options;
    options.disable_function_signatures();
    module.doc() = "The C++ part of the package mdev.";
    module.attr("__version__") = mdev::version();
    bind_errors();
    bind_enums(module);
    bind_values(module);
    bind_definitions(module);
    bind_devices(module);
    bind_monitor(module);
    bind_reports(module);
    bind_diagnosis(module);
    bind_callouts(module);
    bind_commands(module);
}
