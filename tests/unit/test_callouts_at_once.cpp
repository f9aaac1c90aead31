// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "samples.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/config_store.hpp>
#include <mdev/manager.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using std::chrono::milliseconds;

/// Longer than any operation here takes. Only a failing test waits this long.
constexpr std::chrono::seconds patience(60);

void add_script(FakeKernel& kernel, const fs::path& directory,
    const std::string& name, const std::string& body)
{
    put_file(directory / name,
        "#!/bin/sh\ntype=$2 event=$4 action=$6\n" + body + "\n");
    fs::permissions(directory / name, fs::perms(0755));
    (void)kernel;
}

void add_callout(
    FakeKernel& kernel, const std::string& name, const std::string& body)
{
    add_script(kernel, kernel.env().callout_directories().front(), name, body);
}

void add_notifier(FakeKernel& kernel, const std::string& body)
{
    add_script(kernel, kernel.env().notifier_directories().front(), "n", body);
}

/// A versioned script for one type.
std::string versioned(const std::string& type, const std::string& events,
    const std::string& more = "")
{
    return "[ $type = " + type + " ] || exit 2\n" +
        "[ $event-$action != get-capabilities ] || echo '{\"supports\":{"
        "\"version\":2,\"actions\":[\"start\",\"stop\",\"modify\"],"
        "\"events\":[" +
        events + "]" + more + "}}'";
}

const std::string all_events = R"("pre","post")";

/// Counts the simultaneous writes to `create` in the kernel.
class Creates {
public:
    /// Each write waits until `wanted` writes have been in the kernel at the
    /// same time.
    explicit Creates(int wanted) : wanted_(wanted) {}

    void operator()(const Write& write)
    {
        if (!ends_with_create(write.attribute))
            return;
        std::unique_lock lock(mutex_);
        most_ = std::max(most_, ++now_);
        changed_.notify_all();
        if (!changed_.wait_for(
                lock, patience, [&] { return most_ >= wanted_; }))
            wanted_ = 0;
        // Gives other calls that may run at the same time a chance to start.
        for (int i = 0; i < 100; ++i) {
            lock.unlock();
            std::this_thread::yield();
            lock.lock();
        }
        --now_;
    }
    int most() const { return most_; }

private:
    static bool ends_with_create(const std::string& path)
    {
        return path.substr(path.rfind('/') + 1) == "create";
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    int wanted_;
    int now_ = 0;
    int most_ = 0;
};

/// Returns how many creates the kernel has at most at the same time during 40
/// starts by 16 threads of one Manager. Also prints the number, as the row
/// `scripts` of a table. Every second device is of type mtty-2.
int creates_at_once(FakeKernel& kernel, const char* scripts, int wanted)
{
    constexpr int starts = 40;
    constexpr int thread_count = 16;
    TypeFiles roomy;
    roomy.available_instances = std::to_string(starts + 1);
    kernel.add_type("mtty", "mtty-1", roomy);
    kernel.add_type("mtty", "mtty-2", roomy);
    const Manager manager(kernel.env());
    // After these starts, each script has declined the other type: a first
    // question would wait for the start that the script serves.
    for (const std::uint8_t number : {100, 101})
        manager.start(Definition(sample_uuid(number), "mtty",
            number % 2 == 0 ? "mtty-1" : "mtty-2"));
    Creates creates(wanted);
    kernel.before_write([&](const Write& write) { creates(write); });
    std::atomic<int> next = 0;
    std::atomic<int> failures = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < thread_count; ++i)
        threads.emplace_back([&] {
            for (int n = next++; n < starts; n = next++)
                try {
                    manager.start(
                        Definition(sample_uuid(static_cast<std::uint8_t>(n)),
                            "mtty", n % 2 == 0 ? "mtty-1" : "mtty-2"));
                } catch (const Error& error) {
                    kernel.env().log(LogLevel::error, error.what());
                    ++failures;
                }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(failures == 0);
    CHECK(Device::all(kernel.env()).size() == starts + 2);
    std::printf("creates at once: %2d with %s\n", creates.most(), scripts);
    return creates.most();
}

/// Blocks a write to `remove` in the kernel, like a device in use.
class Removal {
public:
    explicit Removal(FakeKernel& kernel)
    {
        kernel.before_write([this](const Write& write) {
            if (write.attribute.substr(write.attribute.rfind('/') + 1) !=
                "remove")
                return;
            if (std::exchange(is_first_, false))
                begun_.set_value();
            closed_.get_future().wait_for(patience);
        });
    }
    void wait_until_begun()
    {
        REQUIRE(begun_.get_future().wait_for(patience) ==
            std::future_status::ready);
    }
    void close() { closed_.set_value(); }

private:
    bool is_first_ = true;
    std::promise<void> begun_;
    std::promise<void> closed_;
};

std::error_code code_of(const std::function<void()>& command)
{
    try {
        command();
    } catch (const Error& error) {
        return error.code();
    }
    return {};
}

/// A host on which a stop of device 1, which is of type mtty-1, waits for the
/// user of the device. Other commands never wait for scripts.
struct Host {
    FakeKernel kernel;
    Removal removal = Removal(kernel);
    std::thread stop;

    Environment env() const
    {
        return kernel.env()
            .with_callout_lock_timeout(milliseconds(0))
            .with_lock_timeout(milliseconds(0));
    }
    Host()
    {
        kernel.add_type("mtty", "mtty-1");
        kernel.add_type("mtty", "mtty-2");
        kernel.add_device(sample_uuid(1));
    }
    void begin_to_stop()
    {
        stop =
            std::thread([this] { Manager(kernel.env()).stop(sample_uuid(1)); });
        removal.wait_until_begun();
    }
    void close()
    {
        removal.close();
        stop.join();
    }
    /// Runs every command for a device of that type.
    void use(const std::string& type, std::uint8_t number)
    {
        const Manager manager(env());
        const Definition device(sample_uuid(number), "mtty", type);
        manager.define(device);
        manager.start(device);
        manager.modify(sample_uuid(number), {},
            [](Definition& changed) { changed.append_attribute("a", "1"); });
        manager.undefine(sample_uuid(number), {});
    }
};

}

TEST_CASE(
    "starts without scripts are in the kernel at the same time", "[at_once]")
{
    FakeKernel kernel;

    CHECK(creates_at_once(kernel, "no script", 16) == 16);
}

TEST_CASE("a notifier does not delay other starts", "[at_once]")
{
    FakeKernel kernel;
    add_notifier(kernel, ":");

    CHECK(creates_at_once(kernel, "a notifier", 16) == 16);
}

TEST_CASE("a script that declines does not delay other starts", "[at_once]")
{
    FakeKernel kernel;
    add_callout(kernel, "s", "exit 2");

    CHECK(creates_at_once(kernel, "a script that declines", 16) == 16);
}

TEST_CASE("a script that accepts serves one start at a time", "[at_once]")
{
    FakeKernel kernel;
    add_callout(kernel, "s", "exit 0");

    CHECK(creates_at_once(kernel, "a script that serves", 1) == 1);
}

TEST_CASE("a versioned script serves one start at a time", "[at_once]")
{
    FakeKernel kernel;
    add_callout(kernel, "1", versioned("mtty-1", all_events));
    add_callout(kernel, "2", versioned("mtty-2", all_events));

    CHECK(creates_at_once(
              kernel, "a versioned script for each of two types", 2) == 2);
}

TEST_CASE("a script with only 'post' serves one start at a time", "[at_once]")
{
    FakeKernel kernel;
    add_callout(kernel, "1", versioned("mtty-1", R"("post")"));
    add_callout(kernel, "2", versioned("mtty-2", R"("post")"));

    CHECK(creates_at_once(kernel,
              "a versioned script with 'post' only for each of two types",
              2) == 2);
}

TEST_CASE("each script serves one start at a time", "[at_once]")
{
    FakeKernel kernel;
    add_callout(kernel, "1", "[ $type = mtty-1 ] || exit 2");
    add_callout(kernel, "2", "[ $type = mtty-2 ] || exit 2");

    CHECK(creates_at_once(kernel, "a script for each of two types", 2) == 2);
}

TEST_CASE(
    "a script may declare that it serves several starts at a time", "[at_once]")
{
    FakeKernel kernel;
    const std::string parallel = R"(,"parallel":true)";
    add_callout(kernel, "1", versioned("mtty-1", all_events, parallel));
    add_callout(kernel, "2", versioned("mtty-2", all_events, parallel));

    CHECK(creates_at_once(kernel, "parallel scripts", 16) == 16);
}

TEST_CASE(
    "a script that does not list starts does not delay starts", "[at_once]")
{
    FakeKernel kernel;
    add_callout(kernel, "1", versioned("mtty-1", R"("live")"));
    add_callout(kernel, "2", versioned("mtty-2", R"("live")"));

    CHECK(creates_at_once(kernel, "scripts that list no start", 16) == 16);
}

TEST_CASE(
    "a device in use does not delay commands without scripts", "[at_once]")
{
    Host host;
    add_callout(host.kernel, "s", "[ $type = mtty-2 ] || exit 2");
    add_notifier(host.kernel, ":");
    host.begin_to_stop();

    CHECK_NOTHROW(host.use("mtty-1", 2));
    CHECK_NOTHROW(host.use("mtty-2", 3));
    host.close();
}

TEST_CASE("a device in use delays commands that share its script", "[at_once]")
{
    Host host;
    const std::string attributes =
        "\n[ $event-$action != get-attributes ] || echo '[{\"a\":\"1\"}]'";
    add_callout(host.kernel, "1", "[ $type = mtty-1 ] || exit 2" + attributes);
    add_callout(host.kernel, "2", "[ $type = mtty-2 ] || exit 2" + attributes);
    host.kernel.define("mtty", sample_uuid(3).string(), sample_text("mtty-1"));
    // The script has already declined, so no command asks the script while the
    // device is in use.
    const Manager manager(host.env());
    const Definition other(sample_uuid(4), "mtty", "mtty-2");
    const auto edit = [](Definition&) {};
    manager.define(other);
    manager.modify(sample_uuid(4), {}, edit);
    host.begin_to_stop();

    CHECK(code_of([&] { manager.start(sample_definition(2)); }) ==
        Errc::timed_out);
    CHECK(code_of([&] { manager.modify(sample_uuid(3), {}, edit); }) ==
        Errc::timed_out);
    CHECK(code_of([&] { manager.undefine(sample_uuid(3), {}); }) ==
        Errc::timed_out);
    CHECK_NOTHROW(manager.modify(sample_uuid(4), {}, edit));
    std::vector<Definition> listed{sample_definition(5), other};
    CalloutEngine(host.env()).add_attributes(listed);
    CHECK(listed.front().attributes().empty());
    host.close();
    CHECK_NOTHROW(manager.start(sample_definition(2)));
}

TEST_CASE(
    "a command that waits for a script does not lock the store", "[at_once]")
{
    Host host;
    add_callout(host.kernel, "s", "[ $type = mtty-1 ] || exit 2");
    const ConfigStore store(host.env());
    host.kernel.define("mtty", sample_uuid(3).string(), sample_text("mtty-1"));
    host.begin_to_stop();
    std::atomic<int> edits = 0;
    std::promise<void> edited;
    std::thread waits([&] {
        Manager(host.kernel.env())
            .modify(sample_uuid(3), {}, [&](Definition& definition) {
                if (++edits == 1)
                    edited.set_value();
                definition.append_attribute("b", "2");
            });
    });
    edited.get_future().wait();

    // Another command changes the definition, so the edit has to run again.
    auto changed = sample_definition(3);
    changed.append_attribute("a", "1");
    ConfigStore(host.kernel.env())
        .save(changed, ConfigStore(host.kernel.env()).lock());
    CHECK_NOTHROW(store.lock());
    host.close();
    waits.join();

    CHECK(edits == 2);
    CHECK(store.find(sample_uuid(3), "mtty")->attributes() ==
        std::vector<Attribute>{{"a", "1"}, {"b", "2"}});
}

TEST_CASE(
    "a command that waits for a script edits a definition once", "[at_once]")
{
    Host host;
    add_callout(host.kernel, "s", "[ $type = mtty-1 ] || exit 2");
    host.kernel.define("mtty", sample_uuid(3).string(), sample_text("mtty-1"));
    host.begin_to_stop();
    int edits = 0;
    std::promise<void> edited;
    std::thread waits([&] {
        Manager(host.kernel.env())
            .modify(sample_uuid(3), {}, [&](Definition& definition) {
                ++edits;
                definition.append_attribute("b", "2");
                edited.set_value();
            });
    });
    edited.get_future().wait();
    host.close();
    waits.join();

    CHECK(edits == 1);
    CHECK(ConfigStore(host.env())
              .find(sample_uuid(3), "mtty")
              ->attributes()
              .size() == 1);
}

}
