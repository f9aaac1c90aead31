// SPDX-License-Identifier: LGPL-2.1-or-later
#include "stale_mount.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <mntent.h>
#include <spawn.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace mdevsim {

namespace {

constexpr auto our_type = "fuse.mdevsim";
constexpr std::size_t line_max = 16384;

// Returns the type of the topmost mount, if any file system is mounted there.
std::string mounted_type(const std::string& mountpoint)
{
    std::string type;
    FILE* mounts = setmntent("/proc/self/mounts", "re");
    if (!mounts)
        return type;
    mntent entry{};
    std::array<char, line_max> line{};
    while (getmntent_r(mounts, &entry, line.data(), line.size())) {
        if (entry.mnt_dir == mountpoint)
            type = entry.mnt_type;
    }
    endmntent(mounts);
    return type;
}

// Users other than root need the help of this set-user-ID program.
bool fusermount(std::string mountpoint)
{
    std::string program = "fusermount3";
    std::string lazily = "-uzq";
    std::string end_of_options = "--";
    std::array<char*, 5> words{program.data(), lazily.data(),
        end_of_options.data(), mountpoint.data(), nullptr};
    pid_t pid = 0;
    if (posix_spawnp(&pid, words[0], nullptr, nullptr, words.data(), environ))
        return false;
    int status = 0;
    return waitpid(pid, &status, 0) == pid && status == 0;
}

bool unmount(const std::string& mountpoint)
{
    return umount2(mountpoint.c_str(), MNT_DETACH) == 0 ||
        fusermount(mountpoint);
}

bool is_stale(const std::string& mountpoint)
{
    struct stat status {};
    return stat(mountpoint.c_str(), &status) != 0 && errno == ENOTCONN &&
        mounted_type(mountpoint) == our_type;
}

void check(int error, const std::string& mountpoint)
{
    if (error)
        throw std::system_error(error, std::system_category(), mountpoint);
}

}

void clean_mountpoint(const std::string& mountpoint)
{
    while (is_stale(mountpoint) && unmount(mountpoint))
        ;
    struct stat status {};
    check(stat(mountpoint.c_str(), &status) ? errno : 0, mountpoint);
    check(S_ISDIR(status.st_mode) ? 0 : ENOTDIR, mountpoint);
    // Another mdevsim is mounted here and alive: this one would hide it.
    check(mounted_type(mountpoint) == our_type ? EBUSY : 0, mountpoint);
}

}
