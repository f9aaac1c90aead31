// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"
#include "mdev_python_listener.hpp"

namespace mdev::python {

namespace {

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
            "The same for a system below another root.", py::arg("root"))
        .method(
            "with_log",
            [](const Environment& env, const py::object& log) {
                return env.with_log(log_function(log));
            },
            "The same with another listener; None hears nothing.",
            py::arg("log"))
        .method(
            "with_lock_timeout",
            [](const Environment& env, Limit limit) {
                return env.with_lock_timeout(limit.time);
            },
            "The same with another bound on waiting for the store's lock, in\n"
            "seconds or as a timedelta. Zero does not wait at all.",
            py::arg("limit"))
        .method(
            "with_script_timeout",
            [](const Environment& env, Limit limit) {
                return env.with_script_timeout(limit.time);
            },
            "The same with another time limit for each script, in seconds or\n"
            "as a timedelta.",
            py::arg("limit"))
        .method(
            "with_callout_lock_timeout",
            [](const Environment& env, Limit limit) {
                return env.with_callout_lock_timeout(limit.time);
            },
            "The same with another bound on waiting until other commands of\n"
            "this process have run their scripts, in seconds or as a\n"
            "timedelta. Zero does not wait at all.",
            py::arg("limit"))
        .method(
            "with_cancel",
            [](const Environment& env, Descriptor descriptor) {
                return env.with_cancel(descriptor.number);
            },
            "The same with another way to give up: a descriptor or an object\n"
            "that has one, which must stay open; None for none.",
            py::arg("descriptor"))
        .method("with_lock_held", &Environment::with_lock_held,
            "The same for a program that a script has started whose caller\n"
            "holds the store's lock: asking for the lock raises LockHeld at\n"
            "once. The script finds the root of that store in its\n"
            "environment, as MDEVCTL_LOCKED_ROOT.");
}

void bind_directories(Class<Environment>& type)
{
    type.property("root", &Environment::root, "Where the system hangs.")
        .property("parents_directory", &Environment::parents_directory,
            "ROOT/sys/class/mdev_bus: the parent devices.")
        .property("devices_directory", &Environment::devices_directory,
            "ROOT/sys/bus/mdev/devices: the active devices.")
        .property("definitions_directory", &Environment::definitions_directory,
            "ROOT/etc/mdevctl.d: the definitions.")
        .property("callout_directories", &Environment::callout_directories,
            "Where callout scripts are, in the order in which they are asked.")
        .property("notifier_directories", &Environment::notifier_directories,
            "Where notifiers are.");
}

void bind_limits(Class<Environment>& type)
{
    type.property(
            "lock_timeout",
            [](const Environment& env) { return Limit{env.lock_timeout()}; },
            "How long to wait for the store's lock: a timedelta.")
        .property(
            "script_timeout",
            [](const Environment& env) { return Limit{env.script_timeout()}; },
            "How long a script may take: a timedelta.")
        .property(
            "callout_lock_timeout",
            [](const Environment& env) {
                return Limit{env.callout_lock_timeout()};
            },
            "How long to wait for other commands of this process: a\n"
            "timedelta.");
}

constexpr const char* about =
    R"(Environment(root='/', *, log=None, lock_timeout=None,
            script_timeout=None, callout_lock_timeout=None, cancel=None,
            lock_held=False)
--

Where the system hangs: one root directory from which every path follows,
who hears messages, and how long things may take.

root            `/` for the real system, another directory for tests
log             is called with a LogLevel and a sentence, in any thread that
                calls the library and in the library's own; what it raises
                goes to sys.unraisablehook
lock_timeout    how long to wait for the store's lock, 60 s if left out
script_timeout  how long each script may take, 60 s if left out
callout_lock_timeout    how long to wait until other commands of this process have
                run their scripts, 10 min if left out; all three are float
                seconds or a timedelta
cancel          a descriptor, or an object that has one: when it becomes
                readable, scripts are ended, all waiting stops, and the
                command raises Cancelled. It stays the caller's, who
                keeps it open. With signal.set_wakeup_fd() on the other end
                of a socket pair, Ctrl-C ends a command at once.
lock_held       see with_lock_held()

Immutable: each `with_…` returns a changed copy. Any thread may use it.)";

}

void bind_environment(py::module_& module)
{
    Class<Environment> type(module, "Environment", about);
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
        "Says one sentence to the listener, as the library itself does.",
        py::arg("level"), py::arg("message"));
    type.def("__repr__", [](const Environment& env) {
        return py::str("mdev.Environment({!r})")
            .format(py::str(py::cast(env.root())));
    });
}

}
