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
            "Returns a copy with another root directory.", py::arg("root"))
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
        .method("with_lock_held", &Environment::with_lock_held,
            "Returns a copy for a program that a callout script has started\n"
            "while the script's caller holds the store's lock. Waiting for "
            "the\n"
            "lock would never end, so it raises LockHeld at once. The "
            "script's\n"
            "environment variable MDEVCTL_LOCKED_ROOT is the root of that\n"
            "store.");
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
            "ROOT/etc/mdevctl.d: the definitions.")
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

constexpr const char* about =
    R"(Environment(root='/', *, log=None, lock_timeout=None,
            script_timeout=None, callout_lock_timeout=None, cancel=None,
            lock_held=False)
--

The root directory, the log function and the time limits. Nothing else is
global.

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
                command raises Cancelled. The caller keeps it open. With
                signal.set_wakeup_fd() on the other end of a socket pair,
                Ctrl-C ends a command at once.
lock_held       see with_lock_held()

Time limits are seconds or a timedelta.

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
        "Passes one sentence to the log function, as the library does.",
        py::arg("level"), py::arg("message"));
    type.def("__repr__", [](const Environment& env) {
        return py::str("mdev.Environment({!r})")
            .format(py::str(py::cast(env.root())));
    });
}

}
