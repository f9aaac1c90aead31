// SPDX-License-Identifier: LGPL-2.1-or-later
#include "process.hpp"

#include "deadline.hpp"
#include "file_descriptor.hpp"
#include "per_process.hpp"
#include "spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <mutex>
#include <optional>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace mdev {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t output_limit = 1024 * 1024;
/// Between SIGTERM and SIGKILL, and between SIGKILL and giving up.
constexpr milliseconds grace(2000);

/// Which part of an output is dropped if it exceeds the limit.
enum class Drop {
    end,
    middle, ///< behind the first line; half of the limit is left
};

/// Collects the output of a pipe, up to the limit. Output beyond the limit is
/// read and dropped, so that the writer does not block.
class Collector {
public:
    Collector(FileDescriptor read_end, Drop drop)
        : pipe_(std::move(read_end)),
          drop_(drop)
    {
        fcntl(pipe_.number(), F_SETFL, O_NONBLOCK);
    }

    /// -1, which poll(2) passes over, after the end.
    int number() const noexcept { return pipe_.number(); }

    /// Reads once; false if there is nothing to read now.
    bool read_some()
    {
        std::array<char, 16 * 1024> buffer;
        const auto got = read(number(), buffer.data(), buffer.size());
        if (got > 0)
            keep({buffer.data(), static_cast<std::size_t>(got)});
        else if (got == 0 || (errno != EAGAIN && errno != EINTR))
            pipe_ = FileDescriptor();
        return got > 0;
    }

    /// Reads what is in the pipe now. Processes that still hold the other end
    /// are not waited for, and may write faster than this reads.
    void drain()
    {
        for (std::size_t reads = 0; reads * 4096 < output_limit; ++reads)
            if (!pipe_ || !read_some())
                return;
    }

    std::string take()
    {
        if (is_truncated_ && drop_ == Drop::middle)
            drop_middle();
        return std::move(text_);
    }
    bool is_truncated() const { return is_truncated_; }

private:
    void keep(std::string_view text)
    {
        const auto room = output_limit - text_.size();
        is_truncated_ = is_truncated_ || text.size() > room;
        if (text.size() > room && drop_ == Drop::middle)
            drop_middle();
        text_.append(text.substr(0, output_limit - text_.size()));
    }

    /// Leaves half of the limit, because each time the rest is moved.
    void drop_middle()
    {
        constexpr std::size_t longest_line = 4096;
        const auto begin = std::min(text_.find('\n'), longest_line - 1) + 1;
        text_.erase(begin, text_.size() - output_limit / 2);
    }

    FileDescriptor pipe_;
    Drop drop_;
    std::string text_;
    bool is_truncated_ = false;
};

/// Whether the kernel keeps no exit status of this process's children.
bool ignores_children()
{
    struct sigaction action {};
    return sigaction(SIGCHLD, nullptr, &action) == 0 &&
        (action.sa_handler == SIG_IGN || (action.sa_flags & SA_NOCLDWAIT) != 0);
}

/// The children that were left to themselves. Those that have ended since are
/// reaped before the next program starts, so that a daemon collects no zombies.
class StuckChildren {
public:
    static StuckChildren& of_this_process()
    {
        static const auto& all = *new PerProcess<StuckChildren>;
        return all.here();
    }

    void add(pid_t pid)
    {
        const std::lock_guard lock(mutex_);
        pids_.push_back(pid);
    }

    void reap()
    {
        const std::lock_guard lock(mutex_);
        pids_.erase(
            std::remove_if(pids_.begin(), pids_.end(),
                [](pid_t pid) { return waitpid(pid, nullptr, WNOHANG) != 0; }),
            pids_.end());
    }

private:
    std::mutex mutex_;
    std::vector<pid_t> pids_;
};

/// Waits for a child that runs already. All descriptors that can be missing
/// were opened before the child; where memory is exhausted, the child is
/// killed.
///
///     running --- timeout, cancelled and its grace is over
///                           ---> terminating             SIGTERM to the group
///     terminating --- 2 s ---> killing                   SIGKILL to the group
///     killing --- 2 s ---> stuck      in the kernel: left to itself
///     any of them --- its own end ---> ended             reaped
///
/// The end is looked for first: where an end and a time limit come together, as
/// after a SIGSTOP of this process, the end counts. The child stays a zombie
/// until its group has had its last signal, so that a process to which the
/// kernel has given the number again is never signaled.
class Child {
public:
    Child(
        pid_t pid, const ProcessCall& call, Collector output, Collector errors)
        : pid_(pid),
          call_(call),
          deadline_(call.timeout),
          // If there is no pidfd (old kernels, seccomp, no descriptor left),
          // the child is checked at intervals.
          pidfd_(static_cast<int>(syscall(SYS_pidfd_open, pid, 0))),
          output_(std::move(output)),
          errors_(std::move(errors))
    {
    }

    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child()
    {
        if (is_reaped_ || is_lost_ || state_ == State::stuck)
            return;
        signal_group(SIGKILL);
        waitpid(pid_, nullptr, 0);
    }

    ProcessResult result()
    {
        bool ended = has_ended();
        for (; !ended && state_ != State::stuck; ended = has_ended()) {
            if (deadline_.has_passed())
                escalate(reason());
            if (state_ != State::stuck)
                wait_for_something();
        }
        if (ended && state_ != State::running)
            signal_group(SIGKILL); // what ignored SIGTERM and outlived it
        output_.drain();
        errors_.drain();
        auto result =
            ended ? reaped() : ProcessResult{End::stuck, pid_, {}, {}};
        if (!ended)
            StuckChildren::of_this_process().add(pid_);
        result.output_truncated = output_.is_truncated();
        result.errors_truncated = errors_.is_truncated();
        result.output = output_.take();
        result.errors = errors_.take();
        return result;
    }

private:
    using End = ProcessResult::End;
    enum class State { running, terminating, killing, stuck };

    /// Whether the child is a zombie, or another part of the process has reaped
    /// it.
    bool has_ended()
    {
        siginfo_t info{};
        const int error = waitid(P_PID, static_cast<id_t>(pid_), &info,
                              WEXITED | WNOHANG | WNOWAIT) == 0
            ? 0
            : errno;
        is_lost_ = error == ECHILD;
        return is_lost_ || (error == 0 && info.si_pid == pid_);
    }

    void escalate(End why)
    {
        switch (state_) {
        case State::running:
            ended_by_us_ = why;
            state_ = State::terminating;
            signal_group(SIGTERM);
            break;
        case State::terminating:
            state_ = State::killing;
            signal_group(SIGKILL);
            break;
        default: state_ = State::stuck;
        }
        deadline_ = Deadline(grace);
    }

    /// Only while the child is not reaped: after that the number may be
    /// another's.
    void signal_group(int signal) const
    {
        if (is_lost_)
            return;
        signal_and_continue(-pid_, signal);
        if (getpgid(pid_) != pid_) // it has moved to another group
            signal_and_continue(pid_, signal);
    }

    /// A stopped process handles SIGTERM only when it continues.
    static void signal_and_continue(pid_t whom, int signal)
    {
        kill(whom, signal);
        kill(whom, SIGCONT);
    }

    /// Until the child ends, writes or is cancelled, or the deadline passes.
    void wait_for_something()
    {
        // Seconds in which this process did not run are not the child's fault.
        constexpr milliseconds slice(1000);
        constexpr milliseconds look_again(10);
        const milliseconds time =
            std::min({milliseconds(is_cancellable()
                              ? call_.cancellation.poll_timeout(deadline_)
                              : deadline_.poll_timeout()),
                slice, pidfd_ ? slice : look_again});
        std::array<pollfd, 4> asked{{{output_.number(), POLLIN, 0},
            {errors_.number(), POLLIN, 0}, {pidfd_.number(), POLLIN, 0},
            {is_cancellable() ? call_.cancellation.descriptor() : -1, POLLIN,
                0}}};
        const auto begin = Deadline::Clock::now();
        const int ready =
            poll(asked.data(), asked.size(), static_cast<int>(time.count()));
        deadline_.extend(Deadline::Clock::now() - begin - time - slice);
        if (is_cancellable() &&
            (asked[3].revents != 0 || call_.cancellation.is_overdue())) {
            is_cancelled_ = true;
            deadline_.shorten(call_.cancel_grace);
        }
        if (ready <= 0)
            return;
        if (asked[0].revents != 0)
            output_.read_some();
        if (asked[1].revents != 0)
            errors_.read_some();
    }

    bool is_cancellable() const
    {
        return state_ == State::running && !is_cancelled_;
    }

    /// Why the program is ended at its deadline.
    End reason() const
    {
        if (!is_cancelled_)
            return End::timed_out;
        return call_.cancellation.is_overdue() ? End::overdue : End::cancelled;
    }

    ProcessResult reaped()
    {
        int status = 0;
        const bool is_known = !is_lost_ && waitpid(pid_, &status, 0) == pid_;
        is_reaped_ = true;
        if (ended_by_us_)
            return {*ended_by_us_, 0, {}, {}};
        if (!is_known)
            return {End::unknown, ignores_children() ? 1 : 0, {}, {}};
        // Ctrl-C kills a program that does not have its own group yet.
        is_cancelled_ = is_cancelled_ || call_.cancellation.is_requested();
        if (WIFSIGNALED(status) && is_cancelled_)
            return {reason(), 0, {}, {}};
        return {WIFSIGNALED(status) ? End::killed : End::exited,
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), {},
            {}};
    }

    pid_t pid_;
    const ProcessCall& call_;
    Deadline deadline_;
    FileDescriptor pidfd_;
    Collector output_;
    Collector errors_;
    State state_ = State::running;
    bool is_cancelled_ = false;
    bool is_lost_ = false;
    bool is_reaped_ = false;
    std::optional<End> ended_by_us_;
};

}

ProcessResult run_process(const ProcessCall& call)
{
    StuckChildren::of_this_process().reap();
    auto child = spawn(call);
    if (child.error != 0)
        return {ProcessResult::End::not_started, child.error, {}, {}};
    return Child(child.pid, call, Collector(std::move(child.output), Drop::end),
        Collector(std::move(child.errors), Drop::middle))
        .result();
}

}
