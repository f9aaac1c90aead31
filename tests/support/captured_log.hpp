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

/// Stores the messages of the library. Any thread may use the log.
class CapturedLog {
public:
    void add(LogLevel level, std::string_view text);

    std::vector<LogLine> lines() const;
    /// Returns the messages of one level.
    std::vector<std::string> texts(LogLevel level) const;
    /// Returns true as soon as the log has a message of this level, or false
    /// after ten seconds without one.
    bool wait_for(LogLevel level) const;

private:
    bool has(LogLevel level) const;

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::vector<LogLine> lines_;
};

}
