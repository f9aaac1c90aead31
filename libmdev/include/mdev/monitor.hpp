// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>
#include <mdev/uuid.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// The kind of an event.
enum class EventKind {
    device_added = 1, ///< a device has become active
    device_removed = 2, ///< a device is no longer active
    parent_registered = 3, ///< a parent has appeared
    parent_unregistered = 4, ///< a parent was removed with its devices
    definition_added = 5, ///< a definition was added to the store
    definition_changed = 6, ///< its file was replaced or written
    definition_removed = 7, ///< its file was removed
    overflow = 8, ///< events were dropped: read the whole state again
};

/// One change of a device, parent or definition. Any thread may use any copy.
class Event {
public:
    /// The kind of the event.
    EventKind kind() const noexcept;
    /// The kind as a word, such as `device-added`; a static string.
    const char* word() const noexcept;
    /// The name of the parent; empty for EventKind::overflow.
    const std::string& parent() const noexcept;
    /// The UUID of the device or definition; nothing if the event is about a
    /// parent.
    std::optional<Uuid> uuid() const noexcept;
    /// Returns the line that `mdevctl monitor --json` prints, without its
    /// newline: an object with `event`, which is word(), and `parent` and
    /// `uuid`, which are null if there is none.
    std::string to_json() const;

private:
    friend struct Access;
    struct Impl;
    explicit Event(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Reports changes of devices, parents and definitions, so that programs need
/// not poll: the kernel's uevents (netlink), and changes in the store
/// (inotify).
///
/// read() returns changes since the Monitor was constructed. current() returns
/// what exists as events of the same kinds, so that one piece of code handles
/// the start, later changes, and EventKind::overflow. Copies share one queue.
/// One thread at a time may read it; any thread may poll the descriptor.
class Monitor {
public:
    /// Starts to listen. Throws Error if the kernel refuses a socket or a
    /// watch.
    explicit Monitor(const Environment& env);

    /// A descriptor for poll(2) and similar, readable when there may be events.
    /// It belongs to the Monitor.
    int descriptor() const noexcept;
    /// Returns the events since the last call, in order, possibly none. Never
    /// waits. Throws Error if the kernel reports an error.
    std::vector<Event> read() const;
    /// Returns what exists now as events: a parent_registered for each parent,
    /// a device_added for each active device, a definition_added for each file
    /// of the store, in this order. They replace the events that have not been
    /// read yet. No later change is missed; a change during the call may be
    /// reported again by read(). Throws Error as read(), ParentDevice::all()
    /// and Device::all() do.
    std::vector<Event> current() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}
