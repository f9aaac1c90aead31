// SPDX-License-Identifier: LGPL-2.1-or-later
#include "settings.hpp"

#include "interruption.hpp"
#include "streams.hpp"
#include "text.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

namespace {

/// The value of a variable of the environment; null if it is not set or empty.
/// Also null if the program has more privileges than its caller, who must not
/// decide which scripts it runs.
const char* variable_of_caller(const char* variable)
{
    const char* text = secure_getenv(variable);
    return text && *text != '\0' ? text : nullptr;
}

/// Returns the value of the variable; nothing, with a warning, if `parse` does
/// not accept it, and nothing if it is not set.
template <class Parse>
auto parsed(const std::string& variable, const char* meaning, Parse parse)
{
    const char* text = variable_of_caller(variable.c_str());
    auto value = text ? parse(std::string_view(text)) : std::nullopt;
    if (text && !value)
        print_message(
            "Warning", variable + " is '" + text + "', not " + meaning);
    return value;
}

std::optional<mdev::LogLevel> log_level(std::string_view text)
{
    // In mdevctl 1.x, `off` also suppressed errors; this program prints them.
    if (text == "off")
        return mdev::LogLevel::error;
    constexpr std::array<std::string_view, 5> words = {
        "error", "warn", "info", "debug", "trace"};
    const auto* found = std::find(words.begin(), words.end(), text);
    if (found == words.end())
        return {};
    return static_cast<mdev::LogLevel>(found - words.begin());
}

std::optional<std::chrono::seconds> seconds(std::string_view text)
{
    const auto number = mdev::parse_number<int>(text);
    if (!number || *number <= 0)
        return {};
    return std::chrono::seconds(*number);
}

/// Whether a script called this program, and the script's caller has locked the
/// same store.
bool is_lock_held()
{
    const char* locked = variable_of_caller("MDEVCTL_LOCKED_ROOT");
    return locked && std::filesystem::absolute(root_directory()) == locked;
}

}

std::filesystem::path root_directory()
{
    const char* root = variable_of_caller("MDEVCTL_ENV_ROOT");
    return root ? root : "/";
}

mdev::Environment environment()
{
    const char* const root = "MDEVCTL_ENV_ROOT";
    if (std::getenv(root) && !secure_getenv(root))
        print_message("Warning",
            std::string(root) +
                " is ignored: this program has more privileges than its "
                "caller");
    const auto level = parsed("MDEVCTL_LOG",
        "one of off, error, warn, info, debug and trace", log_level);
    const auto limit =
        parsed("MDEVCTL_SCRIPT_TIMEOUT", "a number of seconds", seconds);
    auto env =
        mdev::Environment(root_directory())
            .with_log(log_to_stderr(level.value_or(mdev::LogLevel::warning)));
    if (limit)
        env = env.with_script_timeout(*limit);
    return is_lock_held() ? env.with_lock_held() : env;
}

mdev::Environment quiet(const mdev::Environment& env)
{
    return env.with_log(log_to_stderr(mdev::LogLevel::error));
}

mdev::Environment interruptible(const mdev::Environment& env)
{
    return env.with_cancel(interruption_descriptor());
}
