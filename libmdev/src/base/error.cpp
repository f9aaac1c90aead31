// SPDX-License-Identifier: LGPL-2.1-or-later
#include "error_impl.hpp"

#include <optional>

namespace mdev {

// Error keeps its text in a shared Impl: the copy constructor of an exception
// must not throw, which copying two strings could.

namespace {

const char* text(Errc errc)
{
    switch (errc) {
    case Errc::not_defined: return "not defined";
    case Errc::not_active: return "not active";
    case Errc::already_defined: return "already defined";
    case Errc::already_active: return "already active";
    case Errc::no_such_parent: return "no such parent device";
    case Errc::no_such_type: return "no such mdev type";
    case Errc::no_instance_left: return "no available instance";
    case Errc::ambiguous: return "several definitions match";
    case Errc::invalid_name: return "invalid name";
    case Errc::invalid_definition: return "invalid definition";
    case Errc::invalid_index: return "invalid attribute index";
    case Errc::callout_rejected: return "rejected by a callout script";
    case Errc::not_supported: return "not supported";
    case Errc::timed_out: return "timed out";
    case Errc::partial_failure: return "failed in part";
    case Errc::incomplete: return "incompletely specified";
    case Errc::lock_held: return "the caller holds the lock";
    case Errc::cancelled: return "cancelled";
    case Errc::in_use: return "in use";
    }
    return "unknown error";
}

/// The standard's word for it; nothing if it has none.
std::optional<std::errc> standard(Errc errc)
{
    switch (errc) {
    case Errc::already_defined:
    case Errc::already_active: return std::errc::file_exists;
    case Errc::not_active:
    case Errc::no_such_parent:
    case Errc::no_such_type: return std::errc::no_such_device;
    case Errc::not_defined: return std::errc::no_such_file_or_directory;
    case Errc::no_instance_left: return std::errc::no_space_on_device;
    case Errc::invalid_name:
    case Errc::invalid_definition:
    case Errc::invalid_index:
    case Errc::incomplete: return std::errc::invalid_argument;
    case Errc::callout_rejected: return std::errc::operation_not_permitted;
    case Errc::not_supported: return std::errc::not_supported;
    case Errc::timed_out: return std::errc::timed_out;
    case Errc::in_use: return std::errc::device_or_resource_busy;
    case Errc::lock_held: return std::errc::resource_deadlock_would_occur;
    case Errc::cancelled: return std::errc::operation_canceled;
    default: return {};
    }
}

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "mdev"; }
    std::string message(int value) const override
    {
        return text(static_cast<Errc>(value));
    }
    std::error_condition default_error_condition(
        int value) const noexcept override
    {
        if (const auto same = standard(static_cast<Errc>(value)))
            return *same;
        return {value, *this};
    }
};

}

namespace {

/// Escapes NUL bytes. what() returns a C string, and a name from the command
/// line or from a JSON string ("\u0000") may contain a NUL byte, which would
/// cut the sentence short.
std::string without_nul(std::string text)
{
    for (auto at = text.find('\0'); at != text.npos; at = text.find('\0', at))
        text.replace(at, 1, "\\x00");
    return text;
}

}

MDEV_API const std::error_category& error_category() noexcept
{
    // Compared by address: every copy of the library in a process must have
    // exactly one, which is why the function is not inline.
    static const Category category;
    return category;
}

MDEV_API std::error_code make_error_code(Errc errc) noexcept
{
    return {static_cast<int>(errc), error_category()};
}

Error::Error(Errc errc, std::string subject, std::string message)
    // The cause stays zero: the kernel was not involved.
    : Error(make_error_code(errc), {}, std::move(subject), std::move(message))
{
}

Error::Error(std::error_code cause, std::string subject, std::string message)
    : Error(cause, cause, std::move(subject),
          std::move(message) + ": " + cause.message())
{
}

Error::Error(std::error_code code, std::error_code cause, std::string subject,
    std::string message)
    : std::system_error(code),
      impl_(std::make_shared<Impl>(
          Impl{std::move(subject), without_nul(std::move(message)), cause}))
{
}

Error::Error(const Error&) noexcept = default;
Error& Error::operator=(const Error&) noexcept = default;
Error::~Error() = default;

const char* Error::what() const noexcept
{
    return impl_->message.c_str();
}

const std::string& Error::subject() const noexcept
{
    return impl_->subject;
}

std::error_code Error::cause() const noexcept
{
    return impl_->cause;
}

const std::vector<DeviceUser>& Error::users() const noexcept
{
    return impl_->users;
}

Error changed_error(
    const Error& error, std::error_code code, std::string message)
{
    Error changed(code, error.cause(), error.subject(), std::move(message));
    auto impl = std::make_shared<Error::Impl>(*changed.impl_);
    impl->users = error.impl_->users;
    impl->outcomes = error.impl_->outcomes;
    changed.impl_ = std::move(impl);
    return changed;
}

Error with_users(const Error& error, std::vector<DeviceUser> users)
{
    auto changed = error;
    auto impl = std::make_shared<Error::Impl>(*error.impl_);
    impl->users = std::move(users);
    changed.impl_ = std::move(impl);
    return changed;
}

}
