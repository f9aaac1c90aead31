// SPDX-License-Identifier: LGPL-2.1-or-later
// Many threads with one Environment or several make all calls at the same time:
// list, find, start, stop, define, modify, undefine, listen. Uses the public
// library only. Prints TAP.
//
//   threads ROOT MILLISECONDS
#include <mdev/mdev.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <poll.h>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {
using std::chrono::steady_clock;
using Known = std::set<std::pair<std::string, mdev::Uuid>>;

constexpr int threads_of_a_kind = 4;
constexpr const char* parent = "mtty";
constexpr const char* type = "mtty-1";
constexpr const char* counter = "counter";

std::atomic<bool> ended = false;
std::atomic<int> errors = 0;
std::atomic<int> messages = 0;
std::atomic<int> rounds = 0;
std::atomic<long> increments = 0;

void fail(const std::string& why)
{
    ++errors;
    std::fprintf(stderr, "%s\n", why.c_str());
}

mdev::Environment environment(const char* root)
{
    return mdev::Environment(root).with_log(
        [](mdev::LogLevel level, std::string_view message) {
            ++messages;
            if (level <= mdev::LogLevel::warning)
                fail("log: " + std::string(message));
        });
}

/// The objects of one Environment.
struct System {
    mdev::Environment env;
    mdev::Manager manager;
    mdev::ConfigStore store;
    mdev::CalloutEngine engine;

    explicit System(const mdev::Environment& environment)
        : env(environment),
          manager(env),
          store(env),
          engine(env)
    {
    }
};

void look(const System& system, const mdev::Definition& shared)
{
    for (const auto& one : mdev::ParentDevice::all(system.env))
        if (one.types().empty())
            fail(one.name() + " offers nothing");
    for (const auto& device : mdev::Device::all(system.env))
        if (device.parent() != parent)
            fail("a device is on " + device.parent());
    system.store.all();
    if (!system.store.find(shared.uuid(), shared.parent()))
        fail("a definition is missing while another one replaces it");
    if (mdev::Device::find(shared.uuid(), system.env))
        fail("a device exists that no thread has started");
    if (system.engine.versioned_script(shared))
        fail("a script exists");
    const auto copy = shared; // many threads do this at the same time
    if (copy.to_json() != shared.to_json())
        fail("a copy is different");
}

/// Makes, uses and removes a definition and a device that no other thread uses.
void live(const System& system)
{
    mdev::Definition definition(mdev::Uuid::random(), parent, type);
    const auto uuid = definition.uuid();
    system.manager.define(definition);
    system.manager.modify(uuid, parent, [](mdev::Definition& edited) {
        edited.set_start(mdev::StartMode::automatic);
    });
    const auto device = system.manager.start(mdev::DeviceSpec().uuid(uuid));
    if (!mdev::Device::find(uuid, system.env))
        fail("a device that was started is missing");
    device.set_attribute("power/control", "on");
    system.manager.stop(uuid);
    system.manager.undefine(uuid, parent);
    if (system.store.find(uuid, parent))
        fail("a definition that was removed exists");
}

/// Changes a definition that all threads change. All changes must be stored.
void count(const System& system, const mdev::Uuid& uuid)
{
    system.manager.modify(uuid, parent, [](mdev::Definition& definition) {
        const auto before = std::stol(definition.attributes()[0].second);
        definition.set_attributes({{counter, std::to_string(before + 1)}});
    });
    ++increments;
}

void work(const System& system, const mdev::Definition& shared)
try {
    while (!ended) {
        look(system, shared);
        live(system);
        count(system, shared.uuid());
        ++rounds;
    }
} catch (const mdev::Error& error) {
    fail(error.what());
}

void take(const mdev::Monitor& monitor, Known& known)
{
    for (const auto& event : monitor.read()) {
        const auto uuid = event.uuid().value_or(mdev::Uuid());
        const auto added = event.kind() == mdev::EventKind::definition_added;
        if (added && !known.emplace(event.parent(), uuid).second)
            fail("a definition is added twice");
        if (event.kind() == mdev::EventKind::definition_removed &&
            known.erase({event.parent(), uuid}) == 0)
            fail("a definition is removed twice");
    }
}

void listen(const mdev::Monitor& monitor, Known& known)
try {
    constexpr int milliseconds = 10;
    struct pollfd waiting {
        monitor.descriptor(), POLLIN, 0
    };
    while (!ended)
        if (poll(&waiting, 1, milliseconds) > 0)
            take(monitor, known);
} catch (const mdev::Error& error) {
    fail(error.what());
}

/// Monitors are created and destroyed at the same time.
void listen_shortly(const mdev::Environment& env)
try {
    while (!ended) {
        const mdev::Monitor monitor(env);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        monitor.read();
    }
} catch (const mdev::Error& error) {
    fail(error.what());
}

int test_number = 0;

void check(bool good, const std::string& fact)
{
    std::printf(
        "%sok %d - %s\n", good ? "" : "not ", ++test_number, fact.c_str());
    errors += good ? 0 : 1;
}

void run(const char* root, std::chrono::milliseconds time)
{
    const System one(environment(root));
    mdev::Definition shared(mdev::Uuid::random(), parent, type);
    shared.append_attribute(counter, "0");
    const mdev::Monitor monitor(one.env);
    one.manager.define(shared);
    Known known;

    std::vector<std::thread> threads;
    for (int i = 0; i < threads_of_a_kind; ++i) {
        threads.emplace_back([&] { work(one, shared); });
        threads.emplace_back([&] { work(System(environment(root)), shared); });
    }
    threads.emplace_back([&] { listen(monitor, known); });
    threads.emplace_back([&] { listen_shortly(one.env); });
    const auto end = steady_clock::now() + time;
    while (errors == 0 &&
        (steady_clock::now() < end || rounds < threads_of_a_kind))
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    ended = true;
    for (auto& thread : threads)
        thread.join();
    take(monitor, known);

    check(errors == 0,
        std::to_string(rounds) + " rounds of " +
            std::to_string(threads.size()) + " threads without a failure");
    const auto counted = one.store.find(shared.uuid(), parent);
    check(counted->attributes()[0].second == std::to_string(increments),
        "all " + std::to_string(increments) + " changes are stored");
    check(known == Known{{parent, shared.uuid()}},
        "the sum of the events is the stored state");
    check(mdev::Device::all(one.env).empty(), "no device is left");
}

}

int main(int argc, char** argv)
try {
    if (argc != 3)
        return 2;
    run(argv[1], std::chrono::milliseconds(std::atoi(argv[2])));
    std::printf("1..%d\n", test_number);
    return errors == 0 ? 0 : 1;
} catch (const mdev::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
