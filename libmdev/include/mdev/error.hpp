// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/export.hpp>

#include <memory>
#include <string>
#include <system_error>

namespace mdev {

/// What went wrong, where the library knows more than an errno. Numbers are
/// never reused; new ones are appended.
enum class Errc {
    not_defined = 1, ///< no definition of that UUID (and parent)
    not_active = 2, ///< no running device of that UUID
    already_defined = 3, ///< that UUID is defined under that parent
    already_active = 4, ///< that UUID runs, or its removal is not finished
    no_such_parent = 5, ///< the kernel knows no parent of that name
    no_such_type = 6, ///< the parent does not offer that type
    no_instance_left = 7, ///< the parent has no room for one more
    ambiguous = 8, ///< several definitions match; a parent is needed
    invalid_name = 9, ///< a name that could leave its directory
    invalid_definition = 10, ///< a definition that says what none may say
    invalid_index = 11, ///< an attribute number beyond the list
    callout_rejected = 12, ///< a callout script refused the command
    not_supported = 13, ///< no script or driver can do that
    timed_out = 14, ///< a time limit of the Environment has passed
    partial_failure = 15, ///< some of several devices failed
    incomplete = 16, ///< too little was given to know what is meant
    lock_held = 17, ///< a script's command would wait for its own caller
    cancelled = 18, ///< the Environment's cancel descriptor said so
};

/// The category of `Errc` values: "mdev".
const std::error_category& error_category() noexcept;

/// Found by std::error_code's constructor.
std::error_code make_error_code(Errc errc) noexcept;

/// The one exception of this library.
///
/// `code()` is an `Errc` where the library knows what the failure means, else
/// the kernel's errno in std::system_category. `what()` is one sentence for an
/// administrator, without a final newline: what failed, on what, and why.
/// Copies share their text and may be used in any thread.
class MDEV_API Error : public std::system_error {
public:
    /// A failure that the library found: `message` is the whole sentence,
    /// `subject` what it is about (a path, a UUID, a parent's name).
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

    /// The sentence; valid as long as a copy of the Error lives.
    const char* what() const noexcept override;
    /// The path, UUID or name that the failure is about; may be empty.
    const std::string& subject() const noexcept;
    /// The kernel's own error; zero where the kernel was not involved.
    std::error_code cause() const noexcept;

private:
    struct Impl;
    std::shared_ptr<const Impl> impl_;
};

}

/// Lets an Errc stand where a std::error_code is asked for or compared.
template <> struct std::is_error_code_enum<mdev::Errc> : std::true_type {
};
