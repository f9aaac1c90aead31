// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/error.hpp>

#include <filesystem>
#include <string_view>

namespace mdev {

/// An Error that says `what path/name: strerror`. It takes its words in pieces
/// because errno, unless given, is read before anything is put together.
Error kernel_error(std::string_view what, const std::filesystem::path& path,
    std::string_view name = {});
Error kernel_error(int error, std::string_view what,
    const std::filesystem::path& path, std::string_view name = {});

/// The same failure, with `context: ` before its sentence.
Error with_context(const Error& error, const std::string& context);

/// The same failure, known to mean `code`.
Error with_meaning(const Error& error, Errc code, const std::string& context);

/// Whether an errno says that what was looked for is not there (any more). A
/// sysfs file whose device went away while it was open says ENODEV.
bool is_missing(int error) noexcept;

}
