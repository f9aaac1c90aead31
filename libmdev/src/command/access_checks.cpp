// SPDX-License-Identifier: LGPL-2.1-or-later
#include "access_checks.hpp"

#include "kernel_error.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace mdev {

namespace {

void check_writable(const std::filesystem::path& path)
{
    if (faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) != 0 &&
        (errno == EACCES || errno == EPERM || errno == EROFS))
        throw kernel_error("Cannot write to", path);
}

}

void check_store_access(const Environment& env)
{
    // The directory in which the first of the missing ones would be made.
    auto path = env.definitions_directory();
    std::error_code ignored;
    while (!std::filesystem::exists(path, ignored) && path.has_relative_path())
        path = path.parent_path();
    check_writable(path);
}

void check_start_access(const Definition& definition, const Environment& env)
{
    check_writable(env.parents_directory() / definition.parent() /
        "mdev_supported_types" / definition.type_id() / "create");
}

void check_stop_access(const Uuid& uuid, const Environment& env)
{
    check_writable(env.devices_directory() / uuid.string() / "remove");
}

}
