// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "file_descriptor.hpp"

#include <mdev/monitor.hpp>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mdev {

/// Watches virtual functions with files of a vendor, as parents and devices.
///
/// The kernel reports when a function appears or disappears, but not when it is
/// given a type. While such functions exist, they are therefore checked every
/// few seconds; the events are the differences.
class FunctionWatch {
public:
    explicit FunctionWatch(const Environment& env);

    /// Readable when it is time to look; for poll(2).
    int number() const noexcept { return timer_.number(); }
    /// Looks if it is time.
    void read(std::vector<Event>& events);
    /// Checks now, for example after an event of the kernel, and appends the
    /// changes since the last check.
    void look(std::vector<Event>& events);

private:
    using Device = std::optional<std::pair<Uuid, std::string>>;

    std::map<std::string, Device> functions() const;
    void arm(bool is_wanted);

    Environment env_;
    FileDescriptor timer_;
    bool is_armed_ = false;
    /// What the last look has found.
    std::map<std::string, Device> known_;
};

/// Whether a message of the kernel says that a PCI function has changed.
bool is_pci_uevent(std::string_view message);

}
