// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/environment.hpp>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

namespace mdev::test {

struct LogLine {
    LogLevel level;
    std::string text;
};

/// Keeps what the library says. Any thread may use it.
class CapturedLog {
public:
    void add(LogLevel level, std::string_view text);

    std::vector<LogLine> lines() const;
    /// The messages of one level.
    std::vector<std::string> texts(LogLevel level) const;
    /// Returns as soon as something was said at that level; false if nothing
    /// is for ten seconds.
    bool wait_for(LogLevel level) const;

private:
    bool has(LogLevel level) const;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<LogLine> lines_;
};

}
