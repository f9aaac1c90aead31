// SPDX-License-Identifier: LGPL-2.1-or-later
#include "binding.hpp"

#include <cerrno>
#include <deque>
#include <mutex>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace mdev::python {

namespace {

/// A descriptor that becomes readable once and stays readable.
class Signal {
public:
    Signal() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
        if (fd_ < 0)
            throw Error(
                {errno, std::system_category()}, "", "Cannot make an eventfd");
    }
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;
    ~Signal() { ::close(fd_); }

    int descriptor() const { return fd_; }
    void raise() const { eventfd_write(fd_, 1); }

private:
    int fd_;
};

/// A Monitor that several threads may read, that can wait, and that one thread
/// may close while others wait.
class Watcher {
public:
    Watcher(const Environment& env, const EventFilter& filter)
        : state_(unlocked([&] { return std::make_shared<State>(env, filter); }))
    {
    }

    bool is_closed() const { return !state_; }
    bool has_uevents() const { return opened()->monitor.has_uevents(); }
    int fileno() const { return opened()->monitor.descriptor(); }
    std::vector<Event> read() const
    {
        const auto state = opened();
        return unlocked([&] { return state->read(); });
    }
    std::vector<Event> current() const
    {
        const auto state = opened();
        return unlocked([&] { return state->current(); });
    }
    /// Waits. Throws StopIteration once it is closed.
    Event next() const
    {
        const auto state = state_;
        while (state && state == state_) {
            if (auto event = unlocked([&] { return state->pop(); }))
                return std::move(*event);
            if (!unlocked([&] { return state->wait(); }) &&
                PyErr_CheckSignals() != 0)
                throw py::error_already_set();
        }
        throw py::stop_iteration();
    }
    void close()
    {
        const auto last = std::move(state_);
        state_ = nullptr;
        if (last)
            last->closed.raise();
    }

private:
    /// A waiting thread keeps this alive if another thread closes the Watcher.
    struct State {
        Monitor monitor;
        Signal closed;
        std::mutex mutex;
        std::deque<Event> pending;

        State(const Environment& env, const EventFilter& filter)
            : monitor(env, filter)
        {
        }

        std::vector<Event> read()
        {
            const std::lock_guard guard(mutex);
            std::vector<Event> events(pending.begin(), pending.end());
            pending.clear();
            for (auto& event : monitor.read())
                events.push_back(std::move(event));
            return events;
        }
        std::vector<Event> current()
        {
            const std::lock_guard guard(mutex);
            auto events = monitor.current();
            pending.clear();
            return events;
        }
        std::optional<Event> pop()
        {
            const std::lock_guard guard(mutex);
            if (pending.empty())
                for (auto& event : monitor.read())
                    pending.push_back(std::move(event));
            if (pending.empty())
                return {};
            std::optional event(std::move(pending.front()));
            pending.pop_front();
            return event;
        }
        /// False if a signal came first.
        bool wait() const
        {
            std::array<pollfd, 2> asked{{{monitor.descriptor(), POLLIN, 0},
                {closed.descriptor(), POLLIN, 0}}};
            return poll(asked.data(), asked.size(), -1) >= 0;
        }
    };

    std::shared_ptr<State> opened() const
    {
        if (!state_)
            throw py::value_error("the monitor is closed");
        return state_;
    }

    std::shared_ptr<State> state_;
};

py::tuple contents(const Event& event)
{
    return py::make_tuple(event.kind(), Text(event.parent()), event.uuid(),
        Text(event.type_id()), event.start(),
        py::tuple(texts_object(event.offered_type_ids())));
}

void bind_event(py::module_& module)
{
    Class<Event> type(module, "Event", "One event.");
    type.property("kind", &Event::kind, "The EventKind.")
        .property(
            "word", &Event::word, "The kind as a word, such as `device-added`.")
        .text_property("parent", &Event::parent,
            "The parent's name; empty for EventKind.overflow.")
        .property("uuid", &Event::uuid,
            "The uuid.UUID of the device or definition; None for a parent.")
        .text_property("type_id", &Event::type_id,
            "The id of the mdev type of a device that was added, or of a\n"
            "definition that was added or changed, at the time of read().\n"
            "Empty for other kinds, and if the device or definition has been\n"
            "removed since the event or cannot be read.")
        .property("start", &Event::start,
            "The StartMode of a definition that was added or changed; None\n"
            "where `type_id` is empty, and for devices.")
        .property(
            "offered_type_ids",
            [](const Event& self) {
                return texts_object(self.offered_type_ids());
            },
            "The ids of the types that a registered parent offers, sorted: a\n"
            "list of str. Empty for other kinds, and if the parent has been\n"
            "removed since the event.")
        .json(
            "Returns the line that `mdevctl monitor --json` prints, without\n"
            "its newline: an object with event, parent, uuid, type, start and\n"
            "types, the types that a parent offers. Missing values are null.")
        .hashed_by(contents);
    type.def("__repr__", [](const Event& self) {
        return py::str("<mdev.Event {} {}{}{}>")
            .format(py::cast(self.kind()).attr("name"), Text(self.parent()),
                self.uuid() ? " " : "",
                self.uuid() ? self.uuid()->string() : "");
    });
}

constexpr const char* monitor_text =
    R"(Monitor(env, *, parent=None, uuid=None, kinds=())
--

Reports changes of devices, parents and definitions since its construction, so
that programs need not poll. current() reports the present state: call it at the
start and after EventKind.overflow.

With `parent`, `uuid` or `kinds`, the Monitor reports only events with that
parent, with that UUID, of one of these EventKinds, and always
EventKind.overflow.

Events are hints: several changes of one definition may be one event, and a
change may be reported twice. Events of devices and parents are in the kernel's
order. Events of definitions are in no particular order, and their order
relative to those of devices and parents is not known.

The kernel sends no event when the type of a virtual function changes. The
Monitor looks at such functions every two seconds, and at an event of a PCI
device. A device that is stopped and started again in between, with the same
UUID and type, is not reported.

If this process may not use netlink, only definitions and virtual functions are
reported, with a warning in the log; see has_uevents.

Iterating waits for the next event and ends when the monitor is closed:

    with mdev.Monitor(env) as monitor:
        for event in monitor:
            ...

A Monitor can be registered with selectors and asyncio: call read() when the
Monitor is readable. Any thread may use it. A child process after os.fork()
shares the queue: an event that one process reads is lost to the other. The
child must construct a Monitor of its own.)";

std::unique_ptr<Watcher> make_watcher(const Environment& env,
    const Name& parent, const std::optional<Uuid>& uuid,
    const std::vector<EventKind>& kinds)
{
    EventFilter filter;
    if (parent)
        filter.parent(*parent);
    if (uuid)
        filter.uuid(*uuid);
    for (const auto kind : kinds)
        filter.kind(kind);
    return std::make_unique<Watcher>(env, filter);
}

}

void bind_monitor(py::module_& module)
{
    bind_event(module);
    Class<Watcher> type(module, "Monitor", monitor_text);
    type.constructor(make_watcher, py::arg("env"), py::kw_only(),
            py::arg("parent") = py::none(), py::arg("uuid") = py::none(),
            py::arg("kinds") = py::tuple())
        .property("has_uevents", &Watcher::has_uevents,
            "Whether the kernel sends its uevents to this process, so that\n"
            "devices and parents are reported. False if netlink sockets are\n"
            "forbidden (by seccomp or an LSM), in a network namespace that\n"
            "belongs to a user namespace (in many containers), and if `kinds`\n"
            "has only kinds of definitions.")
        .method("fileno", &Watcher::fileno,
            "Returns a descriptor that is readable when there may be events.\n"
            "The Monitor owns the descriptor.")
        .method("read", &Watcher::read,
            "Returns events since the last call: a list of Event, which may\n"
            "be empty. If very many events are waiting, returns some of them,\n"
            "and the Monitor remains readable. Does not wait for events.")
        .method("current", &Watcher::current,
            "Returns the present state as a list of Event: first each parent,\n"
            "then each active device, then each definition. Events that have\n"
            "not been read yet are dropped. No later event is missed; an\n"
            "event that happens during the call may be reported twice.")
        .method("close", &Watcher::close,
            "Closes the monitor and ends iterations in other threads; does\n"
            "nothing the second time.")
        .property(
            "closed", &Watcher::is_closed, "Whether the monitor is closed.");
    type.def("__iter__", [](const py::object& self) { return self; });
    type.def("__next__", &Watcher::next);
    type.def("__enter__", [](const py::object& self) {
        (void)self.cast<Watcher&>().fileno();
        return self;
    });
    type.def("__exit__", [](Watcher& self, const py::args&) { self.close(); });
}

}
