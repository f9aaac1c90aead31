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
// attributes, so that nobody could tell it from a good one. A start therefore
// leaves a note in /run/mdevctl while it lasts: the inode number of the
// device's directory, which is another one for each device that is made.
//
// The note is locked by the process that starts the device. A note without a
// lock is that of a process that is gone.

/// The note of a start that is going on in this process. Without a directory
/// /run, as below a root directory of tests, there is no note.
class StartNote {
public:
    /// Writes the note, as yet without a device. A failure is logged: a start
    /// is worth more than its note.
    StartNote(const Environment& env, const Uuid& uuid);
    StartNote(const StartNote&) = delete;
    StartNote& operator=(const StartNote&) = delete;
    /// Removes the note, unless keep() was called.
    ~StartNote();

    /// Adds the device, once it is created.
    void add_device(const Directory& device) const;
    /// The device stays as it is, without all its attributes.
    void keep() noexcept { is_kept_ = true; }

private:
    void open(const Environment& env);

    std::string name_;
    std::optional<Directory> directory_;
    FileDescriptor note_;
    bool is_kept_ = false;
};

/// The devices that there are notes about: usually none, which spares a list
/// the look at each of its devices.
std::set<Uuid> noted_starts(const Environment& env);

/// Whether the start of an active device was ended before its last attribute,
/// and nobody works on it any more.
bool is_start_unfinished(const Environment& env, const Device& device);

}
