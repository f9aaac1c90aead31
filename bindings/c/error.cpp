// SPDX-License-Identifier: LGPL-2.1-or-later
#include "handles.hpp"

#include <mdev/error.hpp>
#include <mdev/export.hpp>
#include <mdev/version.hpp>

#include <algorithm>
#include <cerrno>
#include <mdev.h>
#include <new>
#include <system_error>

int kernel_number(const std::error_code& code)
{
    const auto meaning = code.category() == std::system_category()
        ? std::error_condition(code.value(), std::generic_category())
        : code.default_error_condition();
    return meaning.category() == std::generic_category()
        ? std::max(meaning.value(), 0)
        : 0;
}

int code_of(const std::error_code& code)
{
    if (!code)
        return 0;
    if (code.category() == mdev::error_category())
        return MDEV_ERRC_UNEXPECTED - code.value();
    const int number = kernel_number(code);
    return number != 0 ? -number : MDEV_ERRC_UNEXPECTED;
}

namespace {

struct LastError {
    int code = 0;
    int kernel = 0;
    std::string message;
    std::string subject;
    mdev_device_user_list users;
    mdev_outcome_list outcomes;
};

// Kept until the thread's next failure.
thread_local LastError last; // NOLINT(*-avoid-non-const-global-variables)

/// Stores a failure; if memory is exhausted, only its codes.
int remember(int code, int kernel, const char* message,
    const std::string& subject, const std::vector<mdev::DeviceUser>& users = {},
    const std::vector<mdev::Outcome>& outcomes = {}) noexcept
{
    try {
        last.code = code;
        last.kernel = kernel;
        last.message.clear();
        last.subject.clear();
        last.users.items.clear();
        last.outcomes.items.clear();
        last.message = message;
        last.subject = subject.substr(0, subject.find('\0')); // as C sees it
        last.users = mdev_device_user_list(users);
        last.outcomes = mdev_outcome_list(outcomes);
        return code;
    } catch (...) {
        return code;
    }
}

/// Stores the failure of a callback. If the callback passes on the code of a
/// call of this library, the failure of that call is kept, which has more
/// details.
int remember(const CallbackFailed& failure) noexcept
{
    if (failure.code != last.code)
        remember(failure.code, 0, "The callback gave up", std::string());
    return failure.code;
}

}

int remember_failure() noexcept
{
    try {
        throw;
    } catch (const CallbackFailed& failure) {
        return remember(failure);
    } catch (const mdev::Error& error) {
        return remember(code_of(error.code()), kernel_number(error.cause()),
            error.what(), error.subject(), error.users(), error.outcomes());
    } catch (const std::bad_alloc&) {
        return remember(-ENOMEM, ENOMEM, "Out of memory", std::string());
    } catch (const std::system_error& error) {
        return remember(code_of(error.code()), kernel_number(error.code()),
            error.what(), std::string());
    } catch (const std::exception& error) {
        return remember(MDEV_ERRC_UNEXPECTED, 0, error.what(), std::string());
    } catch (...) {
        return remember(
            MDEV_ERRC_UNEXPECTED, 0, "Something unknown failed", std::string());
    }
}

void throw_bad_argument(const char* name, const char* rule)
{
    throw mdev::Error(std::error_code(EINVAL, std::system_category()), {}, name,
        std::string("Invalid argument: ") + name + " " + rule);
}

void throw_bad_index(std::size_t index, std::size_t count)
{
    throw mdev::Error(mdev::Errc::invalid_index, std::to_string(index),
        "There is no number " + std::to_string(index) + " in a list of " +
            std::to_string(count));
}

const char* require_text(const char* text, const char* name)
{
    return &require(text, name);
}

std::optional<std::string> optional_text(const char* text)
{
    return text ? std::optional<std::string>(text) : std::nullopt;
}

std::chrono::milliseconds require_time(long milliseconds)
{
    if (milliseconds < 0)
        throw_bad_argument("milliseconds", "must not be negative");
    return milliseconds == MDEV_NO_LIMIT
        ? std::chrono::milliseconds::max()
        : std::chrono::milliseconds(milliseconds);
}

std::chrono::steady_clock::time_point require_deadline(long milliseconds)
{
    using Clock = std::chrono::steady_clock;
    const auto time = require_time(milliseconds);
    const auto now = Clock::now();
    const auto most = std::chrono::floor<std::chrono::milliseconds>(
        Clock::time_point::max() - now);
    return time >= most ? Clock::time_point::max() : now + time;
}

long time_of(std::chrono::milliseconds time)
{
    return static_cast<long>(
        std::min<std::chrono::milliseconds::rep>(time.count(), MDEV_NO_LIMIT));
}

MDEV_API int mdev_last_error_code(void)
{
    return last.code;
}

MDEV_API const char* mdev_last_error_message(void)
{
    return last.message.c_str();
}

MDEV_API const char* mdev_last_error_subject(void)
{
    return last.subject.c_str();
}

MDEV_API int mdev_last_error_errno(void)
{
    return last.kernel;
}

MDEV_API const mdev_device_user_list* mdev_last_error_users(void)
{
    return &last.users;
}

MDEV_API const mdev_outcome_list* mdev_last_error_outcomes(void)
{
    return &last.outcomes;
}

MDEV_API const char* mdev_version(void)
{
    return mdev::version();
}
