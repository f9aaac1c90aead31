// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_lock.hpp"
#include "catch.hpp"
#include "child.hpp"
#include "error_of.hpp"
#include "file_descriptor.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <future>
#include <optional>
#include <string>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <thread>
#include <vector>

namespace mdev::test {

namespace {

using std::chrono::milliseconds;

const Deadline patience(std::chrono::hours(1));
const Cancellation never;
const std::filesystem::path script = "/script";

/// A thread that waits has an eventfd.
std::ptrdiff_t eventfds()
{
    std::ptrdiff_t count = 0;
    std::error_code gone;
    for (const auto& entry :
        std::filesystem::directory_iterator("/proc/self/fd"))
        if (std::filesystem::read_symlink(entry.path(), gone) ==
            "anon_inode:[eventfd]")
            ++count;
    return count;
}

void wait_for_eventfds(std::ptrdiff_t count)
{
    while (eventfds() != count)
        std::this_thread::yield();
}

/// Returns the error of another thread that requests the lock.
Error refusal(const Deadline& deadline, const Cancellation& cancellation)
{
    std::optional<Error> error;
    std::thread([&] {
        error = error_of(
            [&] { const CalloutLock lock(script, deadline, cancellation); });
    }).join();
    return *error;
}

std::error_code code_of(
    const Deadline& deadline, const Cancellation& cancellation)
{
    return refusal(deadline, cancellation).code();
}

}

TEST_CASE("a released callout lock can be taken again", "[callout_lock]")
{
    for (int i = 0; i < 3; ++i)
        CHECK_NOTHROW(CalloutLock(script, Deadline(milliseconds(0)), never));
}

TEST_CASE("each script has a lock of its own", "[callout_lock]")
{
    const CalloutLock mine(script, patience, never);

    CHECK_NOTHROW(CalloutLock("/other", Deadline(milliseconds(0)), never));
    CHECK(CalloutLock::if_free("/other"));
    CHECK_FALSE(CalloutLock::if_free(script));
}

TEST_CASE("an unused lock is taken without waiting", "[callout_lock]")
{
    auto mine = CalloutLock::if_free(script);

    REQUIRE(mine);
    CHECK(code_of(Deadline(milliseconds(0)), never) == Errc::timed_out);
    mine.reset();
    CHECK(CalloutLock::if_free(script));
}

TEST_CASE("a command takes each lock once", "[callout_lock]")
{
    CalloutLocks locks(milliseconds(0), never);

    locks.take(script);
    CHECK_NOTHROW(locks.take(script));
    CHECK_NOTHROW(locks.take_if_free(script));
    CHECK_FALSE(CalloutLock::if_free(script));
    locks.release("/other");
    CHECK_FALSE(CalloutLock::if_free(script));
    locks.release(script);
    CHECK(CalloutLock::if_free(script));
}

TEST_CASE(
    "no thread waits for a script while the store is locked", "[callout_lock]")
{
    const CalloutLock other(script, patience, never);
    CalloutLocks locks(std::chrono::hours(1), never);

    try {
        locks.take_if_free(script);
        FAIL("it has the lock");
    } catch (const ScriptBusy& busy) {
        CHECK(busy.script == script);
    }
}

TEST_CASE("a callout lock cannot be taken while another thread holds it",
    "[callout_lock]")
{
    const CalloutLock mine(script, patience, never);

    CHECK(code_of(Deadline(milliseconds(0)), never) == Errc::timed_out);
    CHECK(code_of(Deadline(milliseconds(1)), never) == Errc::timed_out);
}

TEST_CASE("moving a callout lock does not release the lock", "[callout_lock]")
{
    std::optional<CalloutLock> first(std::in_place, script, patience, never);
    std::optional<CalloutLock> second(std::move(*first));
    first.reset();

    CHECK(code_of(Deadline(milliseconds(0)), never) == Errc::timed_out);

    second.reset();
    CHECK_NOTHROW(CalloutLock(script, Deadline(milliseconds(0)), never));
}

TEST_CASE("waiting for a callout lock can be cancelled", "[callout_lock]")
{
    const FileDescriptor cancel(eventfd(1, EFD_CLOEXEC));
    std::optional<CalloutLock> mine(std::in_place, script, patience, never);

    CHECK(code_of(patience, Cancellation(cancel.number())) == Errc::cancelled);

    mine.reset();
    CHECK_NOTHROW(CalloutLock(
        script, Deadline(milliseconds(0)), Cancellation(cancel.number())));
}

TEST_CASE(
    "the command's deadline ends the wait for a callout lock", "[callout_lock]")
{
    const CalloutLock mine(script, patience, never);

    const auto error =
        refusal(patience, Cancellation(-1, Deadline(milliseconds(20))));

    CHECK(error.code() == Errc::timed_out);
    CHECK_THAT(error.what(), contains("ended by the command's deadline"));
}

TEST_CASE(
    "an error that prevents waiting for a lock is reported", "[callout_lock]")
{
    const auto outcome =
        outcome_without({{SYS_eventfd2}}, EMFILE, []() -> std::string {
            const CalloutLock mine(script, patience, never);
            return refusal(patience, never).what();
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, starts_with("Cannot wait for "));
    CHECK_THAT(outcome, contains("Too many open files"));
}

TEST_CASE("threads that give up are skipped, the others keep their order",
    "[callout_lock]")
{
    const auto before = eventfds();
    const FileDescriptor cancel(eventfd(0, EFD_CLOEXEC));
    std::optional<CalloutLock> mine(std::in_place, script, patience, never);
    std::string order;
    std::error_code given_up;
    std::vector<std::thread> threads;
    const auto next_to_wait = [&](const std::function<void()>& work) {
        threads.emplace_back(work);
        wait_for_eventfds(
            before + 1 + static_cast<std::ptrdiff_t>(threads.size()));
    };
    const auto note = [&](char name) {
        const CalloutLock held(script, patience, never);
        order += name;
    };

    next_to_wait([&] { note('a'); });
    next_to_wait(
        [&] { given_up = code_of(patience, Cancellation(cancel.number())); });
    next_to_wait([&] { note('b'); });
    next_to_wait([&] { note('c'); });
    eventfd_write(cancel.number(), 1);
    threads[1].join();
    mine.reset();
    for (auto& thread : threads)
        if (thread.joinable())
            thread.join();

    CHECK(given_up == Errc::cancelled);
    CHECK(order == "abc");
}

TEST_CASE("one thread at a time has the callout lock", "[callout_lock]")
{
    constexpr int count = 4;
    constexpr int rounds = 500;
    long sum = 0;
    std::vector<std::thread> threads;

    for (int i = 0; i < count; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < rounds; ++round) {
                const CalloutLock held(script, patience, never);
                ++sum;
            }
        });
    for (auto& thread : threads)
        thread.join();

    CHECK(sum == count * rounds);
}

TEST_CASE("a thread does not wait for its own lock", "[callout_lock]")
{
    std::optional<CalloutLock> mine(std::in_place, script, patience, never);

    const auto error =
        error_of([] { const CalloutLock again(script, patience, never); });

    CHECK(error.code() == Errc::lock_held);
    CHECK_THAT(
        error.what(), contains("this thread already runs another command"));
    CHECK(code_of(Deadline(milliseconds(0)), never) == Errc::timed_out);
    mine.reset();
    CHECK_NOTHROW(CalloutLock(script, Deadline(milliseconds(0)), never));
}

TEST_CASE("a thread that another thread waited for does not wait for itself",
    "[callout_lock]")
{
    const auto before = eventfds();
    std::optional<CalloutLock> mine(std::in_place, script, patience, never);
    std::error_code code;
    std::thread other([&] {
        const CalloutLock lock(script, patience, never);
        code = error_of([] {
            const CalloutLock again(script, patience, never);
        }).code();
    });
    wait_for_eventfds(before + 1);

    mine.reset();
    other.join();

    CHECK(code == Errc::lock_held);
}

TEST_CASE(
    "a child process does not wait for its parent's threads", "[callout_lock]")
{
    std::promise<void> taken;
    std::promise<void> ended;
    std::thread other([&] {
        const CalloutLock lock(script, patience, never);
        taken.set_value();
        ended.get_future().wait();
    });
    taken.get_future().wait();

    const auto outcome = outcome_in_child([]() -> std::string {
        const CalloutLock lock(script, Deadline(milliseconds(0)), never);
        return "free";
    });

    CHECK(outcome == "free");
    CHECK(code_of(Deadline(milliseconds(0)), never) == Errc::timed_out);
    ended.set_value();
    other.join();
}

TEST_CASE("a child that ends its parent's command keeps its own lock",
    "[callout_lock]")
{
    std::optional<CalloutLock> mine(std::in_place, script, patience, never);

    const auto outcome = outcome_in_child([&]() -> std::string {
        const CalloutLock lock(script, Deadline(milliseconds(0)), never);
        mine.reset();
        return code_of(Deadline(milliseconds(0)), never) == Errc::timed_out
            ? "kept"
            : "released";
    });

    CHECK(outcome == "kept");
    CHECK(code_of(Deadline(milliseconds(0)), never) == Errc::timed_out);
}

}
