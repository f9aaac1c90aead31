// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"
#include "file_descriptor.hpp"

#include <mdev/device.hpp>

#include <optional>
#include <set>
#include <string>

namespace mdev {

// A process that is killed between the creation of a device and its last
// attribute leaves a device that looks started. The kernel does not show
// attributes, so that such a device cannot be told from a complete one. A start
// therefore keeps a note in /run/mdevctl while it lasts, and holds its lock: a
// note without a lock is that of a process that is gone. The note names the
// inode of the device's directory, which differs for each created device, so
// that the note does not apply to a device that was created later.

enum class StartProgress {
    complete, ///< there is no note about the device
    going_on, ///< another process is writing its attributes
    ended, ///< the process was killed; the device lacks attributes
};

/// How far the start of an active device has come.
StartProgress start_progress(const Environment& env, const Device& device);

/// Waits until the start that is going on has ended. Throws Error:
/// Errc::timed_out, Errc::cancelled.
void wait_for_start(const Environment& env, const Uuid& uuid);

/// Removes the note of a UUID, if there is one: its device has been removed, or
/// is about to be made without attributes. The note of a start that continues
/// stays: another process may start the UUID again as soon as it is free.
void forget_start(const Environment& env, const Uuid& uuid) noexcept;

/// The devices that there are notes about: usually none, which spares a list
/// the look at each of its devices.
std::set<Uuid> noted_starts(const Environment& env);

/// The note of a start in this process. A failure to write the note is logged
/// and does not stop the start. Below a root directory without /run, for
/// example in tests, there is no note.
class StartNote {
public:
    /// Waits for another start of the UUID. Throws Error: Errc::timed_out,
    /// Errc::cancelled.
    StartNote(const Environment& env, const Uuid& uuid);
    StartNote(const StartNote&) = delete;
    StartNote& operator=(const StartNote&) = delete;
    /// Removes the note: the device is complete, or removed, or was never
    /// created. Not if keep() was called, or if there was one that begin() has
    /// not replaced.
    ~StartNote();

    /// Whether the start before this one was ended and has left this device.
    bool was_about(const Directory& device) const;
    /// A device is about to be created.
    void begin();
    /// Names the device, once it is created.
    void add_device(const Directory& device);
    /// Keeps the note: the device remains, without all its attributes.
    void keep() noexcept { is_kept_ = true; }

private:
    void write(const std::string& text);

    const Environment& env_;
    std::string name_;
    std::optional<Directory> directory_;
    FileDescriptor note_;
    std::string before_;
    bool is_kept_ = false;
};

}
