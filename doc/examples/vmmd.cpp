// SPDX-License-Identifier: LGPL-2.1-or-later
// A daemon that gives mediated devices to virtual machines:
//   vmmd ROOT SOCKET [THREADS]
// Clients send requests to the socket, one a line:
//   start VM TYPE [SECONDS]  starts a device of that type, on any parent
//   stop VM [SECONDS]        stops the device
//   list                     lists parents, devices and definitions
// The daemon answers each request with a line that begins with VM, in the order
// in which requests end, and after SECONDS (30) at the latest. Every client
// also gets the events of all devices, parents and definitions. SIGHUP looks
// for new scripts. SIGTERM stops the devices that the daemon has started, and
// ends the daemon.
#include "vmmd_model.hpp"
#include "vmmd_plumbing.hpp"

#include <mdev/mdev.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <sstream>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/un.h>
#include <unistd.h>

namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

using Answer = std::function<void(const std::string&)>;

/// Maps virtual machines to their devices. Any thread may use it.
class Machines {
public:
    Machines(const mdev::Environment& env, int cancel)
        : env_(env),
          cancel_(cancel)
    {
        look_for_scripts();
    }

    /// One Manager for all requests, which share its knowledge of the scripts.
    void look_for_scripts()
    {
        const mdev::Manager manager(env_);
        const std::lock_guard lock(mutex_);
        manager_ = manager;
    }

    void start(const std::string& vm, const std::string& type, seconds time,
        const Answer& answer)
    {
        if (!claim(vm, false, answer))
            return;
        try {
            const auto manager = request(time);
            for (const auto& parent : mdev::ParentDevice::all(env_))
                if (const auto device = try_on(manager, parent.name(), type)) {
                    release(vm, device->uuid());
                    return answer("got " + device->path().string());
                }
            release(vm, {});
            answer("gets none: no parent has an available instance of " + type);
        } catch (const mdev::Error& error) {
            release(vm, {});
            answer(std::string("failed: ") + error.what());
        }
    }

    void stop(const std::string& vm, seconds time, const Answer& answer)
    {
        const auto device = claim(vm, true, answer);
        if (!device)
            return;
        try {
            request(time).stop(*device);
            release(vm, {});
            answer("has no device any more");
        } catch (const mdev::Error& error) {
            const bool is_gone = error.code() == mdev::Errc::not_active;
            release(vm, is_gone ? std::nullopt : device);
            answer(std::string("failed: ") + error.what());
        }
    }

    /// Erases devices that another program has removed; returns their users.
    std::vector<std::string> lost()
    {
        std::vector<std::string> vms;
        const std::lock_guard lock(mutex_);
        for (auto at = devices_.begin(); at != devices_.end();) {
            const bool is_lost = at->second.device && !at->second.is_busy &&
                !mdev::Device::find(*at->second.device, env_);
            if (is_lost)
                vms.push_back(at->first);
            at = is_lost ? devices_.erase(at) : std::next(at);
        }
        return vms;
    }

    /// Called at the end, without the cancel descriptor, which is then
    /// readable.
    void stop_all()
    {
        cancel_ = -1;
        for (const auto& [vm, state] : std::map(devices_))
            stop(vm, seconds(10), [vm = vm](const std::string& text) {
                std::printf("%s %s\n", vm.c_str(), text.c_str());
            });
    }

private:
    struct State {
        std::optional<mdev::Uuid> device;
        bool is_busy = true;
    };

    /// The Manager of one request.
    mdev::Manager request(seconds time)
    {
        std::unique_lock lock(mutex_);
        const auto manager = *manager_;
        lock.unlock();
        return manager.with_cancel(cancel_).with_deadline(
            steady_clock::now() + time);
    }

    /// Requests for one machine exclude each other. Returns its device, or any
    /// UUID if the machine has no device and needs none. Returns nothing if the
    /// request is refused.
    std::optional<mdev::Uuid> claim(
        const std::string& vm, bool has_device, const Answer& answer)
    {
        std::unique_lock lock(mutex_);
        const auto found = devices_.find(vm);
        const bool is_known = found != devices_.end();
        if (is_known != has_device || (is_known && found->second.is_busy)) {
            const bool is_busy = is_known && found->second.is_busy;
            lock.unlock();
            answer(is_busy     ? "is busy"
                    : is_known ? "has a device already"
                               : "has no device");
            return {};
        }
        auto& state = devices_[vm];
        state.is_busy = true;
        return state.device.value_or(mdev::Uuid());
    }
    void release(const std::string& vm, std::optional<mdev::Uuid> device)
    {
        const std::lock_guard lock(mutex_);
        if (device)
            devices_[vm] = {device, false};
        else
            devices_.erase(vm);
    }

    /// Returns nothing if the parent has no available instance of the type.
    static std::optional<mdev::Device> try_on(const mdev::Manager& manager,
        const std::string& parent, const std::string& type)
    try {
        return manager.start({mdev::Uuid::random(), parent, type});
    } catch (const mdev::Error& error) {
        if (error.code() == mdev::Errc::no_instance_left ||
            error.code() == mdev::Errc::no_such_type ||
            error.code() == mdev::Errc::no_such_parent)
            return {};
        throw;
    }

    mdev::Environment env_;
    int cancel_;
    std::mutex mutex_; // never held during a command
    std::optional<mdev::Manager> manager_;
    std::map<std::string, State> devices_;
};

void execute(const std::string& line, Machines& machines, Client& client)
{
    std::istringstream words(line);
    std::string command, vm, type;
    long time = 30;
    words >> command >> vm;
    const Answer answer = [&](const std::string& text) {
        client.send(vm + " " + text);
    };
    if (command == "start" && words >> type) {
        words >> time;
        machines.start(vm, type, seconds(time), answer);
    } else if (command == "stop" && !vm.empty()) {
        words >> time;
        machines.stop(vm, seconds(time), answer);
    } else {
        client.send("failed: there is no such request: " + line);
    }
}

/// The event loop.
class Daemon {
public:
    Daemon(const mdev::Environment& env, const char* path, int threads)
        : listener_(listening(path)),
          model_(env),
          machines_(env, cancel_.number()),
          pool_(std::make_unique<Pool>(threads))
    {
        for (const int number :
            {signals_.number(), listener_.number(), model_.descriptor()})
            watch(number);
    }

    void run()
    {
        constexpr int between_looks = 2000; // milliseconds
        while (!is_ended_) {
            epoll_event event{};
            const int ready =
                epoll_wait(epoll_.number(), &event, 1, between_looks);
            try {
                if (ready > 0)
                    handle(event.data.fd);
                if (ready == 0)
                    tell(model_.news_of_all());
            } catch (const mdev::Error& error) {
                std::printf("failed: %s\n", error.what());
            }
        }
        eventfd_write(cancel_.number(), 1); // ends scripts, and every wait
        pool_.reset();
        machines_.stop_all();
    }

private:
    static Descriptor listening(const char* path)
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
        Descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (bind(made.number(), reinterpret_cast<sockaddr*>(&address),
                sizeof address) != 0 ||
            listen(made.number(), SOMAXCONN) != 0)
            throw std::system_error(errno, std::system_category(), path);
        return made;
    }
    static Descriptor blocked_signals()
    {
        sigset_t signals; // blocked before the threads begin, which inherit it
        sigemptyset(&signals);
        sigaddset(&signals, SIGTERM);
        sigaddset(&signals, SIGHUP);
        pthread_sigmask(SIG_BLOCK, &signals, nullptr);
        return Descriptor(signalfd(-1, &signals, SFD_CLOEXEC));
    }

    void watch(int number)
    {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = number;
        if (epoll_ctl(epoll_.number(), EPOLL_CTL_ADD, number, &event) != 0)
            throw std::system_error(errno, std::system_category(), "epoll");
    }

    void handle(int number)
    {
        if (number == signals_.number())
            return handle_signal();
        if (number == listener_.number())
            return accept_client();
        if (number == model_.descriptor())
            return tell(model_.news());
        const auto client = clients_.at(number);
        const auto lines = client->receive();
        if (!lines) { // an unfinished request keeps the connection open
            epoll_ctl(epoll_.number(), EPOLL_CTL_DEL, number, nullptr);
            clients_.erase(number);
        }
        for (const auto& line : lines.value_or(std::vector<std::string>()))
            if (line == "list")
                for (const auto& thing : model_.things())
                    client->send("there: " + thing);
            else
                pool_->add([this, line, client] {
                    execute(line, machines_, *client);
                });
    }
    void handle_signal()
    {
        signalfd_siginfo signal{};
        if (read(signals_.number(), &signal, sizeof signal) < 0)
            return;
        is_ended_ = signal.ssi_signo == SIGTERM;
        if (!is_ended_)
            machines_.look_for_scripts();
    }
    void accept_client()
    {
        spare_ = Descriptor(); // for the case that no descriptor is available
        Descriptor socket(
            accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC));
        spare_ = Descriptor(open("/dev/null", O_RDONLY | O_CLOEXEC));
        if (socket.number() < 0 || spare_.number() < 0)
            return; // the client notices: its connection ends
        watch(socket.number());
        const auto client = std::make_shared<Client>(std::move(socket));
        clients_[client->number()] = client;
    }
    void tell(const std::vector<std::string>& news)
    {
        for (const auto& sentence : news)
            for (const auto& [number, client] : clients_)
                client->send(sentence);
        for (const auto& vm : machines_.lost())
            for (const auto& [number, client] : clients_)
                client->send(vm + " has lost its device");
    }

    Descriptor signals_ = blocked_signals();
    Descriptor cancel_ = Descriptor(eventfd(0, EFD_CLOEXEC));
    Descriptor epoll_ = Descriptor(epoll_create1(EPOLL_CLOEXEC));
    Descriptor spare_;
    Descriptor listener_;
    std::map<int, std::shared_ptr<Client>> clients_;
    Model model_;
    Machines machines_;
    std::unique_ptr<Pool> pool_;
    bool is_ended_ = false;
};

/// A file must not get the number of stdout, to which messages are written.
void keep_standard_descriptors()
{
    int number = 0;
    while ((number = open("/dev/null", O_RDWR)) >= 0 && number <= 2) {}
    close(number);
}

}

int main(int argc, char** argv)
try {
    keep_standard_descriptors();
    setvbuf(stdout, nullptr, _IOLBF, 0);
    if (argc < 3)
        throw std::runtime_error("Usage: vmmd ROOT SOCKET [THREADS]");
    const auto env =
        mdev::Environment(argv[1]).with_log([](auto level, auto message) {
            if (level <= mdev::LogLevel::warning)
                std::printf("log: %s\n", std::string(message).c_str());
        });
    Daemon daemon(env, argv[2], argc > 3 ? std::atoi(argv[3]) : 4);
    std::printf("ready\n");
    daemon.run();
} catch (const std::exception& error) {
    std::printf("failed: %s\n", error.what());
    return 1;
}
