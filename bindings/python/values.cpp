// SPDX-License-Identifier: LGPL-2.1-or-later
#include "binding.hpp"

#include <cmath>
#include <cstring>

namespace mdev::python {

namespace {

/// The first time that a timedelta cannot represent.
constexpr std::chrono::milliseconds end_of_timedelta =
    std::chrono::hours(24) * 1'000'000'000;

py::object attribute(py::handle object, const char* name)
{
    return python_result(
        [&] { return PyObject_GetAttrString(object.ptr(), name); });
}

/// Returns nothing unless `source` is a number or a timedelta. A bool is not a
/// number here.
std::optional<double> seconds_of(py::handle source)
{
    if (py::isinstance(source, member("datetime", "timedelta")))
        return source.attr("total_seconds")().cast<double>();
    if (PyBool_Check(source.ptr()) ||
        !(PyFloat_Check(source.ptr()) || PyLong_Check(source.ptr())))
        return {};
    const double seconds = PyFloat_AsDouble(source.ptr());
    if (PyErr_Occurred() != nullptr)
        throw py::error_already_set();
    return seconds;
}

bool load_attribute(py::handle source, Attribute& attribute)
{
    if (!PyTuple_Check(source.ptr()) && !PyList_Check(source.ptr()))
        return false;
    const auto pair = py::reinterpret_borrow<py::sequence>(source);
    return pair.size() == 2 && load_text(pair[0], attribute.first) &&
        load_text(pair[1], attribute.second);
}

LogFunction log_function(const py::object& log)
{
    if (log.is_none())
        return {};
    return [listener = Listener(log, "log")](
               LogLevel level, std::string_view message) {
        listener(level, Text(std::string(message)));
    };
}

Environment make(std::filesystem::path root, const py::object& log,
    const std::optional<Limit>& lock_timeout,
    const std::optional<Limit>& script_timeout,
    const std::optional<Limit>& callout_lock_timeout, Descriptor cancel,
    bool lock_held)
{
    auto env = Environment(std::move(root)).with_log(log_function(log));
    if (lock_timeout)
        env = env.with_lock_timeout(lock_timeout->time);
    if (script_timeout)
        env = env.with_script_timeout(script_timeout->time);
    if (callout_lock_timeout)
        env = env.with_callout_lock_timeout(callout_lock_timeout->time);
    env = env.with_cancel(cancel.number);
    return lock_held ? env.with_lock_held() : env;
}

void bind_copies(Class<Environment>& type)
{
    type.method("with_root", &Environment::with_root,
            "Returns a copy with another root directory.", py::arg("root"))
        .method("with_config_directory", &Environment::with_config_directory,
            "Returns a copy whose definitions are in `directory`, wherever\n"
            "the root is.",
            py::arg("directory"))
        .method("with_script_directories",
            &Environment::with_script_directories,
            "Returns a copy whose scripts are in the subdirectories\n"
            "`callouts` and `notifiers` of these directories, in this order,\n"
            "wherever the root is; without directories there are none.",
            py::arg("directories"))
        .method(
            "with_log",
            [](const Environment& env, const py::object& log) {
                return env.with_log(log_function(log));
            },
            "Returns a copy with another log function, or without one.",
            py::arg("log"))
        .method(
            "with_lock_timeout",
            [](const Environment& env, Limit limit) {
                return env.with_lock_timeout(limit.time);
            },
            "Returns a copy with another limit for waiting for the store's\n"
            "lock. Zero does not wait at all.",
            py::arg("limit"))
        .method(
            "with_script_timeout",
            [](const Environment& env, Limit limit) {
                return env.with_script_timeout(limit.time);
            },
            "Returns a copy with another time limit for each script.",
            py::arg("limit"))
        .method(
            "with_callout_lock_timeout",
            [](const Environment& env, Limit limit) {
                return env.with_callout_lock_timeout(limit.time);
            },
            "Returns a copy with another limit for waiting until other\n"
            "commands of this process have run their scripts. Zero does not\n"
            "wait at all.",
            py::arg("limit"))
        .method(
            "with_cancel",
            [](const Environment& env, Descriptor descriptor) {
                return env.with_cancel(descriptor.number);
            },
            "Returns a copy with another cancel descriptor, or without one.",
            py::arg("descriptor"))
        .method(
            "with_deadline",
            [](const Environment& env, Limit limit) {
                return env.with_deadline(deadline_in(limit));
            },
            "Returns a copy whose commands end `limit` from now, in seconds\n"
            "or as a timedelta. They end as if they were cancelled, but raise\n"
            "TimedOut. Use this limit for a request that must be answered in\n"
            "time.",
            py::arg("limit"))
        .method("with_lock_held", &Environment::with_lock_held,
            "Returns a copy for a program that a callout script has started,\n"
            "whose caller may hold the store's lock. If an ancestor of this\n"
            "process holds the lock, waiting would never end, and LockHeld is\n"
            "raised at once. The variable MDEVCTL_LOCKED_ROOT in the script's\n"
            "environment has the root directory of that store.");
}

void bind_directories(Class<Environment>& type)
{
    type.property("root", &Environment::root,
            "The root directory, from which every path follows.")
        .property("parents_directory", &Environment::parents_directory,
            "ROOT/sys/class/mdev_bus: the parent devices.")
        .property("devices_directory", &Environment::devices_directory,
            "ROOT/sys/bus/mdev/devices: the active devices.")
        .property("definitions_directory", &Environment::definitions_directory,
            "ROOT/etc/mdevctl.d, or the directory of with_config_directory():\n"
            "the definitions.")
        .property("callout_directories", &Environment::callout_directories,
            "The directories of callout scripts, in the order in which the\n"
            "scripts are called.")
        .property("notifier_directories", &Environment::notifier_directories,
            "The directories of notifiers.");
}

void bind_limits(Class<Environment>& type)
{
    type.property(
            "lock_timeout",
            [](const Environment& env) { return Limit{env.lock_timeout()}; },
            "The limit for waiting for the store's lock: a timedelta.")
        .property(
            "script_timeout",
            [](const Environment& env) { return Limit{env.script_timeout()}; },
            "The time limit for each script: a timedelta.")
        .property(
            "callout_lock_timeout",
            [](const Environment& env) {
                return Limit{env.callout_lock_timeout()};
            },
            "The limit for waiting for other commands of this process: a\n"
            "timedelta.");
}

constexpr const char* environment_text =
    R"(Environment(root='/', *, log=None, lock_timeout=None,
            script_timeout=None, callout_lock_timeout=None, cancel=None,
            lock_held=False)
--

The settings of the library: the root directory, to which every path is
relative, the log function, the time limits and the cancel descriptor.

root            `/` for the real system, another directory for tests
log             is called with a LogLevel and a sentence, in any thread that
                calls the library and in the library's own threads; its
                exceptions go to sys.unraisablehook
lock_timeout    limit for waiting for the store's lock, by default 60 s
script_timeout  time limit for each script, by default 60 s
callout_lock_timeout
                limit for waiting until other commands of this process have
                run their scripts, by default 10 min
cancel          a descriptor, or an object with fileno(): when it becomes
                readable, scripts are ended, all waiting stops, and the
                command raises Cancelled. The caller must keep it open. With
                signal.set_wakeup_fd() on the other end of a socket pair,
                Ctrl-C ends a command at once.
lock_held       see with_lock_held()

Time limits are seconds or a timedelta; math.inf and timedelta.max mean no
limit.

Immutable: each `with_…` returns a changed copy. Any thread may use it.)";

}

bool load_text(py::handle source, std::string& text)
{
    if (!PyUnicode_Check(source.ptr()))
        return false;
    const auto bytes = python_result([&] {
        return PyUnicode_AsEncodedString(
            source.ptr(), "utf-8", "surrogateescape");
    });
    text.assign(PyBytes_AS_STRING(bytes.ptr()),
        static_cast<std::size_t>(PyBytes_GET_SIZE(bytes.ptr())));
    return true;
}

py::str text_object(const std::string& text)
{
    return python_result([&] {
        return PyUnicode_DecodeUTF8(text.data(),
            static_cast<Py_ssize_t>(text.size()), "surrogateescape");
    });
}

py::list texts_object(const std::vector<std::string>& list)
{
    py::list result;
    for (const auto& text : list)
        result.append(text_object(text));
    return result;
}

bool load_uuid(py::handle source, Uuid& uuid)
{
    std::string text;
    if (load_text(source, text)) {
        const auto parsed = Uuid::parse(text);
        if (!parsed)
            throw py::value_error("badly formed UUID: " +
                py::repr(text_object(text)).cast<std::string>());
        uuid = *parsed;
        return true;
    }
    if (!py::isinstance(source, member("uuid", "UUID")))
        return false;
    const auto bytes = attribute(source, "bytes");
    std::array<std::uint8_t, 16> raw{};
    if (!PyBytes_Check(bytes.ptr()) ||
        PyBytes_GET_SIZE(bytes.ptr()) != static_cast<Py_ssize_t>(raw.size()))
        return false;
    std::memcpy(raw.data(), PyBytes_AS_STRING(bytes.ptr()), raw.size());
    uuid = Uuid(raw);
    return true;
}

py::object uuid_object(const Uuid& uuid)
{
    const auto& raw = uuid.bytes();
    return call(member("uuid", "UUID"), py::none(), // no text
        py::bytes(reinterpret_cast<const char*>(raw.data()), raw.size()));
}

bool load_attributes(py::handle source, std::vector<Attribute>& list)
{
    if (PyUnicode_Check(source.ptr()) || PyBytes_Check(source.ptr()) ||
        PyDict_Check(source.ptr()) || !py::isinstance<py::iterable>(source))
        return false;
    list.clear();
    const auto items =
        python_result([&] { return PySequence_List(source.ptr()); });
    for (const auto item : items) {
        Attribute attribute;
        if (!load_attribute(item, attribute))
            return false;
        list.push_back(std::move(attribute));
    }
    return true;
}

py::list attributes_object(const std::vector<Attribute>& list)
{
    py::list result;
    for (const auto& [name, value] : list)
        result.append(py::make_tuple(text_object(name), text_object(value)));
    return result;
}

bool load_limit(py::handle source, std::chrono::milliseconds& time)
{
    const auto seconds = seconds_of(source);
    if (!seconds)
        return false;
    if (!(*seconds >= 0)) // nor is NaN
        throw py::value_error("a time limit cannot be negative");
    // Rounded up, because zero does not wait at all.
    const double count = std::ceil(*seconds * 1000);
    time = count < static_cast<double>(end_of_timedelta.count())
        ? std::chrono::milliseconds(static_cast<std::int64_t>(count))
        : std::chrono::milliseconds::max();
    return true;
}

std::chrono::steady_clock::time_point deadline_in(Limit limit)
{
    using Clock = std::chrono::steady_clock;
    const auto now = Clock::now();
    const auto most = std::chrono::floor<std::chrono::milliseconds>(
        Clock::time_point::max() - now);
    return limit.time >= most ? Clock::time_point::max() : now + limit.time;
}

py::object limit_object(std::chrono::milliseconds time)
{
    const py::object timedelta = member("datetime", "timedelta");
    if (time >= end_of_timedelta)
        return timedelta.attr("max");
    return timedelta(py::arg("milliseconds") = time.count());
}

bool load_enum(py::handle source, PyObject* type, int& value)
{
    if (!py::isinstance(source, type))
        return false;
    value = attribute(source, "value").cast<int>();
    return true;
}

py::object enum_object(PyObject* type, int value)
{
    return call(py::reinterpret_borrow<py::object>(type), value);
}

void check_initialised(py::handle object, const std::type_info& type)
{
    const auto* known = py::detail::get_type_info(type);
    if (!object || known == nullptr ||
        !py::isinstance(object, reinterpret_cast<PyObject*>(known->type)))
        return;
    auto* instance = reinterpret_cast<py::detail::instance*>(object.ptr());
    if (instance->get_value_and_holder(known).value_ptr() == nullptr)
        throw py::type_error(
            py::repr(py::type::handle_of(object)).cast<std::string>() +
            ".__init__() was not called");
}

void bind_values(py::module_& module)
{
    define_function(
        module, "uuid_from_name",
        [](const Text& name) { return Uuid::from_name(name); },
        "Returns the UUID that a state file or an Ansible task means by a\n"
        "device's `name`.",
        py::arg("name"));
    Class<Environment> type(module, "Environment", environment_text);
    type.constructor(make, py::arg("root") = "/", py::kw_only(),
        py::arg("log") = py::none(), py::arg("lock_timeout") = py::none(),
        py::arg("script_timeout") = py::none(),
        py::arg("callout_lock_timeout") = py::none(),
        py::arg("cancel") = py::none(),
        py::arg("lock_held").noconvert() = false);
    bind_copies(type);
    bind_directories(type);
    bind_limits(type);
    type.method(
        "log",
        [](const Environment& env, LogLevel level, const Text& message) {
            unlocked([&] { env.log(level, message); });
        },
        "Passes one sentence to the log function.", py::arg("level"),
        py::arg("message"));
    type.def("__repr__", [](const Environment& env) {
        return py::str("mdev.Environment({!r})")
            .format(py::str(py::cast(env.root())));
    });
}

}
