// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "file_descriptor.hpp"
#include "virtual_function.hpp"

#include <mdev/monitor.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// Watches virtual functions with files of a vendor, as parents and devices.
///
/// The kernel reports when a function appears or disappears, but not when it is
/// given a type. While such functions exist, they are therefore checked every
/// few seconds; the events are the differences. Without uevents, they are
/// searched for as often.
class FunctionWatch {
public:
    FunctionWatch(const Environment& env, bool has_uevents);

    /// Readable when it is time to look; for poll(2).
    int number() const noexcept { return timer_.number(); }
    /// Looks if it is time.
    void read(std::vector<Event>& events);
    /// Checks now, for example after an event of the kernel, and appends the
    /// changes since the last check.
    void look(std::vector<Event>& events);

private:
    struct Function {
        std::uint64_t identity = 0;
        std::optional<FunctionDevice> device{};
    };

    std::map<std::string, Function> functions() const;
    void arm();

    Environment env_;
    bool has_uevents_;
    FileDescriptor timer_;
    bool is_armed_ = false;
    /// What the last look has found.
    std::map<std::string, Function> known_;
};

/// Whether a message of the kernel says that a PCI function has changed.
bool is_pci_uevent(std::string_view message);

}
