// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "cancellation.hpp"
#include "device_users.hpp"

#include <mdev/export.hpp>

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
    case End::timed_out:
        return "it did not end within " + std::to_string(limit.count()) + " ms";
    case End::cancelled: return "it was cancelled";
    case End::unknown:
        return result.code == 0
            ? "another part of this process took its exit status"
            : "it is unknown how it ended, because this process ignores "
              "SIGCHLD";
    case End::stuck:
        return "it did not end within " + std::to_string(limit.count()) +
            " ms, and " + describe_process(std::to_string(result.code)) +
            " cannot be killed: it is stuck in the kernel";
    case End::not_started: break;
    }
    return "it could not be executed: " +
        std::generic_category().message(result.code);
}

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
    const auto path = result.script().string();
    return Cancellation::error("callout script " + path, path);
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

MDEV_API std::optional<int> CalloutResult::exit_status() const noexcept
{
    if (impl_->process.end != ProcessResult::End::exited)
        return {};
    return impl_->process.code;
}

}
