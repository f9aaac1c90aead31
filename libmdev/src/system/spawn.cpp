// SPDX-License-Identifier: LGPL-2.1-or-later
#include "spawn.hpp"

#include "directory.hpp"
#include "kernel_error.hpp"
#include "write_all.hpp"

#include <algorithm>
#include <array>
#include <boost/process/v2/environment.hpp>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <unistd.h>

namespace mdev {

namespace {

// Only the environment of Boost.Process is used, and not its process handle.
// The handle opens a pidfd, an epoll and a timer when the child is already
// running: a full descriptor table would then kill a script whose `pre` holds a
// lock. The handle also reaps the child before the group can be signaled.
namespace process = boost::process::v2;

constexpr std::size_t pipe_capacity = 64 * 1024;
constexpr std::string_view path_variable = "PATH";
constexpr const char* default_path =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

[[noreturn]] void throw_no_descriptors(int error)
{
    throw kernel_error(error, "Cannot create a pipe for", "a script");
}

/// Moves a descriptor above the standard three, which may be closed in a
/// daemon. Throws Error for a descriptor that could not be opened.
FileDescriptor raised(int fd)
{
    FileDescriptor low(fd);
    if (low && fd > STDERR_FILENO)
        return low;
    const int high = low ? fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1;
    if (high < 0)
        throw_no_descriptors(errno);
    return FileDescriptor(high);
}

struct Pipe {
    FileDescriptor read_end;
    FileDescriptor write_end;
};

Pipe make_pipe()
{
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
        throw_no_descriptors(errno);
    Pipe pipe{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
    pipe.read_end = raised(pipe.read_end.release());
    pipe.write_end = raised(pipe.write_end.release());
    return pipe;
}

/// A pipe that holds all of `text` before the script reads it, so that the
/// library need not wait for a script that never reads; a file in memory if the
/// text is too large for a pipe.
FileDescriptor filled_input(std::string_view text)
{
    auto pipe = make_pipe();
    if (text.size() > pipe_capacity)
        fcntl(pipe.write_end.number(), F_SETPIPE_SZ,
            static_cast<int>(text.size()));
    fcntl(pipe.write_end.number(), F_SETFL, O_NONBLOCK);
    if (write_all(pipe.write_end.number(), text))
        return std::move(pipe.read_end);
    auto memory = raised(memfd_create("mdevctl-stdin", MFD_CLOEXEC));
    if (!write_all(memory.number(), text) ||
        lseek(memory.number(), 0, SEEK_SET) != 0)
        throw_no_descriptors(errno);
    return memory;
}

/// Null-terminated for execve(2).
class Strings {
public:
    void add(std::string text) { strings_.push_back(std::move(text)); }
    char** data()
    {
        pointers_.clear();
        for (auto& text : strings_)
            pointers_.push_back(text.data());
        pointers_.push_back(nullptr);
        return pointers_.data();
    }

private:
    std::vector<std::string> strings_;
    std::vector<char*> pointers_;
};

bool is_changed(std::string_view name, const std::vector<std::string>& changes)
{
    return std::any_of(changes.begin(), changes.end(), [&](const auto& change) {
        return change.substr(0, change.find('=')) == name;
    });
}

Strings environment_of(const std::vector<std::string>& changes)
{
    Strings result;
    bool has_path = is_changed(path_variable, changes);
    for (const auto entry : process::environment::current()) {
        const auto key = entry.key();
        const std::string_view name(key.data(), key.size());
        has_path = has_path || name == path_variable;
        if (!is_changed(name, changes))
            result.add(entry.c_str());
    }
    if (!has_path)
        result.add(default_path);
    for (const auto& change : changes)
        result.add(change);
    return result;
}

/// The arguments of posix_spawn(3), which are freed in the end.
class SpawnPlan {
public:
    SpawnPlan(int input, int output, int errors)
    {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
        add_close_others();
        posix_spawn_file_actions_addchdir_np(&actions_, "/");

        // A signal that is ignored stays ignored in a shell script, whose trap
        // could then not clean up when the time limit passes.
        sigset_t signals;
        posix_spawnattr_init(&attributes_);
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes_, &signals);
        sigfillset(&signals);
        posix_spawnattr_setsigdefault(&attributes_, &signals);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(&attributes_,
            POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                POSIX_SPAWN_SETSIGDEF);
    }
    SpawnPlan(const SpawnPlan&) = delete;
    SpawnPlan& operator=(const SpawnPlan&) = delete;
    ~SpawnPlan()
    {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }

    /// Returns an errno; the child's own if the program cannot be executed.
    int spawn(pid_t& pid, const ProcessCall& call)
    {
        const auto program = call.program.string();
        Strings arguments;
        arguments.add(program);
        for (const auto& argument : call.arguments)
            arguments.add(argument);
        return posix_spawn(&pid, program.c_str(), &actions_, &attributes_,
            arguments.data(), environment_of(call.environment).data());
    }

private:
    void add_close_others()
    {
#ifdef MDEV_HAS_ADDCLOSEFROM
        posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
#else
        // A C library such as musl closes the descriptors that are open now. It
        // ignores descriptors that another thread closes in the meantime.
        if (const auto open = Directory::at("/proc/self/fd"))
            for (const auto& entry : open->entries())
                if (const int fd = std::stoi(entry.name); fd > STDERR_FILENO)
                    posix_spawn_file_actions_addclose(&actions_, fd);
#endif
    }

    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

}

SpawnedChild spawn(const ProcessCall& call)
{
    SpawnedChild child;
    auto output = make_pipe();
    auto errors = make_pipe();
    const auto input = filled_input(call.input);
    SpawnPlan plan(
        input.number(), output.write_end.number(), errors.write_end.number());
    child.error = plan.spawn(child.pid, call);
    child.output = std::move(output.read_end);
    child.errors = std::move(errors.read_end);
    return child;
}

}
