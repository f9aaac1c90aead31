// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/device_user.hpp>
#include <mdev/export.hpp>

#include <memory>
#include <string>
#include <system_error>
#include <vector>

namespace mdev {

class Outcome;

/// The reason of a failure, if the library knows more than an errno. Numbers
/// are never reused; new ones are appended.
enum class Errc {
    not_defined = 1, ///< no definition of that UUID (and parent)
    not_active = 2, ///< no active device of that UUID
    already_defined = 3, ///< that UUID is defined under that parent
    already_active = 4, ///< that UUID is active
    no_such_parent = 5, ///< the kernel knows no parent of that name
    no_such_type = 6, ///< the parent does not offer that type
    no_instance_left = 7, ///< the type has no available instance
    ambiguous = 8, ///< several definitions match; a parent is needed
    invalid_name = 9, ///< a name that could leave its directory
    invalid_definition = 10, ///< malformed or invalid definition
    invalid_index = 11, ///< an attribute number beyond the list
    callout_rejected = 12, ///< a callout script rejected the command
    not_supported = 13, ///< no script or driver can do that
    timed_out = 14, ///< a time limit of the Environment has passed
    partial_failure = 15, ///< some of several devices failed
    incomplete = 16, ///< the device is insufficiently specified
    lock_held = 17, ///< a command would wait for its own caller
    cancelled = 18, ///< cancelled through the Environment's descriptor
    in_use = 19, ///< a process has the device open
};

/// The category of `Errc` values: "mdev". A code compares equal to the
/// std::errc of the same meaning: `Errc::timed_out` to `std::errc::timed_out`,
/// `Errc::no_such_parent` to `std::errc::no_such_device`, and so on.
const std::error_category& error_category() noexcept;

/// Converts an Errc; std::error_code's constructor finds this function.
std::error_code make_error_code(Errc errc) noexcept;

/// The only exception type of this library.
///
/// `code()` is an `Errc` if the library knows what the failure means, else the
/// kernel's errno in std::system_category. `what()` is one sentence for an
/// administrator, without a final newline: what failed, on what, and why.
/// Copies share their text; any thread may use them.
class MDEV_API Error : public std::system_error {
public:
    /// A failure that the library detected. `message` is the whole sentence;
    /// `subject` is the path, UUID or name that it is about.
    Error(Errc errc, std::string subject, std::string message);
    /// A failure that the kernel reported; its text is appended to `message`.
    Error(std::error_code cause, std::string subject, std::string message);
    /// A failure whose code is not the kernel's own; `message` is whole.
    Error(std::error_code code, std::error_code cause, std::string subject,
        std::string message);
    /// Shares the text.
    Error(const Error&) noexcept;
    /// Shares the text.
    Error& operator=(const Error&) noexcept;
    ~Error() override;

    /// The sentence; valid until the last copy of the Error is destroyed.
    const char* what() const noexcept override;
    /// The path, UUID or name that the failure is about; may be empty.
    const std::string& subject() const noexcept;
    /// The kernel's own error; zero if the kernel was not involved.
    std::error_code cause() const noexcept;
    /// The visible processes that have the device open, for Errc::in_use. Also
    /// for Errc::cancelled and Errc::timed_out, if these ended a wait for the
    /// processes. Otherwise empty.
    const std::vector<DeviceUser>& users() const noexcept;
    /// The results of the devices that failed, in their order, for
    /// Errc::partial_failure, and if a command for several devices was ended
    /// early. Otherwise empty. Include mdev/outcome.hpp to read them.
    const std::vector<Outcome>& outcomes() const noexcept;

private:
    friend Error changed_error(
        const Error& error, std::error_code code, std::string message);
    friend Error with_users(const Error& error, std::vector<DeviceUser> users);
    friend Error with_outcomes(
        const Error& error, std::vector<Outcome> outcomes);
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

}

/// Lets an Errc be used and compared as a std::error_code.
template <> struct std::is_error_code_enum<mdev::Errc> : std::true_type {
};
