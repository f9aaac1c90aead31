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

py::tuple identity(const Device& device)
{
    return py::make_tuple(
        device.path(), Text(device.parent()), Text(device.type_id()));
}

void bind_device(py::module_& module)
{
    Class<Device> type(module, "Device",
        "An active device. What is stored about it is a Definition. Two are\n"
        "equal if they are the same device of the same type. The object stays\n"
        "valid when the device is removed; its methods raise Error then.");
    type.static_method(
            "find",
            [](const Uuid& uuid, const Environment& env) {
                return unlocked([&] { return Device::find(uuid, env); });
            },
            "Returns the active device of that UUID, or None.", py::arg("uuid"),
            py::arg("env"))
        .static_method(
            "all",
            [](const Environment& env) {
                return unlocked([&] { return Device::all(env); });
            },
            "Returns every active device, sorted by parent and UUID. A device\n"
            "that cannot be read is left out with a warning in the log.",
            py::arg("env"))
        .property("uuid", &Device::uuid, "The device's uuid.UUID.")
        .text_property(
            "parent", &Device::parent, "The name of the parent device.")
        .text_property("type_id", &Device::type_id, "The id of the mdev type.")
        .property("path", &Device::path, "The device's directory in /sys.")
        .method(
            "set_attribute",
            [](const Device& self, const Text& name, const Text& value) {
                unlocked([&] { self.set_attribute(name, value); });
            },
            "Writes `value`, unchanged and in one write, to the attribute of\n"
            "that name, which may be a path such as `power/control`.",
            py::arg("name"), py::arg("value"))
        .method(
            "remove",
            [](const Device& self) { unlocked([&] { self.remove(); }); },
            "Removes the device. The kernel blocks until every process has\n"
            "closed the device. Raises NotActive, or the kernel's error.")
        .hashed_by(identity);
    type.def("__repr__", [](const Device& self) {
        return py::str("<mdev.Device {} {} on {}>")
            .format(self.uuid().string(), Text(self.type_id()),
                Text(self.parent()));
    });
}

void bind_mdev_type(py::module_& module)
{
    Class<MdevType> type(module, "MdevType",
        "A kind of device that a parent offers: a snapshot of what the kernel\n"
        "reported. Two are equal if they have the same parent and id.");
    type.text_property("id", &MdevType::id,
            "The id, such as `mtty-1`, which the kernel and every definition\n"
            "use.")
        .text_property("parent", &MdevType::parent, "The parent's name.")
        .property("available_instances", &MdevType::available_instances,
            "How many more devices of this type can be created.")
        .text_property("device_api", &MdevType::device_api,
            "The device API, such as `vfio-pci`.")
        .text_property("name", &MdevType::name,
            "The vendor's name for the type; empty if there is none.")
        .text_property("description", &MdevType::description,
            "The vendor's description, its lines joined by `, `; may be\n"
            "empty.")
        .property("path", &MdevType::path, "The type's directory in /sys.")
        .method(
            "create",
            [](const MdevType& self, const Uuid& uuid) {
                return unlocked([&] { return self.create(uuid); });
            },
            "Asks the kernel for a device of this type and returns the device\n"
            "when it exists. No callout script runs: see Manager.start().\n"
            "Raises AlreadyActive, NoInstanceLeft, or the kernel's error.",
            py::arg("uuid"))
        .hashed_by([](const MdevType& self) { return py::cast(self.path()); });
    type.def("__repr__", [](const MdevType& self) {
        return py::str("<mdev.MdevType {} on {}, {} available>")
            .format(Text(self.id()), Text(self.parent()),
                self.available_instances());
    });
}

void bind_parent_device(py::module_& module)
{
    Class<ParentDevice> type(module, "ParentDevice",
        "Hardware that can be divided into mediated devices.");
    type.static_method(
            "find",
            [](const Text& name, const Environment& env) {
                return unlocked([&] { return ParentDevice::find(name, env); });
            },
            "Returns the parent of that name, or None. Raises InvalidName if\n"
            "no parent can have that name.",
            py::arg("name"), py::arg("env"))
        .static_method(
            "all",
            [](const Environment& env) {
                return unlocked([&] { return ParentDevice::all(env); });
            },
            "Returns every parent, sorted by name.", py::arg("env"))
        .static_method(
            "list_to_json",
            [](const std::vector<ParentDevice>& parents, JsonFormat format) {
                return Text(unlocked([&] { return to_json(parents, format); }));
            },
            "Returns what `mdevctl types` prints for these parents, without\n"
            "the final newline: with --dumpjson for JsonFormat.compatible, or\n"
            "with --json for JsonFormat.flat.",
            py::arg("parents"), py::arg("format"))
        .text_property("name", &ParentDevice::name,
            "The kernel's name for the parent, such as `0000:00:02.0`.")
        .property(
            "types",
            [](const ParentDevice& self) {
                return unlocked([&] { return self.types(); });
            },
            "The types that the driver offers now, sorted by id. Each access\n"
            "asks the kernel.")
        .method(
            "type",
            [](const ParentDevice& self, const Text& id) {
                return unlocked([&] { return self.type(id); });
            },
            "Returns the type of that id, or None if the driver does not\n"
            "offer it.",
            py::arg("id"));
    type.def("__repr__", [](const ParentDevice& self) {
        return py::str("<mdev.ParentDevice {}>").format(Text(self.name()));
    });
}

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
            "Empty for other kinds, and if the device or definition was\n"
            "removed meanwhile or cannot be read.")
        .property("start", &Event::start,
            "The StartMode of a definition that was added or changed; None\n"
            "where `type_id` is empty, and for devices.")
        .property(
            "offered_type_ids",
            [](const Event& self) {
                return texts_object(self.offered_type_ids());
            },
            "The ids of the types that a registered parent offers, sorted: a\n"
            "list of str. Empty for other kinds, and if the parent was "
            "removed\n"
            "meanwhile.")
        .json(
            "Returns what `mdevctl monitor --json` prints, without the final\n"
            "newline: an object with event, parent, uuid, type, start and\n"
            "types, the types that a parent offers. What the event does not\n"
            "have is null.")
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

Reports changes of devices, parents and definitions, so that programs need not
poll. It reports what happens after its construction. current() reports what
exists already: call it at the start and after EventKind.overflow.

With `parent`, `uuid` or `kinds`, it reports only events with that parent, with
that UUID, of one of these EventKinds, and always EventKind.overflow.

Events are hints: several changes of one definition may be one event, and a
change may be reported twice. Events of devices and parents are in the kernel's
order. Events of definitions are in no particular order, and their order
relative to those of devices and parents is not known.

If this process may not use netlink, only definitions are reported, with a
warning in the log; see has_uevents.

Iterating waits for the next event and ends when the monitor is closed:

    with mdev.Monitor(env) as monitor:
        for event in monitor:
            ...

A Monitor can be registered with selectors and asyncio: call read() when it is
readable. Any thread may use it. A child process after os.fork() shares the
queue: an event that one process reads is lost to the other. The child must
construct a Monitor of its own.)";

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

void bind_monitor(py::module_& module)
{
    bind_event(module);
    Class<Watcher> type(module, "Monitor", monitor_text);
    type.constructor(make_watcher, py::arg("env"), py::kw_only(),
            py::arg("parent") = py::none(), py::arg("uuid") = py::none(),
            py::arg("kinds") = py::tuple())
        .property("has_uevents", &Watcher::has_uevents,
            "Whether the kernel sends its uevents to this process, so that\n"
            "devices and parents are reported. It does not if netlink sockets\n"
            "are forbidden (by seccomp or an LSM), or in a network namespace\n"
            "that belongs to a user namespace, as in many containers. False\n"
            "as well if `kinds` has only those of definitions.")
        .method("fileno", &Watcher::fileno,
            "Returns a descriptor that is readable when there may be events.\n"
            "The Monitor owns the descriptor.")
        .method("read", &Watcher::read,
            "Returns events since the last call: a list of Event, which may\n"
            "be empty. If very many are waiting, it is a part of them, and\n"
            "the Monitor remains readable. Does not wait for events.")
        .method("current", &Watcher::current,
            "Returns what exists now, as a list of Event: first each parent,\n"
            "then each active device, then each definition. It replaces the\n"
            "events that were not read yet. No later event is missed; an\n"
            "event that happens meanwhile may be reported twice.")
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

void bind_devices(py::module_& module)
{
    bind_device(module);
    bind_mdev_type(module);
    bind_parent_device(module);
    bind_monitor(module);
}

}
