// SPDX-License-Identifier: LGPL-2.1-or-later
#include "kernel_error.hpp"

#include <cerrno>

namespace mdev {

Error kernel_error(std::string_view what, const std::filesystem::path& path,
    std::string_view name)
{
    return kernel_error(errno, what, path, name);
}

Error kernel_error(int error, std::string_view what,
    const std::filesystem::path& path, std::string_view name)
{
    const auto subject = (name.empty() ? path : path / name).string();
    return {std::error_code(error, std::system_category()), subject,
        std::string(what) + " " + subject};
}

Error change_error(std::string_view what,
    const std::filesystem::path& directory, std::string_view name)
{
    switch (const int error = errno) {
    case EACCES:
    case EDQUOT:
    case ENOSPC:
    case EROFS: return kernel_error(error, "Cannot write to", directory);
    default: return kernel_error(error, what, directory, name);
    }
}

Error with_context(const Error& error, const std::string& context)
{
    return changed_error(error, error.code(), context + ": " + error.what());
}

Error with_meaning(const Error& error, Errc code, const std::string& context)
{
    return changed_error(
        error, make_error_code(code), context + ": " + error.what());
}

bool is_missing(int error) noexcept
{
    return error == ENOENT || error == ENOTDIR || error == ENODEV;
}

}
