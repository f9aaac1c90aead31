// SPDX-License-Identifier: LGPL-2.1-or-later
// A small daemon that gives mediated devices to virtual machines. It reads
// commands from stdin, one a line, and prints events on stdout:
//   start VM TYPE   starts a device of that type, on any parent that can
//   stop VM         stops the device
//   list            lists the active devices and the definitions
// At SIGTERM or at the end of its input it stops the devices that it started.
#include <mdev/mdev.hpp>

#include <csignal>
#include <cstdio>
#include <map>
#include <mutex>
#include <poll.h>
#include <sstream>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <thread>
#include <unistd.h>

namespace {

using mdev::Environment;

void say(const std::string& who, const std::string& what)
{
    std::printf("%s %s\n", who.c_str(), what.c_str());
}

/// Which virtual machine has which device. Any thread may use it.
class Machines {
public:
    void start(
        const Environment& env, const std::string& vm, const std::string& type)
    {
        if (const std::lock_guard lock(mutex_); devices_.count(vm) != 0)
            return say(vm, "has a device already");
        for (const auto& parent : mdev::ParentDevice::all(env))
            if (const auto device = try_on(env, parent.name(), type)) {
                const std::lock_guard lock(mutex_);
                devices_.emplace(vm, device->uuid());
                return say(vm, "got " + device->path().string());
            }
        say(vm, "gets none: no parent has room for a " + type);
    }

    void stop(const Environment& env, const std::string& vm)
    {
        std::unique_lock lock(mutex_);
        auto device = devices_.extract(vm); // so that check() is quiet
        lock.unlock();
        if (!device)
            return say(vm, "has no device");
        try {
            mdev::Manager(env).stop(device.mapped());
            say(vm, "has no device any more");
        } catch (const mdev::Error& error) {
            say("failed:", error.what());
            lock.lock();
            if (error.code() != mdev::Errc::not_active)
                devices_.insert(std::move(device));
        }
    }

    /// Reports devices that somebody else has removed.
    void check(const Environment& env)
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [vm, uuid] : std::map(devices_))
            if (!mdev::Device::find(uuid, env) && devices_.erase(vm) != 0)
                say(vm, "has lost its device");
    }

    void stop_all(const Environment& env)
    {
        for (const auto& [vm, uuid] : std::map(devices_))
            stop(env, vm);
    }

private:
    /// Nothing if the parent has no available instance of the type.
    static std::optional<mdev::Device> try_on(const Environment& env,
        const std::string& parent, const std::string& type)
    try {
        const mdev::Definition wanted(mdev::Uuid::random(), parent, type);
        // A new Manager each time, to find newly installed scripts.
        return mdev::Manager(env).start(wanted);
    } catch (const mdev::Error& error) {
        if (error.code() == mdev::Errc::no_instance_left ||
            error.code() == mdev::Errc::no_such_type)
            return {};
        throw;
    }

    std::mutex mutex_; // never held while a script runs
    std::map<std::string, mdev::Uuid> devices_;
};

void list(const Environment& env)
{
    for (const auto& device : mdev::Device::all(env))
        say(device.uuid().string(), "runs on " + device.parent());
    for (const auto& definition : mdev::ConfigStore(env).all())
        say(definition.uuid().string(), "is defined on " + definition.parent());
}

void execute(
    const std::string& line, const Environment& env, Machines& machines)
try {
    std::istringstream words(line);
    std::string command, vm, type;
    words >> command >> vm >> type;
    if (command == "start" && !type.empty())
        machines.start(env, vm, type);
    else if (command == "stop" && !vm.empty())
        machines.stop(env, vm);
    else if (command == "list")
        list(env);
    else
        say("failed:", "there is no such command: " + line);
} catch (const mdev::Error& error) {
    say("failed:", error.what());
}

/// Runs in a thread of its own: a command may wait for a script, or for a
/// device that is in use, and must not delay events.
void read_commands(const Environment& env, Machines& machines, int cancel)
{
    std::string unread;
    char buffer[4096];
    struct pollfd waiting[] = {{STDIN_FILENO, POLLIN, 0}, {cancel, POLLIN, 0}};
    while (poll(waiting, 2, -1) > 0 && waiting[1].revents == 0) {
        const auto got = read(STDIN_FILENO, buffer, sizeof buffer);
        if (got <= 0)
            break;
        unread.append(buffer, static_cast<std::size_t>(got));
        for (std::size_t end; (end = unread.find('\n')) != unread.npos;) {
            execute(unread.substr(0, end), env, machines);
            unread.erase(0, end + 1);
        }
    }
    kill(getpid(), SIGTERM);
}

void handle(
    const mdev::Event& event, const Environment& env, Machines& machines)
{
    using mdev::EventKind;
    if (event.kind() == EventKind::definition_added)
        say(event.uuid()->string(), "was defined on " + event.parent());
    else if (event.kind() == EventKind::definition_removed)
        say(event.uuid()->string(), "was undefined on " + event.parent());
    else if (event.kind() == EventKind::parent_registered)
        say(event.parent(), "appeared");
    else
        machines.check(env); // a device may be gone, or events were dropped
}

/// Handles events until a signal arrives.
void handle_events(const mdev::Monitor& monitor, int signals,
    const Environment& env, Machines& machines)
try {
    struct pollfd waiting[] = {
        {monitor.descriptor(), POLLIN, 0}, {signals, POLLIN, 0}};
    while (poll(waiting, 2, -1) > 0 && waiting[1].revents == 0)
        for (const auto& event : monitor.read())
            handle(event, env, machines);
} catch (const mdev::Error& error) {
    say("failed:", error.what());
}

}

int main(int argc, char** argv)
try {
    setvbuf(stdout, nullptr, _IOLBF, 0);
    sigset_t signals; // blocked here, so that the threads inherit it
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    const int ended = signalfd(-1, &signals, SFD_CLOEXEC);
    const int cancel = eventfd(0, EFD_CLOEXEC);
    const auto env = Environment(argc > 1 ? argv[1] : "/")
                         .with_log([](auto level, auto message) {
                             if (level <= mdev::LogLevel::warning)
                                 say("log:", std::string(message));
                         });
    const mdev::Monitor monitor(env); // before list(), to miss no event
    list(env);
    Machines machines;
    std::thread commands(
        [&] { read_commands(env.with_cancel(cancel), machines, cancel); });

    handle_events(monitor, ended, env, machines);
    eventfd_write(cancel, 1); // ends the running script, and every wait
    commands.join();
    machines.stop_all(env); // `env` itself is not cancelled
} catch (const mdev::Error& error) {
    say("failed:", error.what());
    return 1;
}
