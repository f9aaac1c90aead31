// SPDX-License-Identifier: LGPL-2.1-or-later
// Runs commands on different devices in two threads, with one or two
// Environments: `ap_threads ROOT 1|2`. The scripts of both threads share a
// lock.
#include <mdev/mdev.hpp>

#include <cstdlib>
#include <iostream>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int threads = 2;
constexpr int rounds = 3;
constexpr auto parent = "matrix";
constexpr auto type = "vfio_ap-passthrough";

/// Runs the commands of one thread for its own device, including failures.
class Worker {
public:
    Worker(const mdev::Environment& env, int number)
        : manager_(env),
          uuid_(*mdev::Uuid::parse("11111111-2222-3333-4444-5555555555" +
              std::to_string(10 + number))),
          number_(std::to_string(number))
    {
    }

    void run()
    {
        manager_.define(mdev::Definition(uuid_, parent, type));
        must_fail(
            [&] { manager_.define(mdev::Definition(uuid_, parent, type)); });
        add("assign_adapter", number_);
        must_fail([&] { add("assign_nonsense", "1"); });
        must_fail([&] {
            manager_.modify(uuid_, std::nullopt,
                [](mdev::Definition&) { throw std::runtime_error("no"); });
        });
        manager_.start(mdev::DeviceSpec().uuid(uuid_));
        must_fail([&] { manager_.start(mdev::DeviceSpec().uuid(uuid_)); });
        manager_.stop(uuid_);
        add("assign_domain", "999");
        must_fail([&] { manager_.start(mdev::DeviceSpec().uuid(uuid_)); });
        must_fail([&] { manager_.stop(uuid_); });
        manager_.undefine(uuid_, std::nullopt);
    }

private:
    void add(const std::string& name, const std::string& value)
    {
        manager_.modify(uuid_, std::nullopt, [&](mdev::Definition& definition) {
            definition.append_attribute(name, value);
        });
    }

    template <class Command> void must_fail(Command command)
    {
        try {
            command();
        } catch (const std::exception&) {
            return;
        }
        throw std::logic_error("a command succeeds that must fail");
    }

    mdev::Manager manager_;
    mdev::Uuid uuid_;
    std::string number_;
};

mdev::Environment environment(const char* root)
{
    return mdev::Environment(root).with_log(
        [](mdev::LogLevel level, std::string_view text) {
            static std::mutex mutex;
            const std::lock_guard guard(mutex);
            if (level <= mdev::LogLevel::warning)
                std::cout << text << "\n";
        });
}

int run(const char* root, bool is_shared)
{
    const auto shared = environment(root);
    std::mutex mutex;
    int failures = 0;
    std::vector<std::jthread> running;
    for (int i = 0; i < threads; ++i)
        running.emplace_back([&, i] {
            try {
                Worker worker(is_shared ? shared : environment(root), i);
                for (int round = 0; round < rounds; ++round)
                    worker.run();
            } catch (const std::exception& error) {
                const std::lock_guard guard(mutex);
                std::cout << "thread " << i << ": " << error.what() << "\n";
                ++failures;
            }
        });
    running.clear();
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}

int main(int argc, char** argv)
{
    const std::vector<std::string> words(argv, argv + argc);
    if (words.size() != 3) {
        std::cerr << "Usage: ap_threads ROOT 1|2\n";
        return EXIT_FAILURE;
    }
    return run(argv[1], words[2] == "1");
}
