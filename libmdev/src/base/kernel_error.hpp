// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/error.hpp>

#include <filesystem>
#include <string_view>

namespace mdev {

/// An Error with the sentence `WHAT PATH/NAME: STRERROR`, with the whole path
/// as its subject. The words are passed in pieces because errno, unless
/// specified, is read first: putting a string together may allocate memory and
/// change errno.
Error kernel_error(std::string_view what, const std::filesystem::path& path,
    std::string_view name = {});
Error kernel_error(int error, std::string_view what,
    const std::filesystem::path& path, std::string_view name = {});

/// An Error for a change of the name `name` in `directory`. If the cause is the
/// directory and not the name (no permission, a read-only or full file system),
/// the sentence is `Cannot write to DIRECTORY: STRERROR`: the name may be that
/// of a temporary file, which the user does not know. Otherwise like
/// kernel_error().
Error change_error(std::string_view what,
    const std::filesystem::path& directory, std::string_view name);

/// A copy of `error` with another code and sentence.
Error changed_error(
    const Error& error, std::error_code code, std::string message);

/// A copy of `error` with `CONTEXT: ` before its sentence.
Error with_context(const Error& error, const std::string& context);

/// A copy of `error` with `CONTEXT: ` before its sentence and with `code` in
/// place of the kernel's errno, which stays available as cause().
Error with_meaning(const Error& error, Errc code, const std::string& context);

/// A copy of `error` with the processes that it is about.
Error with_users(const Error& error, std::vector<DeviceUser> users);

/// Whether an errno means that a file does not exist (any more). A sysfs file
/// whose device is removed while the file is open returns ENODEV, and a parent
/// that is replaced by a file returns ENOTDIR. Callers treat these and ENOENT
/// as an absence and not as a failure, because sysfs changes while it is read.
bool is_missing(int error) noexcept;

}
