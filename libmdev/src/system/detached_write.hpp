// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "file_descriptor.hpp"

#include <optional>
#include <string_view>
#include <type_traits>

namespace mdev {

/// A write(2) that another process makes, so that this one need not wait for
/// its end. The kernel may block a write for as long as a third process wants,
/// and in a way that not even SIGKILL ends. A thread would not do: a process
/// with a thread in such a write cannot exit.
///
/// The other process is a fork of this one that does nothing but write and
/// report. It has only these two files open and blocks all signals. It is not a
/// child of this process, which therefore need not reap it. It ends after the
/// write, even if this process no longer waits for the report.
class DetachedWrite {
public:
    /// Begins to write `value` to `file`. Returns nothing, and has written
    /// nothing, if the system has no process or descriptor left.
    static std::optional<DetachedWrite> begin(
        int file, std::string_view value) noexcept;

    /// Becomes readable when the write is over.
    int descriptor() const noexcept { return report_.number(); }
    /// Waits for the end of the write, and returns its result.
    struct End {
        long written = 0; ///< the result of write(2)
        int error = 0; ///< its errno if that is negative
        int is_begun = 0; ///< 0 if there was no process for the write
    };
    // The writer sends the bytes of an End.
    static_assert(std::has_unique_object_representations_v<End>);
    End end() const noexcept;

private:
    explicit DetachedWrite(FileDescriptor report) noexcept
        : report_(std::move(report))
    {
    }

    FileDescriptor report_;
};

}
