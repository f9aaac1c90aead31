// SPDX-License-Identifier: LGPL-2.1-or-later
#include "file_attributes.hpp"

#include "kernel_error.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <linux/limits.h>
#include <sys/xattr.h>
#include <utility>
#include <vector>

namespace mdev {

namespace {

constexpr const char* acl = "system.posix_acl_access";

/// Hashes and signatures of the content, which would be wrong for other
/// content.
bool describes_content(std::string_view name)
{
    return name == "security.ima" || name == "security.evm";
}

/// ACLs (system.posix_acl_access, NFS's system.nfs4_acl) and the labels of
/// SELinux and Smack.
bool controls_access(std::string_view name)
{
    return name.rfind("system.", 0) == 0 || name.rfind("security.", 0) == 0;
}

bool has_none(int error)
{
    return error == ENODATA || error == ENOTSUP || error == ENOSYS;
}

/// Whether there is no file, or only a link whose target does not exist.
bool leads_nowhere(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

/// The value of an extended attribute; nothing if the file does not have it.
std::optional<std::string> value_of(
    int fd, const char* name, const std::filesystem::path& path)
{
    std::string value(XATTR_SIZE_MAX, '\0');
    const auto size = fgetxattr(fd, name, value.data(), value.size());
    if (size < 0 && has_none(errno))
        return {};
    if (size < 0)
        throw kernel_error(
            std::string("Cannot read attribute ") + name + " of", path);
    value.resize(static_cast<std::size_t>(size));
    return value;
}

std::map<std::string, std::string> extended_attributes(
    int fd, const std::filesystem::path& path)
{
    std::map<std::string, std::string> attributes;
    std::vector<char> names(XATTR_LIST_MAX);
    const auto size = flistxattr(fd, names.data(), names.size());
    if (size < 0 && !has_none(errno))
        throw kernel_error("Cannot read the attributes of", path);
    for (const char* name = names.data(); name < names.data() + size;
         name += std::strlen(name) + 1)
        if (!describes_content(name))
            if (auto value = value_of(fd, name, path))
                attributes.emplace(name, std::move(*value));
    return attributes;
}

/// Sets an attribute unless it has the value: a security policy may forbid to
/// set what the new file has by itself. Returns the errno.
int set(int fd, const std::string& name, const std::string& value,
    const std::filesystem::path& path)
{
    if (value_of(fd, name.c_str(), path) == value ||
        fsetxattr(fd, name.c_str(), value.data(), value.size(), 0) == 0)
        return 0;
    return errno;
}

}

std::optional<FileAttributes> FileAttributes::of(
    const Directory& directory, const std::string& name)
{
    FileAttributes found;
    found.path_ = directory.path() / name;
    auto& status = found.status_;
    const bool is_known =
        fstatat(directory.number(), name.c_str(), &status, 0) == 0;
    if (is_known ? !S_ISREG(status.st_mode) : leads_nowhere(errno))
        return {};
    if (!is_known)
        throw kernel_error("Cannot read the attributes of", found.path_);
    const FileDescriptor fd(openat(
        directory.number(), name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!fd)
        throw kernel_error("Cannot read the attributes of", found.path_);
    found.extended_ = extended_attributes(fd.number(), found.path_);
    return found;
}

void FileAttributes::give_to(int fd, const Warning& warn) const
{
    struct stat now {};
    if (fstat(fd, &now) != 0)
        throw kernel_error("Cannot replace", path_);
    const bool same_owner =
        status_.st_uid == now.st_uid && status_.st_gid == now.st_gid;
    // chown(2) only when needed: an unprivileged owner of the store may not
    // call it at all. It comes first, because it clears the set-ID bits; the
    // mode comes last, because until then no other user can open the file.
    if (!same_owner && fchown(fd, status_.st_uid, status_.st_gid) != 0)
        throw kernel_error("Cannot keep the owner of", path_);
    std::map<std::string, int> failed;
    for (const auto& [name, value] : extended_)
        if (const int error = set(fd, name, value, path_))
            failed.emplace(name, error);
    // An ACL that the new file has from the directory's default.
    if (extended_.count(acl) == 0 && fremovexattr(fd, acl) != 0 &&
        !has_none(errno))
        throw kernel_error("Cannot remove the default ACL of", path_);
    if (fchmod(fd, status_.st_mode & 07777) != 0)
        throw kernel_error("Cannot keep the mode of", path_);
    for (const auto& [name, error] : failed) {
        // Some file systems make the ACL from the mode.
        if (value_of(fd, name.c_str(), path_) == extended_.at(name))
            continue;
        const auto lost = kernel_error(
            error, "Cannot keep the attribute " + name + " of", path_);
        if (controls_access(name))
            throw lost;
        warn(lost.what());
    }
}

}
