// SPDX-License-Identifier: LGPL-2.1-or-later
// A small daemon that gives mediated devices to virtual machines. It reads
// commands from stdin, one a line, and says on stdout what happens:
//   start VM TYPE   makes a device of that type, on a parent that has room
//   stop VM         removes it
//   list            shows what runs and what is defined
// At SIGTERM or the end of its input it removes what it has made.
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

/// Which virtual machine has which device; for any thread.
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

    /// Tells whose devices have gone without our doing.
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
    /// Nothing if there is no room; somebody else may be faster.
    static std::optional<mdev::Device> try_on(const Environment& env,
        const std::string& parent, const std::string& type)
    try {
        const mdev::Definition wanted(mdev::Uuid::random(), parent, type);
        // Made each time, so that it sees the scripts that there are now.
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

void obey(const std::string& line, const Environment& env, Machines& machines)
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

/// A thread's work, because a command may wait for a script or for a device
/// that somebody has open, and events should not wait for that.
void obey_all(const Environment& env, Machines& machines, int cancel)
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
            obey(unread.substr(0, end), env, machines);
            unread.erase(0, end + 1);
        }
    }
    kill(getpid(), SIGTERM);
}

void hear(const mdev::Event& event, const Environment& env, Machines& machines)
{
    using mdev::EventKind;
    if (event.kind() == EventKind::definition_added)
        say(event.uuid()->string(), "was defined on " + event.parent());
    else if (event.kind() == EventKind::definition_removed)
        say(event.uuid()->string(), "was undefined on " + event.parent());
    else if (event.kind() == EventKind::parent_registered)
        say(event.parent(), "appeared");
    else
        machines.check(env); // a device went, perhaps, or events are lost
}

/// Until a signal comes.
void hear_all(const mdev::Monitor& monitor, int signals, const Environment& env,
    Machines& machines)
try {
    struct pollfd waiting[] = {
        {monitor.descriptor(), POLLIN, 0}, {signals, POLLIN, 0}};
    while (poll(waiting, 2, -1) > 0 && waiting[1].revents == 0)
        for (const auto& event : monitor.read())
            hear(event, env, machines);
} catch (const mdev::Error& error) {
    say("failed:", error.what());
}

}

int main(int argc, char** argv)
try {
    setvbuf(stdout, nullptr, _IOLBF, 0);
    sigset_t signals; // blocked before there are threads, which begin so, too
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
    const mdev::Monitor monitor(env); // before the list, to miss nothing
    list(env);
    Machines machines;
    std::thread commands(
        [&] { obey_all(env.with_cancel(cancel), machines, cancel); });

    hear_all(monitor, ended, env, machines);
    eventfd_write(cancel, 1); // ends a script that runs, and whatever waits
    commands.join();
    machines.stop_all(env); // which is not cancelled
} catch (const mdev::Error& error) {
    say("failed:", error.what());
    return 1;
}
