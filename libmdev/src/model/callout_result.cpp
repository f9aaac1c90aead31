// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "cancellation.hpp"
#include "device_users.hpp"
#include "duration.hpp"
#include "text.hpp"

#include <mdev/export.hpp>

#include <algorithm>
#include <stdexcept>

namespace mdev {

namespace {

std::string reason_of(
    const ProcessResult& result, std::chrono::milliseconds limit)
{
    using End = ProcessResult::End;
    switch (result.end) {
    case End::exited:
        return result.code == 0
            ? ""
            : "it exited with status " + std::to_string(result.code);
    case End::killed:
        return "it was killed by signal " + std::to_string(result.code);
    case End::timed_out: return "it did not finish within " + duration(limit);
    case End::cancelled: return "it was cancelled";
    case End::overdue: return "it was ended by the command's deadline";
    case End::unknown:
        return result.code == 0
            ? "another part of this process took its exit status"
            : "it is unknown how it ended, because this process ignores "
              "SIGCHLD";
    case End::stuck:
        return "it did not finish within " + duration(limit) + ", and " +
            describe_process(std::to_string(result.code)) +
            " cannot be killed: it is stuck in the kernel";
    case End::not_started: break;
    }
    return "it could not be executed: " +
        std::generic_category().message(result.code);
}

}

namespace {

bool is_shown(const Character& character)
{
    const auto point = character.point;
    constexpr char32_t del = 0x7f;
    constexpr char32_t first_behind_c1 = 0xa0;
    return character.valid && point >= U' ' &&
        (point < del || point >= first_behind_c1);
}

std::string escaped_bytes(std::string_view bytes)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string shown;
    for (const char byte : bytes) {
        const auto number = static_cast<unsigned char>(byte);
        (shown += "\\x").append({digits[number >> 4], digits[number & 15]});
    }
    return shown;
}

/// The line without blanks around it, escaped, and cut if it is long.
std::string shown(std::string_view line)
{
    constexpr std::size_t longest = 200;
    constexpr std::string_view blanks = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    line = line.substr(0, line.find_last_not_of(blanks) + 1);
    std::string text;
    while (!line.empty()) {
        if (text.size() >= longest)
            return text + " ...";
        auto rest = line;
        const bool is_kept = is_shown(next_character(rest));
        const auto bytes = line.substr(0, line.size() - rest.size());
        text += is_kept ? std::string(bytes) : escaped_bytes(bytes);
        line = rest;
    }
    return text;
}

}

std::string reason_in_its_words(const CalloutResult& result)
{
    for (const auto line : split(result.errors(), '\n'))
        if (const auto words = shown(line); !words.empty())
            return result.reason() + ": " + words;
    return result.reason();
}

CalloutResult callout_result(const std::filesystem::path& script,
    ProcessResult process, std::chrono::milliseconds limit)
{
    auto reason = reason_of(process, limit);
    return Access::make<CalloutResult>(
        {script, std::move(process), std::move(reason)});
}

bool is_lost_answer(const CalloutResult& answer)
{
    const auto& impl = Access::impl(answer);
    return impl.process.end != ProcessResult::End::exited ||
        (impl.process.output_truncated && !impl.is_declined());
}

CalloutResult lost_capabilities(const CalloutResult& answer)
{
    using End = ProcessResult::End;
    auto lost = Access::impl(answer);
    lost.is_lost = true;
    if (lost.process.end == End::exited)
        lost.reason = "its capabilities are longer than 1 MiB";
    else if (lost.process.end == End::killed ||
        lost.process.end == End::timed_out)
        lost.reason += " when it was asked for its capabilities";
    return Access::make<CalloutResult>(std::move(lost));
}

CalloutResult with_capabilities(
    const CalloutResult& result, const Capabilities& capabilities)
{
    auto served = Access::impl(result);
    served.capabilities = capabilities;
    return Access::make<CalloutResult>(std::move(served));
}

const std::string& whole_answer(const CalloutResult& result)
{
    if (Access::impl(result).process.output_truncated)
        throw std::invalid_argument("the answer is longer than 1 MiB");
    return result.output();
}

Error cancelled_script(const CalloutResult& result)
{
    using End = ProcessResult::End;
    const auto path = result.script().string();
    const bool is_overdue = Access::impl(result).process.end == End::overdue;
    return Cancellation(
        -1, is_overdue ? Deadline(Deadline::Clock::now()) : Deadline::never())
        .error("callout script " + path, path);
}

CalloutResult::CalloutResult(std::shared_ptr<const Impl> impl) noexcept
    : impl_(std::move(impl))
{
}

MDEV_API const std::filesystem::path& CalloutResult::script() const noexcept
{
    return impl_->script;
}

MDEV_API bool CalloutResult::is_accepted() const noexcept
{
    return impl_->reason.empty();
}

MDEV_API const std::string& CalloutResult::reason() const noexcept
{
    return impl_->reason;
}

MDEV_API const std::string& CalloutResult::output() const noexcept
{
    return impl_->process.output;
}

MDEV_API const std::string& CalloutResult::errors() const noexcept
{
    return impl_->process.errors;
}

MDEV_API std::optional<int> CalloutResult::signal() const noexcept
{
    if (impl_->process.end != ProcessResult::End::killed)
        return {};
    return impl_->process.code;
}

MDEV_API std::optional<int> CalloutResult::exit_status() const noexcept
{
    if (impl_->process.end != ProcessResult::End::exited)
        return {};
    return impl_->process.code;
}

}
