// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "directory.hpp"
#include "error_of.hpp"
#include "restraint.hpp"
#include "temporary_directory.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <utility>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t plenty = 1024;

Directory open(const TemporaryDirectory& directory)
{
    return *Directory::at(directory.path());
}

std::vector<std::string> names(const Directory& directory)
{
    std::vector<std::string> names;
    for (const auto& entry : directory.entries())
        names.push_back(entry.name);
    std::sort(names.begin(), names.end());
    return names;
}

unsigned under_umask(unsigned mode)
{
    const auto mask = umask(0);
    umask(mask);
    return mode & ~mask;
}

}

TEST_CASE("a directory is opened by its path", "[directory]")
{
    const TemporaryDirectory temporary;

    const auto directory = Directory::at(temporary.path());

    REQUIRE(directory);
    CHECK(directory->path() == temporary.path());
}

TEST_CASE("opening a missing directory returns nothing", "[directory]")
{
    const TemporaryDirectory temporary;

    CHECK_FALSE(Directory::at(temporary.path() / "x"));
    CHECK_FALSE(Directory::at(temporary.path() / "x/y"));
}

TEST_CASE("a file is not a directory", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "x");

    CHECK_FALSE(Directory::at(temporary.path() / "x"));
    CHECK_FALSE(open(temporary).find("x"));
}

TEST_CASE("a directory is closed when another program starts", "[directory]")
{
    const TemporaryDirectory temporary;

    const auto directory = open(temporary);

    CHECK((fcntl(directory.number(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a directory that cannot be opened is an error", "[directory]")
{
    const TemporaryDirectory temporary;
    put_link(temporary.path() / "x", "x");

    const auto error = error_of([&] { Directory::at(temporary.path() / "x"); });

    CHECK(error.cause().value() == ELOOP);
    CHECK(error.subject() == (temporary.path() / "x").string());
}

TEST_CASE("a directory that may not be read is an error", "[directory]")
{
    const TemporaryDirectory temporary;
    fs::create_directory(temporary.path() / "x");
    fs::permissions(temporary.path() / "x", fs::perms::none);
    const auto directory = open(temporary);
    const Unprivileged nobody;

    const auto error = error_of([&] { directory.find("x"); });

    CHECK(error.cause().value() == EACCES);
}

TEST_CASE(
    "a directory is created with its missing parent directories", "[directory]")
{
    const TemporaryDirectory temporary;
    const auto path = temporary.path() / "a/b/c";

    const auto directory = Directory::make(path);

    CHECK(directory.path() == path);
    CHECK(fs::is_directory(path));
    CHECK(mode_of(path) == under_umask(0755));
}

TEST_CASE("an existing directory is not created again", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "x");

    const auto directory = Directory::make(temporary.path());

    CHECK(names(directory) == std::vector<std::string>{"x"});
}

TEST_CASE("a link to a directory counts as a directory", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "real/x");
    put_link(temporary.path() / "link", "real");

    CHECK(names(Directory::make(temporary.path() / "link")) ==
        std::vector<std::string>{"x"});
    CHECK(open(temporary).find("link"));
}

TEST_CASE("no directory is created in the place of a file", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "file");
    put_link(temporary.path() / "dangling", "nowhere");

    CHECK_THROWS_AS(Directory::make(temporary.path() / "file"), Error);
    CHECK_THROWS_AS(Directory::make(temporary.path() / "file/x"), Error);
    CHECK_THROWS_AS(Directory::make(temporary.path() / "dangling"), Error);
}

TEST_CASE("a listing has every entry except . and ..", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / ".hidden");
    put_file(temporary.path() / "file");
    fs::create_directory(temporary.path() / "directory");

    CHECK(names(open(temporary)) ==
        std::vector<std::string>{".hidden", "directory", "file"});
}

TEST_CASE("an entry has its kind", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "a");
    fs::create_directory(temporary.path() / "b");
    put_link(temporary.path() / "c", "b");

    auto entries = open(temporary).entries();

    std::sort(entries.begin(), entries.end(),
        [](const Entry& a, const Entry& b) { return a.name < b.name; });
    REQUIRE(entries.size() == 3);
    CHECK(entries[0].kind == EntryKind::file);
    CHECK(entries[1].kind == EntryKind::directory);
    CHECK(entries[2].kind == EntryKind::other);
}

TEST_CASE("entries can be listed repeatedly", "[directory]")
{
    const TemporaryDirectory temporary;
    const auto directory = open(temporary);
    put_file(temporary.path() / "a");
    const auto before = names(directory);

    put_file(temporary.path() / "b");

    CHECK(before == std::vector<std::string>{"a"});
    CHECK(names(directory) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a thousand entries are listed completely", "[directory]")
{
    const TemporaryDirectory temporary;
    for (int i = 0; i < 1000; ++i)
        put_file(temporary.path() / std::to_string(i));

    CHECK(open(temporary).entries().size() == 1000);
}

TEST_CASE("a removed directory has no entries", "[directory]")
{
    const TemporaryDirectory temporary;
    const auto directory = Directory::make(temporary.path() / "x");
    fs::remove(temporary.path() / "x");

    CHECK(directory.entries().empty());
}

TEST_CASE("a file is read completely", "[directory]")
{
    const TemporaryDirectory temporary;
    const std::string content("a\nb\0c\n", 6);
    put_file(temporary.path() / "x", content);

    CHECK(open(temporary).read("x", plenty) == content);
}

TEST_CASE("an empty file is not a missing file", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "x");

    CHECK(open(temporary).read("x", plenty) == "");
    CHECK(open(temporary).read("y", plenty) == std::nullopt);
    CHECK(open(temporary).read("x/y", plenty) == std::nullopt);
}

TEST_CASE("a file may have as many bytes as the limit says", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "x", std::string(100, 'x'));

    CHECK(open(temporary).read("x", 100)->size() == 100);
}

TEST_CASE("a file beyond the limit is an error", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "x", std::string(101, 'x'));
    const auto path = (temporary.path() / "x").string();

    const auto error = error_of([&] { open(temporary).read("x", 100); });

    CHECK(error.cause().value() == EFBIG);
    CHECK(error.subject() == path);
    CHECK_THAT(error.what(),
        starts_with("Cannot read " + path + ": it has more than 100 bytes"));
}

TEST_CASE("a file whose size is reported as 0 may have contents", "[directory]")
{
    const auto self = Directory::at("/proc/self");

    const auto text = self->read("maps", 1024 * 1024);

    CHECK(text->size() > 100);
    CHECK(text->back() == '\n');
}

TEST_CASE("such a file has the same limit", "[directory]")
{
    const auto self = Directory::at("/proc/self");

    const auto error = error_of([&] { self->read("maps", 100); });

    CHECK(error.cause().value() == EFBIG);
}

TEST_CASE("a link to a file is read", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "x", "content");
    put_link(temporary.path() / "link", "x");

    CHECK(open(temporary).read("link", plenty) == "content");
}

TEST_CASE("a dangling link has no contents", "[directory]")
{
    const TemporaryDirectory temporary;
    put_link(temporary.path() / "link", "nowhere");

    CHECK(open(temporary).read("link", plenty) == std::nullopt);
}

TEST_CASE("a directory cannot be read as a file", "[directory]")
{
    const TemporaryDirectory temporary;
    fs::create_directory(temporary.path() / "x");

    const auto error = error_of([&] { open(temporary).read("x", plenty); });

    CHECK(error.cause().value() == EISDIR);
}

TEST_CASE("a FIFO is refused without waiting for a writer", "[directory]")
{
    const TemporaryDirectory temporary;
    REQUIRE(mkfifo((temporary.path() / "x").c_str(), 0600) == 0);

    const auto error = error_of([&] { open(temporary).read("x", plenty); });

    CHECK(error.cause().value() == EINVAL);
}

TEST_CASE("a FIFO in the place of a file is refused", "[directory]")
{
    const TemporaryDirectory temporary;
    REQUIRE(mkfifo((temporary.path() / "x").c_str(), 0600) == 0);
    std::string buffer;

    const auto error = error_of(
        [&] { open(temporary).read("x", EntryKind::file, plenty, buffer); });

    CHECK(error.cause().value() == EINVAL);
}

TEST_CASE("a directory in the place of a file is refused", "[directory]")
{
    const TemporaryDirectory temporary;
    fs::create_directory(temporary.path() / "x");
    std::string buffer;

    const auto error = error_of(
        [&] { open(temporary).read("x", EntryKind::file, plenty, buffer); });

    CHECK(error.cause().value() == EISDIR);
}

TEST_CASE("a link in the place of a file is followed", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "y", "text");
    fs::create_symlink("y", temporary.path() / "x");
    std::string buffer;

    CHECK(open(temporary).read("x", EntryKind::file, plenty, buffer) == "text");
}

TEST_CASE("one buffer is used for files of any length", "[directory]")
{
    constexpr std::size_t limit = 20000;
    const TemporaryDirectory temporary;
    const std::string large(limit, 'l');
    put_file(temporary.path() / "large", large);
    put_file(temporary.path() / "small", "s");
    put_file(temporary.path() / "empty");
    const auto directory = open(temporary);
    const auto kind = GENERATE(EntryKind::file, EntryKind::other);
    std::string buffer;

    CHECK(directory.read("large", kind, limit, buffer) == large);
    CHECK(directory.read("small", kind, limit, buffer) == "s");
    CHECK(directory.read("empty", kind, limit, buffer) == "");
    CHECK(!directory.read("missing", kind, limit, buffer));
    CHECK(error_of([&] { directory.read("large", kind, limit - 1, buffer); })
              .cause()
              .value() == EFBIG);
}

TEST_CASE("a file without read permission is an error", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "x");
    fs::permissions(temporary.path() / "x", fs::perms::none);
    const auto directory = open(temporary);
    const Unprivileged nobody;

    const auto error = error_of([&] { directory.read("x", plenty); });

    CHECK(error.cause().value() == EACCES);
    CHECK(error.subject() == (temporary.path() / "x").string());
}

TEST_CASE("the target of a link is returned", "[directory]")
{
    const TemporaryDirectory temporary;
    put_link(temporary.path() / "link", "../some/where");

    CHECK(open(temporary).link_target("link") == "../some/where");
}

TEST_CASE("an entry that is not a link has no target", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "file");

    CHECK(open(temporary).link_target("file") == std::nullopt);
    CHECK(open(temporary).link_target("missing") == std::nullopt);
    CHECK(open(temporary).link_target("file/x") == std::nullopt);
}

TEST_CASE("a dangling link exists", "[directory]")
{
    const TemporaryDirectory temporary;
    put_link(temporary.path() / "link", "nowhere");

    CHECK(open(temporary).exists("link"));
    CHECK_FALSE(open(temporary).exists("nowhere"));
}

TEST_CASE("a path is read like a file in a directory", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "x", "content");

    CHECK(read_file(temporary.path() / "x", plenty) == "content");
}

TEST_CASE("a missing path cannot be read", "[directory]")
{
    const TemporaryDirectory temporary;
    const auto path = temporary.path() / "x";

    const auto error = error_of([&] { read_file(path, plenty); });

    CHECK(error.cause().value() == ENOENT);
    CHECK(error.subject() == path.string());
}

TEST_CASE("a directory without write permission is an error", "[directory]")
{
    const TemporaryDirectory temporary;
    fs::permissions(temporary.path(), fs::perms(0555));

    const auto error = [&] {
        const Unprivileged nobody;
        return error_of([&] { Directory::make(temporary.path() / "x"); });
    }();

    fs::permissions(temporary.path(), fs::perms(0755));
    CHECK(std::string(error.what()) ==
        "Cannot create directory " + (temporary.path() / "x").string() +
            ": Permission denied");
}

TEST_CASE("the kernel's error about a directory is reported", "[directory]")
{
    struct Refused {
        unsigned call;
        std::string sentence;
    };
    const auto refused = GENERATE(Refused{SYS_lseek, "Cannot read directory "},
        Refused{SYS_getdents64, "Cannot read directory "},
        Refused{SYS_readlinkat, "Cannot read link "});
    const TemporaryDirectory temporary;
    const auto directory = open(temporary);

    const auto outcome =
        outcome_without({{refused.call}}, EIO, [&]() -> std::string {
            directory.link_target("x");
            directory.entries();
            // Read the directory from the beginning again.
            directory.entries();
            return "read";
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, starts_with(refused.sentence));
    CHECK_THAT(outcome, contains("Input/output error"));
}

TEST_CASE(
    "a file that is removed while it is read counts as missing", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "x", "content");
    const auto directory = open(temporary);

    const auto outcome = outcome_without({{SYS_read}, {SYS_pread64}}, ENODEV,
        [&] { return directory.read("x", plenty).value_or("nothing"); });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "nothing");
}

TEST_CASE("an entry that is replaced during a listing is listed", "[directory]")
{
    // In this test a replaced file moves to the place of the newest file, which
    // tmpfs lists first.
    const fs::path shared = "/dev/shm";
    const auto top = Directory::at(shared);
    if (!top || access(shared.c_str(), W_OK) != 0)
        return skip("there is no tmpfs with write permission");
    const auto path = shared / ("mdev-" + std::to_string(getpid()));
    // So many entries that one getdents64(2) does not return all of them.
    constexpr int count = 2000;
    const auto name = [](int number) {
        return "a-name-that-is-as-long-as-a-uuid-" + std::to_string(number);
    };
    for (int i = 0; i < count; ++i)
        put_file(path / name(i));
    const auto directory = *Directory::at(path);
    std::set<std::string> seen;
    bool is_first = true;

    directory.each_entry_despite_changes(
        [&](std::string_view entry, EntryKind) {
            seen.emplace(entry);
            if (!std::exchange(is_first, false))
                return;
            for (int i = 0; i < count; ++i) {
                put_file(path / ".new");
                fs::rename(path / ".new", path / name(i));
            }
        });

    fs::remove_all(path);
    CHECK(seen.size() == count);
}

TEST_CASE("a directory that does not change is read once", "[directory]")
{
    const TemporaryDirectory temporary;
    put_file(temporary.path() / "x");
    // The clock of the file system has to move on first: until then another
    // change could get the same time.
    const auto directory = open(temporary);
    const auto looks = [&] {
        int count = 0;
        directory.each_entry_despite_changes(
            [&](std::string_view, EntryKind) { ++count; });
        return count;
    };
    while (looks() > 1)
        ;

    CHECK(looks() == 1);
}

TEST_CASE("a new directory is synced to disk", "[directory]")
{
    const TemporaryDirectory temporary;

    const auto outcome =
        outcome_without({{SYS_fsync}}, EIO, [&]() -> std::string {
            Directory::make(temporary.path() / "x");
            return "made";
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome ==
        "Cannot write directory " + temporary.path().string() +
            ": Input/output error");
}

TEST_CASE("a directory that cannot be examined is an error", "[directory]")
{
    const auto calls =
        GENERATE(std::vector<SystemCall>{{SYS_statx}}, calls_of_fstat());
    const TemporaryDirectory temporary;
    const auto directory = open(temporary);

    const auto outcome = outcome_without(calls, EIO, [&]() -> std::string {
        directory.each_entry_despite_changes(
            [](std::string_view, EntryKind) {});
        return directory.is_same(directory) ? "same" : "another";
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome,
        contains(
            "directory " + temporary.path().string() + ": Input/output error"));
}

}
