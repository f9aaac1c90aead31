// SPDX-License-Identifier: LGPL-2.1-or-later
#include "mdev_python.hpp"

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
    explicit Watcher(const Environment& env)
        : state_(unlocked([&] { return std::make_shared<State>(env); }))
    {
    }

    bool is_closed() const { return !state_; }
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

        explicit State(const Environment& env) : monitor(env) {}

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
    return py::make_tuple(event.kind(), Text(event.parent()), event.uuid());
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
        .json(
            "Returns what `mdevctl monitor --json` prints, without the final\n"
            "newline: an object with event, parent and uuid.")
        .hashed_by(contents);
    type.def("__repr__", [](const Event& self) {
        return py::str("<mdev.Event {} {}{}{}>")
            .format(py::cast(self.kind()).attr("name"), Text(self.parent()),
                self.uuid() ? " " : "",
                self.uuid() ? self.uuid()->string() : "");
    });
}

constexpr const char* about = R"(Monitor(env)
--

Reports changes of devices, parents and definitions, so that programs need not
poll. It reports what happens after its construction. current() reports what
exists already: call it at the start and after EventKind.overflow.

Iterating waits for the next event and ends when the monitor is closed:

    with mdev.Monitor(env) as monitor:
        for event in monitor:
            ...

A Monitor can be registered with selectors and asyncio: call read() when it is
readable. Any thread may use it.)";

}

void bind_monitor(py::module_& module)
{
    bind_event(module);
    Class<Watcher> type(module, "Monitor", about);
    type.constructor(
            [](const Environment& env) {
                return std::make_unique<Watcher>(env);
            },
            py::arg("env"))
        .method("fileno", &Watcher::fileno,
            "Returns a descriptor that is readable when there may be events.\n"
            "The Monitor owns the descriptor.")
        .method("read", &Watcher::read,
            "Returns the events since the last call, in order: a list of\n"
            "Event, which may be empty. Never waits.")
        .method("current", &Watcher::current,
            "Returns what exists now, as a list of Event: first each parent,\n"
            "then each active device, then each definition. It replaces the\n"
            "events that were not read yet. No later event is missed; an "
            "event\n"
            "that happens meanwhile may be reported twice.")
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
