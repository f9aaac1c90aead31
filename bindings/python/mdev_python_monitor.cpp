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

/// A descriptor that becomes readable for good.
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

/// A Monitor that many threads may read, that waits, and that can be closed
/// meanwhile.
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
    /// What a thread that waits keeps alive, whoever closes this.
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
    Class<Event> type(module, "Event", "One thing that has happened.");
    type.property("kind", &Event::kind, "What: an EventKind.")
        .property(
            "word", [](const Event& self) { return Text(self.word()); },
            "The same as a word, such as `device-added`.")
        .method(
            "json", [](const Event& self) { return Text(self.to_json()); },
            "What `mdevctl monitor --json` prints, without the end of the\n"
            "line: an object with event, parent and uuid.")
        .property(
            "parent", [](const Event& self) { return Text(self.parent()); },
            "The parent that it is about; empty for EventKind.lost.")
        .property("uuid", &Event::uuid,
            "The device or definition that it is about; None for a parent.")
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

Tells what happens to devices, parents and definitions, so that nobody need ask
again and again. It tells what happens after it was made; what is there already
is told by current(), for the start and for EventKind.lost.

Iterating waits for the next event and ends when the monitor is closed:

    with mdev.Monitor(env) as monitor:
        for event in monitor:
            ...

With selectors or asyncio, which take it as it is, call read() when it is
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
            "A descriptor that is readable when there may be events. It\n"
            "belongs to the Monitor.")
        .method("read", &Watcher::read,
            "What has happened since the last call, in order, perhaps\n"
            "nothing: a list of Event. Never waits.")
        .method("current", &Watcher::current,
            "What there is now, as if all of it had just come: a list of\n"
            "Event, first each parent, then each active device, then each\n"
            "definition. It takes the place of what has not been read yet;\n"
            "nothing is missed from then on, and what happens meanwhile may\n"
            "be told once more.")
        .method("close", &Watcher::close,
            "Ends it, and the waiting of other threads; does nothing the\n"
            "second time.")
        .property("closed", &Watcher::is_closed, "Whether it is closed.");
    type.def("__iter__", [](const py::object& self) { return self; });
    type.def("__next__", &Watcher::next);
    type.def("__enter__", [](const py::object& self) {
        (void)self.cast<Watcher&>().fileno();
        return self;
    });
    type.def("__exit__", [](Watcher& self, const py::args&) { self.close(); });
}

}
