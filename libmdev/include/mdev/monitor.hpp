// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>
#include <mdev/uuid.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// What has happened.
enum class EventKind {
    device_added = 1, ///< a device is active
    device_removed = 2, ///< a device is not active any more
    parent_registered = 3, ///< a parent offers its types
    parent_unregistered = 4, ///< a parent and all its devices are gone
    definition_added = 5, ///< a file of a new UUID is in the store
    definition_changed = 6, ///< its file was replaced or written to
    definition_removed = 7, ///< its file is gone
    overflow = 8, ///< there were too many events: ask for everything again
};

/// One thing that has happened. Any thread may use any copy.
class Event {
public:
    /// What has happened.
    EventKind kind() const noexcept;
    /// The same as a word, such as `device-added`; valid for ever.
    const char* word() const noexcept;
    /// The parent that it is about; empty for EventKind::overflow.
    const std::string& parent() const noexcept;
    /// The device or definition that it is about; nothing for a parent.
    std::optional<Uuid> uuid() const noexcept;
    /// What `mdevctl monitor --json` prints, one line without its end: an
    /// object with `event`, which is word(), and `parent` and `uuid`, which are
    /// null where there is none.
    std::string to_json() const;

private:
    friend struct Access;
    struct Impl;
    explicit Event(std::shared_ptr<const Impl> impl) noexcept;
    std::shared_ptr<const Impl> impl_;
};

/// Tells what happens to devices, parents and definitions, so that nobody need
/// ask again and again: what the kernel says about devices (netlink uevents),
/// and changes in the store (inotify).
///
/// It tells what happens after it was made. What is there already is told by
/// current(), so that one piece of code serves for the start, for what comes
/// later, and for EventKind::overflow. Copies share one queue. One thread at a
/// time may read it; any may poll the descriptor.
class Monitor {
public:
    /// Throws Error if the kernel gives no socket or no watch.
    explicit Monitor(const Environment& env);

    /// Readable, for poll(2) and its kin, when there may be events. It belongs
    /// to the Monitor.
    int descriptor() const noexcept;
    /// What has happened since the last call, in order, perhaps nothing. Never
    /// waits. Throws Error if the kernel takes the watches away.
    std::vector<Event> read() const;
    /// What there is now, as if all of it had just come: a parent_registered
    /// for each parent, a device_added for each active device, a
    /// definition_added for each file of the store, in this order. It takes the
    /// place of what has not been read yet; nothing is missed from then on, and
    /// what happens meanwhile may be told once more by read(). Throws Error as
    /// read(), ParentDevice::all() and Device::all() do.
    std::vector<Event> current() const;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}
