// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process.hpp"

#include "deadline.hpp"
#include "file_descriptor.hpp"
#include "kernel_error.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/process/v2/process.hpp>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <optional>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>

namespace mdev {

namespace {

namespace asio = boost::asio;
namespace process = boost::process::v2;
using boost::system::error_code;

constexpr std::size_t output_limit = 1024 * 1024;
constexpr std::size_t pipe_capacity = 64 * 1024;
constexpr auto grace = std::chrono::seconds(2);
constexpr std::string_view default_path =
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

struct Pipe {
    FileDescriptor read_end;
    FileDescriptor write_end;
};

[[noreturn]] void throw_no_descriptors(int error)
{
    throw kernel_error(error, "Cannot make a pipe for", "a script");
}

/// Above the standard three, which may be closed in a daemon. What could not be
/// opened is an error.
FileDescriptor raised(int fd)
{
    const FileDescriptor low(fd);
    const int high = low ? fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1) : -1;
    if (high < 0)
        throw_no_descriptors(errno);
    return FileDescriptor(high);
}

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

bool write_at_once(int fd, std::string_view text)
{
    while (!text.empty()) {
        const auto written = write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

/// A pipe that holds all of `text` before anybody reads it, so that nobody has
/// to wait for a script that never does; a file in memory for the few texts
/// that no pipe can hold.
FileDescriptor filled_input(std::string_view text)
{
    auto pipe = make_pipe();
    if (text.size() > pipe_capacity)
        fcntl(pipe.write_end.number(), F_SETPIPE_SZ,
            static_cast<int>(text.size()));
    fcntl(pipe.write_end.number(), F_SETFL, O_NONBLOCK);
    if (write_at_once(pipe.write_end.number(), text))
        return std::move(pipe.read_end);
    auto memory = raised(memfd_create("mdevctl-stdin", MFD_CLOEXEC));
    if (!write_at_once(memory.number(), text) ||
        lseek(memory.number(), 0, SEEK_SET) != 0)
        throw_no_descriptors(errno);
    return memory;
}

/// Null-terminated, as execve(2) wants it; the strings are somebody else's.
class Strings {
public:
    void add(const std::string& text)
    {
        pointers_.back() = const_cast<char*>(text.c_str());
        pointers_.push_back(nullptr);
    }
    void add(char* text)
    {
        pointers_.back() = text;
        pointers_.push_back(nullptr);
    }
    char** data() { return pointers_.data(); }

private:
    std::vector<char*> pointers_{nullptr};
};

bool same_name(std::string_view a, std::string_view b)
{
    const auto length = a.find('=') + 1;
    return a.substr(0, length) == b.substr(0, length);
}

Strings environment_of(const std::vector<std::string>& changes)
{
    static const std::string path(default_path);
    Strings result;
    bool has_path = false;
    for (char** inherited = environ; inherited && *inherited; ++inherited) {
        const std::string_view entry(*inherited);
        has_path = has_path || same_name(default_path, entry);
        if (std::none_of(changes.begin(), changes.end(),
                [&](const auto& change) { return same_name(change, entry); }))
            result.add(*inherited);
    }
    if (!has_path)
        result.add(path);
    for (const auto& change : changes)
        result.add(change);
    return result;
}

/// What posix_spawn(3) has to know, freed in the end.
class SpawnPlan {
public:
    SpawnPlan(int input, int output, int errors)
    {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
        posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
        posix_spawn_file_actions_addchdir_np(&actions_, "/");

        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setsigmask(&attributes_, &signals);
        sigaddset(&signals, SIGPIPE);
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
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// Collects what comes out of a pipe, up to the limit; what is beyond is read
/// and dropped, so that the writer goes on.
class Collector {
public:
    Collector(asio::io_context& context, FileDescriptor read_end)
        : pipe_(context, read_end.release())
    {
    }

    void start()
    {
        pipe_.async_read_some(asio::buffer(buffer_),
            [this](const error_code& error, std::size_t got) {
                keep(got);
                if (!error && !stopped_)
                    start();
            });
    }

    /// What is read already is still delivered.
    void stop()
    {
        error_code ignored;
        stopped_ = true;
        pipe_.cancel(ignored);
    }

    /// What is in the pipe now; whoever still holds its other end is not
    /// waited for.
    void drain()
    {
        error_code error;
        pipe_.non_blocking(true, error);
        for (std::size_t total = 0; !error && total < output_limit;) {
            const auto got = pipe_.read_some(asio::buffer(buffer_), error);
            keep(got);
            total += got;
        }
    }

    std::string take() { return std::move(text_); }
    bool output_truncated() const { return is_cut_; }

private:
    void keep(std::size_t got)
    {
        const auto room = output_limit - text_.size();
        text_.append(buffer_.data(), std::min(got, room));
        is_cut_ = is_cut_ || got > room;
    }

    asio::posix::stream_descriptor pipe_;
    std::array<char, 16 * 1024> buffer_{};
    std::string text_;
    bool stopped_ = false;
    bool is_cut_ = false;
};

/// Waits for a child that runs already.
class Supervision {
public:
    Supervision(pid_t pid, const ProcessCall& call, FileDescriptor output,
        FileDescriptor errors)
        : pid_(pid),
          child_(context_.get_executor(), pid),
          output_(context_, std::move(output)),
          errors_(context_, std::move(errors)),
          timer_(context_),
          cancel_(context_)
    {
        watch_child();
        output_.start();
        errors_.start();
        watch_limit(call.timeout);
        if (call.cancellation.descriptor() >= 0)
            watch_cancel(call.cancellation.descriptor());
    }

    ProcessResult result()
    {
        context_.run();
        // Its number may be another child's from now on.
        child_.detach();
        output_.drain();
        errors_.drain();
        if (end_)
            kill_group(SIGKILL); // what ignored SIGTERM and outlived it
        ProcessResult result = described();
        result.output_truncated = output_.output_truncated();
        result.output = output_.take();
        result.errors = errors_.take();
        return result;
    }

private:
    using End = ProcessResult::End;

    void watch_child()
    {
        child_.async_wait([this](const error_code& error, int) {
            lost_ = error;
            status_ = child_.native_exit_code();
            output_.stop();
            errors_.stop();
            timer_.cancel();
            cancel_.close();
        });
    }

    void watch_limit(std::chrono::milliseconds limit)
    {
        timer_.expires_at(Deadline(limit).end());
        timer_.async_wait([this](const error_code& error) {
            if (!error)
                finish(End::timed_out);
        });
    }

    void watch_cancel(int fd)
    {
        // A copy, because the descriptor stays the caller's.
        cancel_.assign(raised(dup(fd)).release());
        cancel_.async_wait(asio::posix::stream_descriptor::wait_read,
            [this](const error_code& error) {
                if (!error)
                    finish(End::cancelled);
            });
    }

    void finish(End end)
    {
        if (end_)
            return;
        end_ = end;
        kill_group(SIGTERM);
        timer_.expires_after(grace);
        timer_.async_wait([this](const error_code& error) {
            if (!error)
                kill_group(SIGKILL);
        });
    }

    void kill_group(int signal) const { kill(-pid_, signal); }

    ProcessResult described() const
    {
        if (end_)
            return {*end_, 0, {}, {}};
        if (lost_)
            return {End::unknown, 0, {}, {}};
        if (WIFSIGNALED(status_))
            return {End::killed, WTERMSIG(status_), {}, {}};
        return {End::exited, WEXITSTATUS(status_), {}, {}};
    }

    asio::io_context context_{1};
    pid_t pid_;
    process::process child_;
    Collector output_;
    Collector errors_;
    asio::steady_timer timer_;
    asio::posix::stream_descriptor cancel_;
    std::optional<End> end_;
    error_code lost_;
    int status_ = 0;
};

}

ProcessResult run_process(const ProcessCall& call)
{
    auto output = make_pipe();
    auto errors = make_pipe();
    pid_t pid = -1;
    {
        const auto input = filled_input(call.input);
        SpawnPlan plan(input.number(), output.write_end.number(),
            errors.write_end.number());
        if (const int error = plan.spawn(pid, call))
            return {ProcessResult::End::not_started, error, {}, {}};
    }
    output.write_end = {};
    errors.write_end = {};
    try {
        return Supervision(
            pid, call, std::move(output.read_end), std::move(errors.read_end))
            .result();
    } catch (const boost::system::system_error&) {
        // The child is gone already, and nobody kept its number.
        kill(-pid, SIGKILL);
        if (waitpid(pid, nullptr, 0) < 0)
            return {ProcessResult::End::unknown, 0, {}, {}};
        throw_no_descriptors(EMFILE);
    } catch (...) {
        kill(-pid, SIGKILL);
        waitpid(pid, nullptr, 0);
        throw;
    }
}

}
