// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/definition.hpp>
#include <mdev/environment.hpp>
#include <mdev/uuid.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// The kind of an event of a device, a parent or a definition.
enum class EventKind {
    device_added = 1, ///< a device has become active
    device_removed = 2, ///< a device is no longer active
    parent_registered = 3, ///< a parent has appeared
    parent_unregistered = 4, ///< a parent was removed with its devices
    definition_added = 5, ///< a definition was added to the store
    definition_changed = 6, ///< its file was replaced or written
    definition_removed = 7, ///< its file was removed
    overflow = 8, ///< events were dropped: read the full state again
};

/// Returns the kind as a word, such as `device-added`; a static string.
const char* word(EventKind kind) noexcept;

/// One change of a device, parent or definition. Any thread may use any copy.
class Event {
public:
    /// The kind of the event.
    EventKind kind() const noexcept;
    /// The word of the kind.
    const char* word() const noexcept;
    /// The name of the parent; empty for EventKind::overflow.
    const std::string& parent() const noexcept;
    /// The UUID of the device or definition; nothing if the event is about a
    /// parent.
    std::optional<Uuid> uuid() const noexcept;
    /// The id of the mdev type of a device that was added, or of a definition
    /// that was added or changed, at the time of Monitor::read(). Empty for
    /// other kinds, and if the device or definition has been removed since the
    /// event or cannot be read.
    const std::string& type_id() const noexcept;
    /// Whether the device of a definition that was added or changed is started
    /// when its parent appears; nothing where type_id() is empty, and for
    /// devices.
    std::optional<StartMode> start() const noexcept;
    /// The ids of the types that a registered parent offers, sorted, at the
    /// time of Monitor::read(). Empty for other kinds, and if the parent has
    /// been removed since the event.
    const std::vector<std::string>& offered_type_ids() const noexcept;
    /// Returns the line that `mdevctl monitor --json` prints, without its
    /// newline: an object with `event`, which is word(), `parent`, `uuid`,
    /// `type`, `start` (`auto` or `manual`) and `types`, the types that a
    /// parent offers. Missing values are null.
    std::string to_json() const;

private:
    friend struct Access;
    struct Impl;
    explicit Event(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Which events a Monitor reports: those that meet every condition, and always
/// EventKind::overflow. Without conditions, all events:
///
///     Monitor(env, EventFilter().parent("mtty"))
///
/// A value: copies are independent of each other. One object may be used by one
/// thread at a time, or by many that only read it.
class EventFilter {
public:
    /// Makes a filter without conditions.
    EventFilter();

    /// Selects events with this parent. Returns the object itself.
    EventFilter& parent(std::string parent);
    /// Selects events with this UUID, that is, of devices and definitions.
    /// Returns the object itself.
    EventFilter& uuid(const Uuid& uuid);
    /// Selects events of this kind, and of the kinds of other calls. Returns
    /// the object itself.
    EventFilter& kind(EventKind kind);

private:
    friend struct Access;
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

/// Reports changes of devices, parents and definitions, so that programs need
/// not poll: the kernel's uevents (netlink), and changes in the store
/// (inotify).
///
/// read() returns changes since the Monitor was constructed. current() returns
/// what exists as events of the same kinds, so that one piece of code handles
/// the start, later changes, and EventKind::overflow.
///
/// Events are hints: several changes of one definition may be one event, and a
/// change may be reported twice. Events of devices and parents are in the
/// kernel's order. Events of definitions are in no particular order, and their
/// order relative to those of devices and parents is not known.
///
/// The kernel sends no event when the type of a virtual function changes. The
/// monitor looks at such functions every two seconds, and at an event of a PCI
/// device. A device that is stopped and started again in between, with the
/// same UUID and type, is not reported.
///
/// Copies share one queue. One thread at a time may read it; any thread may
/// poll the descriptor. A child process after fork(2) shares the queue as well:
/// an event that one process reads does not reach the other. The child must
/// construct its own Monitor.
class Monitor {
public:
    /// Starts to listen. Throws Error if the kernel refuses a watch, or has no
    /// resources left. If this process may not use netlink, a warning is logged
    /// and only events of definitions and virtual functions are reported; see
    /// has_uevents().
    explicit Monitor(const Environment& env);
    /// Starts to listen to the events that `filter` selects. Throws Error like
    /// the constructor above.
    Monitor(const Environment& env, const EventFilter& filter);

    /// Whether the kernel sends its uevents to this process, so that mediated
    /// devices and their parents are reported. False if netlink sockets are
    /// forbidden (by seccomp or an LSM), in a network namespace that belongs to
    /// a user namespace (in many containers), and if the filter selects
    /// definitions only.
    bool has_uevents() const noexcept;
    /// A descriptor for poll(2) and similar, readable when there may be events.
    /// It belongs to the Monitor.
    int descriptor() const noexcept;
    /// Returns events since the last call, possibly none. If very many events
    /// are waiting, returns some of them, and the descriptor remains readable.
    /// Does not wait for events; a device that is being created may take a few
    /// milliseconds to show its type. Throws Error if the kernel reports an
    /// error; events may be lost then, so call current().
    std::vector<Event> read() const;
    /// Returns what exists now as events: a parent_registered for each parent,
    /// a device_added for each active device, a definition_added for each file
    /// of the store, in this order. Events that have not been read yet are
    /// dropped. No later change is missed; a change during the call may be
    /// reported again by read(). Throws Error like read(), ParentDevice::all()
    /// and Device::all().
    std::vector<Event> current() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}
