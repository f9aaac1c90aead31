// SPDX-License-Identifier: LGPL-2.1-or-later
#include "captured_log.hpp"

#include <algorithm>
#include <chrono>

namespace mdev::test {

void CapturedLog::add(LogLevel level, std::string_view text)
{
    const std::lock_guard lock(mutex_);
    lines_.push_back({level, std::string(text)});
    changed_.notify_all();
}

std::vector<LogLine> CapturedLog::lines() const
{
    const std::lock_guard lock(mutex_);
    return lines_;
}

std::vector<std::string> CapturedLog::texts(LogLevel level) const
{
    std::vector<std::string> texts;
    for (const auto& line : lines())
        if (line.level == level)
            texts.push_back(line.text);
    return texts;
}

bool CapturedLog::wait_for(LogLevel level) const
{
    std::unique_lock lock(mutex_);
    return changed_.wait_for(
        lock, std::chrono::seconds(10), [&] { return has(level); });
}

bool CapturedLog::has(LogLevel level) const
{
    return std::any_of(lines_.begin(), lines_.end(),
        [level](const LogLine& line) { return line.level == level; });
}

}
