// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "file_descriptor.hpp"
#include "lock_file.hpp"
#include "restraint.hpp"
#include "samples.hpp"

#include <mdev/config_store.hpp>
#include <mdev/manager.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <future>
#include <mutex>
#include <optional>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

namespace {

std::atomic<int> flock_calls = 0;

}

/// Counts the calls of flock. The library is linked after this file, so it
/// calls this function.
extern "C" int flock(int descriptor, int operation) noexcept
{
    ++flock_calls;
    return static_cast<int>(syscall(SYS_flock, descriptor, operation));
}

namespace mdev::test {

namespace fs = std::filesystem;

using std::chrono::milliseconds;

namespace {

/// Returns the store of a system with this timeout for the lock.
ConfigStore store_of(const FakeKernel& kernel, milliseconds limit)
{
    return ConfigStore(kernel.env().with_lock_timeout(limit));
}

fs::path lock_path(const FakeKernel& kernel)
{
    return kernel.root() / "etc/mdevctl.d/.lock";
}

/// Returns how many times this process has a file open.
std::size_t open_times(const fs::path& path)
{
    std::size_t count = 0;
    for (const auto& fd : fs::directory_iterator("/proc/self/fd")) {
        std::error_code ignored;
        count += fs::read_symlink(fd, ignored) == path ? 1 : 0;
    }
    return count;
}

}

TEST_CASE("only the owner may open the lock file", "[store_lock]")
{
    const FakeKernel kernel;

    store_of(kernel, milliseconds(0)).lock();

    CHECK(mode_of(lock_path(kernel)) == 0600);
}

TEST_CASE(
    "other users lose their permissions for the lock file", "[store_lock]")
{
    const FakeKernel kernel;
    put_file(lock_path(kernel));
    fs::permissions(lock_path(kernel), fs::perms(0644));

    store_of(kernel, milliseconds(0)).lock();

    CHECK(mode_of(lock_path(kernel)) == 0600);
}

TEST_CASE("an error of the kernel about the lock is reported", "[store_lock]")
{
    struct Refused {
        unsigned call;
        unsigned error;
        std::string sentence;
        std::string reason;
    };
    const auto refused = GENERATE(
        Refused{SYS_flock, ENOLCK, "Cannot lock ", "No locks available"},
        Refused{
            SYS_fchmod, EPERM, "Cannot protect ", "Operation not permitted"});
    const FakeKernel kernel;
    put_file(lock_path(kernel));
    fs::permissions(lock_path(kernel), fs::perms(0644));

    const auto outcome =
        outcome_without({{refused.call}}, refused.error, [&]() -> std::string {
            store_of(kernel, milliseconds(0)).lock();
            return "locked";
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, starts_with(refused.sentence));
    CHECK_THAT(outcome, contains(refused.reason));
}

TEST_CASE(
    "a process that waits for the lock logs the holder once", "[store_lock]")
{
    const FakeKernel kernel;
    const auto held = store_of(kernel, milliseconds(0)).lock();
    std::vector<std::string> said;
    const auto env = kernel.env()
                         .with_lock_timeout(milliseconds(700))
                         .with_log([&](LogLevel level, auto text) {
                             if (level == LogLevel::info)
                                 said.emplace_back(text);
                         });

    CHECK_THROWS_AS(ConfigStore(env).lock(), Error);

    REQUIRE(said.size() == 1);
    CHECK_THAT(said.front(),
        starts_with("Waiting for process " + std::to_string(getpid()) + " ("));
    CHECK_THAT(
        said.front(), contains("), which holds " + lock_path(kernel).string()));
}

TEST_CASE("the lock file remains when the lock is released", "[store_lock]")
{
    const FakeKernel kernel;
    const auto store = store_of(kernel, milliseconds(0));

    store.lock();

    CHECK(fs::exists(lock_path(kernel)));
    CHECK_NOTHROW(store.lock());
}

TEST_CASE("a link in the place of the lock is not followed", "[store_lock]")
{
    const FakeKernel kernel;
    put_file(kernel.root() / "victim");
    fs::permissions(kernel.root() / "victim", fs::perms(0644));
    put_link(lock_path(kernel), "../../victim");

    const auto error =
        error_of([&] { store_of(kernel, milliseconds(0)).lock(); });

    CHECK(error.cause().value() == EINVAL);
    CHECK(mode_of(kernel.root() / "victim") == 0644);
}

TEST_CASE("without a timeout a held lock fails at once", "[store_lock]")
{
    const FakeKernel kernel;
    const auto store = store_of(kernel, milliseconds(0));
    const auto held = store.lock();

    const auto error = error_of([&] { store.lock(); });

    CHECK(error.code() == Errc::timed_out);
    CHECK(error.subject() == lock_path(kernel).string());
    CHECK_THAT(error.what(),
        starts_with("Cannot lock " + lock_path(kernel).string() + ": "));
}

TEST_CASE("a process waits for the lock until the timeout", "[store_lock]")
{
    const FakeKernel kernel;
    const auto store = store_of(kernel, milliseconds(30));
    const auto held = store.lock();
    const auto begin = std::chrono::steady_clock::now();

    const auto error = error_of([&] { store.lock(); });

    CHECK(error.code() == Errc::timed_out);
    CHECK(std::chrono::steady_clock::now() - begin >= milliseconds(30));
}

TEST_CASE(
    "the message after a timeout names the holder of the lock", "[store_lock]")
{
    const FakeKernel kernel;
    const auto store = store_of(kernel, milliseconds(0));
    const auto held = store.lock();

    const auto message = outcome_in_child([&] {
        store.lock();
        return std::string("locked");
    });

    CHECK_THAT(message,
        contains("process " + std::to_string(getpid()) + " (" + own_name()));
}

TEST_CASE("the lock is held until its last copy is destroyed", "[store_lock]")
{
    const FakeKernel kernel;
    const auto store = store_of(kernel, milliseconds(0));
    auto first = std::make_unique<StoreLock>(store.lock());
    auto copy = std::make_unique<StoreLock>(*first);

    first.reset();
    CHECK_THROWS_AS(store.lock(), Error);
    copy.reset();
    CHECK_NOTHROW(store.lock());
}

TEST_CASE("a waiting writer gets the lock when it is released", "[store_lock]")
{
    const FakeKernel kernel;
    const auto store = store_of(kernel, std::chrono::seconds(20));
    auto held = std::make_unique<StoreLock>(store.lock());
    auto waiting =
        std::async(std::launch::async, [&] { return StoreLock(store.lock()); });

    held.reset();

    CHECK_NOTHROW(waiting.get());
}

TEST_CASE("two threads exclude each other", "[store_lock]")
{
    const FakeKernel kernel;
    const auto store = store_of(kernel, std::chrono::seconds(20));
    std::atomic<int> inside = 0;
    std::atomic<bool> met = false;
    const auto write_often = [&] {
        for (int i = 0; i < 20; ++i) {
            const auto held = store.lock();
            met = met || ++inside > 1;
            std::this_thread::yield();
            --inside;
        }
    };

    std::thread other(write_often);
    write_often();
    other.join();

    CHECK_FALSE(met);
}

TEST_CASE("a started program does not inherit the lock", "[store_lock]")
{
    const FakeKernel kernel;
    const auto store = store_of(kernel, milliseconds(0));
    const auto held = store.lock();

    // Only exec closes the descriptor, because the child does nothing else.
    const auto seen = outcome_in_child([&] {
        std::string inherited = "none";
        for (const auto& fd : fs::directory_iterator("/proc/self/fd")) {
            std::error_code ignored;
            if (fs::read_symlink(fd, ignored) != lock_path(kernel))
                continue;
            const auto flags = file_content(
                "/proc/self/fdinfo/" + fd.path().filename().string());
            const auto at = flags.find("flags:\t") + 7;
            // O_CLOEXEC, in octal
            if ((std::stoul(flags.substr(at), nullptr, 8) & 02000000UL) == 0)
                inherited = fd.path().string();
        }
        return inherited;
    });

    CHECK(seen == "none");
}

TEST_CASE("the lock is opened for writing if the kernel requires it, as on NFS",
    "[store_lock]")
{
    const FakeKernel kernel;
    store_of(kernel, milliseconds(0)).lock();
    const SystemCall writing{SYS_openat, 2, O_RDWR};

    // Two filters: flock(2) always fails here, and the open for writing fails
    // with an error of its own.
    const auto outcome = outcome_in_child([&]() -> std::string {
        forbid({SYS_flock}, EBADF);
        forbid(writing, EROFS);
        store_of(kernel, milliseconds(0)).lock();
        return "locked";
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome ==
        "Cannot write to " + lock_path(kernel).parent_path().string() +
            ": Read-only file system");
}

TEST_CASE("watchers of the store get no event for the lock", "[store_lock]")
{
    const FakeKernel kernel;
    const auto store = store_of(kernel, milliseconds(0));
    store.lock();
    const FileDescriptor events(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    inotify_add_watch(events.number(), lock_path(kernel).parent_path().c_str(),
        IN_CREATE | IN_DELETE | IN_MOVE | IN_CLOSE_WRITE | IN_MODIFY |
            IN_ATTRIB);

    store.lock();

    std::array<char, 1000> buffer{};
    CHECK(read(events.number(), buffer.data(), buffer.size()) < 0);
}

TEST_CASE("the error about a lock that cannot be created has its directory",
    "[store_lock]")
{
    const FakeKernel kernel;
    const auto directory = kernel.root() / "etc/mdevctl.d";
    fs::create_directories(directory);

    const auto outcome = outcome_without(
        {{SYS_openat, 2, O_CREAT}}, EROFS, [&]() -> std::string {
            store_of(kernel, milliseconds(0)).lock();
            return "locked";
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome ==
        "Cannot write to " + directory.string() + ": Read-only file system");
}

TEST_CASE("a lock of another user is refused", "[store_lock]")
{
    const FakeKernel kernel;
    put_file(lock_path(kernel));
    if (chown(lock_path(kernel).c_str(), 1234, 1234) != 0)
        return skip("only root can change the owner of a file");

    const auto error =
        error_of([&] { store_of(kernel, milliseconds(0)).lock(); });

    CHECK(error.subject() == lock_path(kernel).string());
    CHECK_THAT(error.what(),
        starts_with("Cannot use " + lock_path(kernel).string() +
            " as a lock: it belongs to user 1234"));
}

TEST_CASE("a FIFO in the place of the lock is refused", "[store_lock]")
{
    const FakeKernel kernel;
    fs::create_directories(lock_path(kernel).parent_path());
    REQUIRE(mkfifo(lock_path(kernel).c_str(), 0600) == 0);

    CHECK_THAT(
        error_of([&] { store_of(kernel, milliseconds(0)).lock(); }).what(),
        contains("it is not a regular file with a single name; remove it"));
}

TEST_CASE(
    "a process whose lock is removed waits for the new lock", "[store_lock]")
{
    const FakeKernel kernel;
    const auto store = store_of(kernel, std::chrono::seconds(20));
    auto first = std::make_unique<StoreLock>(store.lock());
    auto waiting =
        std::async(std::launch::async, [&] { return StoreLock(store.lock()); });
    while (open_times(lock_path(kernel)) < 2)
        std::this_thread::yield();
    fs::remove(lock_path(kernel));
    auto second = std::make_unique<StoreLock>(store.lock());

    first.reset();

    CHECK(waiting.wait_for(milliseconds(100)) == std::future_status::timeout);
    second.reset();
    CHECK_NOTHROW(waiting.get());
}

TEST_CASE(
    "a process does not wait for a lock that has been removed", "[store_lock]")
{
    const FakeKernel kernel;
    const auto store = store_of(kernel, std::chrono::seconds(20));
    const StoreLock first(store.lock());
    auto waiting =
        std::async(std::launch::async, [&] { return StoreLock(store.lock()); });
    while (open_times(lock_path(kernel)) < 2)
        std::this_thread::yield();

    fs::remove(lock_path(kernel));

    CHECK_NOTHROW(waiting.get());
}

TEST_CASE("a lock file that cannot be examined is an error", "[store_lock]")
{
    const FakeKernel kernel;
    const auto error = GENERATE(unsigned(EIO), unsigned(ENOENT));

    const auto outcome =
        outcome_without({{SYS_newfstatat, 3, AT_SYMLINK_NOFOLLOW}}, error,
            [&]() -> std::string {
                store_of(kernel, milliseconds(0)).lock();
                return "locked";
            });

    if (outcome == cannot_forbid)
        return skip(outcome);
    const auto path = lock_path(kernel).string();
    CHECK(outcome ==
        (error == EIO ? "Cannot examine " + path + ": Input/output error"
                      : "Cannot lock " + path +
                    ": the file was removed repeatedly for 0 ms"));
}

TEST_CASE("a process without threads for waiting tries until the timeout",
    "[store_lock]")
{
    const FakeKernel kernel;
    const auto held = store_of(kernel, milliseconds(0)).lock();

    const auto outcome = outcome_without(
        {{SYS_clone3}, {SYS_clone}}, EAGAIN, [&]() -> std::string {
            store_of(kernel, milliseconds(50)).lock();
            return "locked";
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, contains("50 ms"));
}

TEST_CASE(
    "an error that prevents waiting for the lock is reported", "[store_lock]")
{
    const FakeKernel kernel;
    const auto held = store_of(kernel, milliseconds(0)).lock();

    const auto outcome =
        outcome_without({{SYS_eventfd2}}, EMFILE, [&]() -> std::string {
            store_of(kernel, milliseconds(50)).lock();
            return "locked";
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, starts_with("Cannot wait for a lock"));
    CHECK_THAT(outcome, contains("Too many open files"));
}

TEST_CASE("a lock without an open file has no name", "[store_lock]")
{
    const FakeKernel kernel;
    const auto directory = *Directory::at(kernel.root());

    const auto error =
        error_of([&] { is_name_of(FileDescriptor(), directory, "x"); });

    CHECK(error.code().value() == EBADF);
    CHECK_THAT(error.what(),
        starts_with("Cannot examine " + (kernel.root() / "x").string()));
}

TEST_CASE(
    "a lock in a directory that cannot be searched is an error", "[store_lock]")
{
    const TemporaryDirectory temporary;
    const auto directory = *Directory::at(temporary.path());
    fs::permissions(temporary.path(), fs::perms::none);
    const auto error = [&] {
        const Unprivileged nobody;
        return error_of([&] { check_lock_file(directory, ".lock"); });
    }();

    fs::permissions(temporary.path(), fs::perms::owner_all);
    CHECK(error.code().value() == EACCES);
    CHECK_THAT(error.what(), starts_with("Cannot examine "));
}

TEST_CASE("waiting writers do not poll the lock", "[store_lock]")
{
    constexpr int threads = 16;
    constexpr int definitions = 160;
    FakeKernel kernel;
    const Manager manager(kernel.env());
    std::atomic<std::uint8_t> next = 0;
    std::vector<std::thread> writers;
    flock_calls = 0;

    for (int i = 0; i < threads; ++i)
        writers.emplace_back([&] {
            for (auto n = next++; n < definitions; n = next++)
                manager.define(sample_definition(n));
        });
    for (auto& writer : writers)
        writer.join();

    CHECK(ConfigStore(kernel.env()).all().size() == definitions);
    // One attempt and one wait in the kernel for each definition.
    CHECK(flock_calls <= 2 * definitions);
}

namespace {

/// Returns how many threads of this process wait for a lock. Each has an
/// eventfd.
std::ptrdiff_t waiting_threads()
{
    const fs::directory_iterator descriptors("/proc/self/fd");
    return std::count_if(begin(descriptors), end(descriptors),
        [](const fs::directory_entry& entry) {
            std::error_code gone;
            return fs::read_symlink(entry, gone) == "anon_inode:[eventfd]";
        });
}

}

TEST_CASE("waiting threads get the lock in order", "[store_lock]")
{
    FakeKernel kernel;
    const ConfigStore store(kernel.env());
    auto held = std::make_optional(store.lock());
    const auto before = waiting_threads();
    std::mutex mutex;
    std::vector<int> order;
    std::vector<std::thread> threads;

    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            const auto lock = store.lock();
            const std::lock_guard guard(mutex);
            order.push_back(i);
        });
        while (waiting_threads() != before + i + 1)
            std::this_thread::yield();
        // The thread has its eventfd; let it also enter the queue.
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    held.reset();
    for (auto& thread : threads)
        thread.join();

    CHECK(order == std::vector<int>{0, 1, 2, 3});
}

TEST_CASE("a thread that times out leaves the lock to the next thread",
    "[store_lock]")
{
    FakeKernel kernel;
    const auto hasty =
        kernel.env().with_lock_timeout(std::chrono::milliseconds(50));
    auto held = std::make_optional(ConfigStore(kernel.env()).lock());

    for (int i = 0; i < 3; ++i)
        CHECK(error_of([&] { ConfigStore(hasty).lock(); }).code() ==
            Errc::timed_out);
    std::thread patient([&] { ConfigStore(kernel.env()).lock(); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    held.reset();
    patient.join();

    CHECK_NOTHROW(ConfigStore(kernel.env()).lock());
}

}
