// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings.hpp"

#include "streams.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <sys/signalfd.h>

namespace {

/// Returns the value of the variable; nothing, with a warning, if `parse` does
/// not accept it, and nothing if it is not set.
template <class Parse>
auto parsed(const std::string& variable, const char* meaning, Parse parse)
{
    const char* text = std::getenv(variable.c_str());
    auto value = text ? parse(std::string_view(text)) : std::nullopt;
    if (text && !value)
        print_message(
            "Warning", variable + " is '" + text + "', not " + meaning);
    return value;
}

std::optional<mdev::LogLevel> log_level(std::string_view text)
{
    constexpr std::array<std::string_view, 5> words = {
        "error", "warn", "info", "debug", "trace"};
    const auto* found = std::find(words.begin(), words.end(), text);
    if (found == words.end())
        return {};
    return static_cast<mdev::LogLevel>(found - words.begin());
}

std::optional<std::chrono::seconds> seconds(std::string_view text)
{
    int number = 0;
    const auto* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc() || at != end || number <= 0)
        return {};
    return std::chrono::seconds(number);
}

/// Whether a script called this program, and the script's caller has locked the
/// same store.
bool is_lock_held()
{
    const char* locked = std::getenv("MDEVCTL_LOCKED_ROOT");
    return locked && std::filesystem::absolute(root_directory()) == locked;
}

}

std::filesystem::path root_directory()
{
    const char* root = std::getenv("MDEVCTL_ENV_ROOT");
    return root ? root : "/";
}

mdev::Environment environment()
{
    const auto level = parsed(
        "MDEVCTL_LOG", "one of error, warn, info, debug and trace", log_level);
    const auto limit =
        parsed("MDEVCTL_SCRIPT_TIMEOUT", "a number of seconds", seconds);
    auto env =
        mdev::Environment(root_directory())
            .with_log(log_to_stderr(level.value_or(mdev::LogLevel::warning)));
    if (limit)
        env = env.with_script_timeout(*limit);
    return is_lock_held() ? env.with_lock_held() : env;
}

int interruption_descriptor()
{
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    // Never read and never closed: once a signal has come, it stays readable.
    const int descriptor = signalfd(-1, &signals, SFD_CLOEXEC);
    if (descriptor < 0)
        throw mdev::Error(std::error_code(errno, std::system_category()),
            "signalfd", "Cannot watch for signals");
    return descriptor;
}

mdev::Environment interruptible(const mdev::Environment& env)
{
    return env.with_cancel(interruption_descriptor());
}
