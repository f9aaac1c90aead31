// SPDX-License-Identifier: LGPL-2.1-or-later
#include "command.hpp"

#include <cerrno>
#include <iostream>
#include <spawn.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

namespace mdevsim {

namespace {

constexpr int exit_not_executable = 126;
constexpr int exit_not_found = 127;
constexpr int exit_signal = 128;

constexpr int end_signal = SIGUSR1;

/// A command starts with the signal state that this program started with.
class SpawnAttributes {
public:
    explicit SpawnAttributes(const sigset_t& mask)
    {
        sigset_t to_default;
        sigemptyset(&to_default);
        sigaddset(&to_default, SIGPIPE);
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setsigmask(&attributes_, &mask);
        posix_spawnattr_setsigdefault(&attributes_, &to_default);
        posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    }

    ~SpawnAttributes() { posix_spawnattr_destroy(&attributes_); }

    SpawnAttributes(const SpawnAttributes&) = delete;
    SpawnAttributes& operator=(const SpawnAttributes&) = delete;

    const posix_spawnattr_t* get() const { return &attributes_; }

private:
    posix_spawnattr_t attributes_{};
};

// Returns 0 or an errno.
int spawn(std::vector<std::string>& words, const sigset_t& mask, pid_t& pid)
{
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (auto& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    SpawnAttributes attributes(mask);
    return posix_spawnp(&pid, arguments[0], nullptr, attributes.get(),
        arguments.data(), environ);
}

// A terminal sends its signals to the command also.
bool is_to_pass_on(const siginfo_t& info)
{
    return info.si_signo != SIGCHLD && info.si_signo != end_signal &&
        info.si_code != SI_KERNEL;
}

int wait_for(pid_t pid, const Signals& signals)
{
    int status = 0;
    while (waitpid(pid, &status, WNOHANG) != pid) {
        auto info = signals.wait();
        if (is_to_pass_on(info))
            kill(pid, info.si_signo);
    }
    return WIFSIGNALED(status) ? exit_signal + WTERMSIG(status)
                               : WEXITSTATUS(status);
}

}

Signals::Signals()
{
    sigemptyset(&awaited_);
    for (int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD, end_signal})
        sigaddset(&awaited_, signal);
    pthread_sigmask(SIG_BLOCK, &awaited_, &old_mask_);
    // A write to a closed stdout must not end this program either, because the
    // mount would remain.
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
}

siginfo_t Signals::wait() const
{
    siginfo_t info{};
    while (sigwaitinfo(&awaited_, &info) < 0)
        ;
    return info;
}

void Signals::wait_for_end() const
{
    while (wait().si_signo == SIGCHLD)
        ;
}

void Signals::end()
{
    kill(getpid(), end_signal);
}

int run_command(std::vector<std::string> words, const Signals& signals)
{
    pid_t pid = 0;
    int error = spawn(words, signals.old_mask(), pid);
    if (!error)
        return wait_for(pid, signals);
    std::cerr << "mdevsim: " << words[0] << ": "
              << std::system_category().message(error) << "\n";
    return error == ENOENT ? exit_not_found : exit_not_executable;
}

}
