// SPDX-License-Identifier: LGPL-2.1-or-later
#include "atomic_file.hpp"
#include "catch.hpp"
#include "child.hpp"
#include "error_of.hpp"
#include "restraint.hpp"
#include "temporary_directory.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <optional>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <thread>
#include <unistd.h>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

constexpr const char* leftover = ".mdevctl-new";

void replace_file(const Directory& directory, const std::string& name,
    std::string_view content)
{
    mdev::replace_file(directory, name, content, [](const auto&) {});
}

std::optional<std::string> attribute(
    const fs::path& path, const std::string& name)
{
    std::string value(1000, '\0');
    const auto size =
        getxattr(path.c_str(), name.c_str(), value.data(), value.size());
    if (size < 0)
        return {};
    value.resize(static_cast<std::size_t>(size));
    return value;
}

bool set_attribute(
    const fs::path& path, const std::string& name, const std::string& value)
{
    return setxattr(
               path.c_str(), name.c_str(), value.data(), value.size(), 0) == 0;
}

constexpr const char* acl = "system.posix_acl_access";
constexpr const char* default_acl = "system.posix_acl_default";

/// An ACL that lets user 1234 read: user::rw-, user:1234:r--, group::---,
/// mask::r--, other::---.
std::string reader_acl()
{
    struct Entry {
        std::uint16_t tag;
        std::uint16_t permissions;
        std::uint32_t id;
    };
    constexpr auto nobody = ~std::uint32_t(0);
    const std::array<Entry, 5> entries{{{1, 6, nobody}, {2, 4, 1234},
        {4, 0, nobody}, {16, 4, nobody}, {32, 0, nobody}}};
    const std::uint32_t version = 2;
    std::string text(reinterpret_cast<const char*>(&version), sizeof version);
    text.append(reinterpret_cast<const char*>(entries.data()), sizeof entries);
    return text;
}

/// A directory to write to.
struct Place {
    TemporaryDirectory temporary;
    Directory directory = *Directory::at(temporary.path());

    fs::path path(const std::string& name) const
    {
        return temporary.path() / name;
    }
    Names names() const { return names_in(temporary.path()); }
};

unsigned under_umask(unsigned mode)
{
    const auto mask = umask(0);
    umask(mask);
    return mode & ~mask;
}

/// Returns the name of each event of these kinds that watchers of a directory
/// receive while `action` runs.
Names seen(const fs::path& directory, std::uint32_t kinds,
    const std::function<void()>& action)
{
    const FileDescriptor events(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    inotify_add_watch(events.number(), directory.c_str(), kinds);
    action();
    alignas(inotify_event) std::array<char, 4096> buffer{};
    const auto got = read(events.number(), buffer.data(), buffer.size());
    Names names;
    for (ssize_t at = 0; at < got;) {
        const auto* event =
            reinterpret_cast<const inotify_event*>(buffer.data() + at);
        names.emplace_back(event->name);
        at += static_cast<ssize_t>(sizeof *event + event->len);
    }
    return names;
}

/// Returns the names of the new files that watchers of a directory see.
Names appearing(const fs::path& directory, const std::function<void()>& action)
{
    return seen(directory, IN_CREATE | IN_MOVED_TO, action);
}

bool has_unnamed_files(const fs::path& directory)
{
    const FileDescriptor fd(
        open(directory.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600));
    return static_cast<bool>(fd);
}

/// Like the function above, for work that returns whether it has changed
/// something.
std::string outcome_without(const std::vector<SystemCall>& calls,
    unsigned error, const std::function<bool()>& work)
{
    return outcome_without(calls, error,
        [&]() -> std::string { return work() ? "true" : "false"; });
}

// The bit of O_TMPFILE that is not part of O_DIRECTORY.
constexpr SystemCall unnamed_file{SYS_openat, 2, O_TMPFILE & ~O_DIRECTORY};

class SmallFileSystem {
public:
    explicit SmallFileSystem(const fs::path& path)
        : path_(path),
          mounted_(mount("tmpfs", path.c_str(), "tmpfs", MS_NOSUID | MS_NODEV,
                       "size=64k,mode=0755") == 0)
    {
    }
    SmallFileSystem(const SmallFileSystem&) = delete;
    SmallFileSystem& operator=(const SmallFileSystem&) = delete;
    ~SmallFileSystem()
    {
        if (mounted_)
            umount2(path_.c_str(), MNT_DETACH);
    }

    bool is_there() const noexcept { return mounted_; }

private:
    fs::path path_;
    bool mounted_;
};

}

TEST_CASE("a new file has its content, and no other file is beside it",
    "[atomic_file]")
{
    const Place place;

    const bool created = create_file(place.directory, "x", "content");

    CHECK(created);
    CHECK(file_content(place.path("x")) == "content");
    CHECK(place.names() == Names{"x"});
}

TEST_CASE("all users may read a new file", "[atomic_file]")
{
    const Place place;

    create_file(place.directory, "x", "content");

    CHECK(mode_of(place.path("x")) == under_umask(0644));
}

TEST_CASE("a file with a name that exists is not created", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"), "old");

    const bool created = create_file(place.directory, "x", "new");

    CHECK_FALSE(created);
    CHECK(file_content(place.path("x")) == "old");
    CHECK(place.names() == Names{"x"});
}

TEST_CASE("a dangling link also occupies its name", "[atomic_file]")
{
    const Place place;
    put_link(place.path("x"), "nowhere");

    CHECK_FALSE(create_file(place.directory, "x", "new"));
    CHECK(place.names() == Names{"x"});
}

TEST_CASE("a new file appears in one step", "[atomic_file]")
{
    const Place place;
    if (!has_unnamed_files(place.temporary.path()))
        return skip("this file system has no O_TMPFILE");

    const auto seen = appearing(place.temporary.path(),
        [&] { create_file(place.directory, "x", "content"); });

    CHECK(seen == Names{"x"});
}

TEST_CASE("watchers see one event when a file is replaced", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"), "old");

    constexpr std::uint32_t reads = IN_OPEN | IN_ACCESS | IN_CLOSE_NOWRITE;
    const auto names = seen(place.temporary.path(), IN_ALL_EVENTS & ~reads,
        [&] { replace_file(place.directory, "x", "content"); });

    CHECK(std::count(names.begin(), names.end(), "x") == 1);
}

TEST_CASE("creating a file removes the temporary file of a killed writer",
    "[atomic_file]")
{
    const Place place;
    put_file(place.path(leftover), "half");

    create_file(place.directory, "x", "content");

    CHECK(place.names() == Names{"x"});
}

TEST_CASE("a file is created without unnamed files", "[atomic_file]")
{
    const Place place;

    const auto outcome = outcome_without({unnamed_file}, EOPNOTSUPP,
        [&] { return create_file(place.directory, "x", "content"); });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "true");
    CHECK(file_content(place.path("x")) == "content");
    CHECK(place.names() == Names{"x"});
}

TEST_CASE("an existing name is detected without unnamed files", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"), "old");

    const auto outcome = outcome_without({unnamed_file}, EOPNOTSUPP,
        [&] { return create_file(place.directory, "x", "content"); });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "false");
    CHECK(file_content(place.path("x")) == "old");
    CHECK(place.names() == Names{"x"});
}

TEST_CASE(
    "a file is created where unnamed files cannot be linked", "[atomic_file]")
{
    const Place place;

    const auto outcome = outcome_without({{SYS_linkat}}, ENOENT,
        [&] { return create_file(place.directory, "x", "content"); });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "true");
    CHECK(file_content(place.path("x")) == "content");
}

TEST_CASE(
    "a file is created where renames have no flags, as on NFS", "[atomic_file]")
{
    const Place place;

    // NFS and 9p have neither O_TMPFILE nor RENAME_NOREPLACE.
    const auto outcome =
        outcome_without({unnamed_file, {SYS_renameat2, 4, ~0U}}, EINVAL,
            [&] { return create_file(place.directory, "x", "content"); });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "true");
    CHECK(place.names() == Names{"x"});
}

TEST_CASE(
    "a file that cannot be synced to disk is not created", "[atomic_file]")
{
    const Place place;

    const auto outcome = outcome_without({{SYS_fsync}}, EIO,
        [&] { return create_file(place.directory, "x", "content"); });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, contains("Input/output error"));
    CHECK(place.names().empty());
}

TEST_CASE(
    "a file too large for its file system is not created", "[atomic_file]")
{
    const Place place;
    const FileSizeLimit limit(1000);

    const auto error = error_of(
        [&] { create_file(place.directory, "x", std::string(2000, 'x')); });

    CHECK(error.cause().value() == EFBIG);
    CHECK(error.subject() == place.path("x").string());
    CHECK(place.names().empty());
}

TEST_CASE("no file is created in a directory without write permission",
    "[atomic_file]")
{
    const Place place;
    fs::permissions(place.temporary.path(), fs::perms(0555));
    const Unprivileged nobody;

    const auto error =
        error_of([&] { create_file(place.directory, "x", "content"); });

    CHECK(error.cause().value() == EACCES);
    CHECK(place.names().empty());
}

TEST_CASE("a replaced file has the new content", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"), "the old and longer content");

    replace_file(place.directory, "x", "new");

    CHECK(file_content(place.path("x")) == "new");
    CHECK(place.names() == Names{"x"});
}

TEST_CASE("replacing a missing file creates the file", "[atomic_file]")
{
    const Place place;

    replace_file(place.directory, "x", "new");

    CHECK(file_content(place.path("x")) == "new");
    CHECK(mode_of(place.path("x")) == under_umask(0644));
}

TEST_CASE("a replaced file has a new inode", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"), "old");
    const FileDescriptor reader(
        open(place.path("x").c_str(), O_RDONLY | O_CLOEXEC));

    replace_file(place.directory, "x", "new");

    std::array<char, 3> content{};
    CHECK(read(reader.number(), content.data(), content.size()) == 3);
    CHECK(std::string(content.data(), 3) == "old");
}

TEST_CASE("a replaced file keeps its mode", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"), "old");
    const unsigned mode = GENERATE(0600U, 0640U, 0666U, 0755U);
    fs::permissions(place.path("x"), fs::perms(mode));

    replace_file(place.directory, "x", "new");

    CHECK(mode_of(place.path("x")) == mode);
}

TEST_CASE("a replaced file keeps its owner", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"), "old");
    if (chown(place.path("x").c_str(), 1234, 5678) != 0)
        return skip("only root can change the owner of a file");
    fs::permissions(place.path("x"), fs::perms(0640));

    replace_file(place.directory, "x", "new");

    struct stat about {};
    REQUIRE(stat(place.path("x").c_str(), &about) == 0);
    CHECK(about.st_uid == 1234);
    CHECK(about.st_gid == 5678);
    CHECK((about.st_mode & 07777U) == 0640U);
}

TEST_CASE(
    "replacing a link leaves the link's target unchanged", "[atomic_file]")
{
    const Place place;
    put_file(place.path("target"), "old");
    put_link(place.path("x"), "target");

    replace_file(place.directory, "x", "new");

    CHECK_FALSE(fs::is_symlink(place.path("x")));
    CHECK(file_content(place.path("x")) == "new");
    CHECK(file_content(place.path("target")) == "old");
}

TEST_CASE("a file that replaces a link has the mode of the link's target",
    "[atomic_file]")
{
    const Place place;
    put_file(place.path("target"), "old");
    fs::permissions(place.path("target"), fs::perms(0600));
    put_link(place.path("x"), "target");

    replace_file(place.directory, "x", "new");

    CHECK(mode_of(place.path("x")) == 0600);
}

TEST_CASE("a file that replaces a dangling link has the default mode",
    "[atomic_file]")
{
    const Place place;
    put_link(place.path("x"), "x");
    put_link(place.path("y"), "nowhere");

    replace_file(place.directory, "x", "new");
    replace_file(place.directory, "y", "new");

    CHECK(mode_of(place.path("x")) == under_umask(0644));
    CHECK(mode_of(place.path("y")) == under_umask(0644));
}

TEST_CASE("replacing a file removes the temporary file of a killed writer",
    "[atomic_file]")
{
    const Place place;
    put_file(place.path(leftover), "a half-written file that is longer");
    fs::permissions(place.path(leftover), fs::perms::none);

    replace_file(place.directory, "x", "new");

    CHECK(file_content(place.path("x")) == "new");
    CHECK(place.names() == Names{"x"});
}

TEST_CASE("a link with the name of the temporary file is not followed",
    "[atomic_file]")
{
    const Place place;
    put_file(place.path("victim"), "precious");
    put_link(place.path(leftover), "victim");

    replace_file(place.directory, "x", "new");

    CHECK(file_content(place.path("victim")) == "precious");
    CHECK(place.names() == Names{"victim", "x"});
}

TEST_CASE(
    "a file too large for its file system leaves the old one", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"), "old");
    const FileSizeLimit limit(1000);

    const auto error = error_of(
        [&] { replace_file(place.directory, "x", std::string(2000, 'x')); });

    CHECK(error.cause().value() == EFBIG);
    CHECK(file_content(place.path("x")) == "old");
    CHECK(place.names() == Names{"x"});
}

TEST_CASE("a full file system leaves the old file", "[atomic_file]")
{
    const Place outer;
    const SmallFileSystem small(outer.temporary.path());
    if (!small.is_there())
        return skip("only root can mount a file system");
    const auto directory = *Directory::at(outer.temporary.path());
    put_file(outer.path("x"), "old");

    const auto error = error_of(
        [&] { replace_file(directory, "x", std::string(100000, 'x')); });

    CHECK(error.cause().value() == ENOSPC);
    CHECK(file_content(outer.path("x")) == "old");
    CHECK(outer.names() == Names{"x"});
}

TEST_CASE("a full file system leaves no new file behind", "[atomic_file]")
{
    const Place outer;
    const SmallFileSystem small(outer.temporary.path());
    if (!small.is_there())
        return skip("only root can mount a file system");
    const auto directory = *Directory::at(outer.temporary.path());

    const auto error = error_of(
        [&] { create_file(directory, "x", std::string(100000, 'x')); });

    CHECK(error.cause().value() == ENOSPC);
    CHECK(outer.names().empty());
}

TEST_CASE("a failed fsync leaves the old file", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"), "old");

    const auto outcome = outcome_without({{SYS_fsync}}, EIO, [&] {
        replace_file(place.directory, "x", "new");
        return true;
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, contains("Input/output error"));
    CHECK(file_content(place.path("x")) == "old");
    CHECK(place.names() == Names{"x"});
}

TEST_CASE("a directory cannot be replaced by a file", "[atomic_file]")
{
    const Place place;
    fs::create_directory(place.path("x"));

    const auto error =
        error_of([&] { replace_file(place.directory, "x", "new"); });

    CHECK(error.cause().value() == EISDIR);
    CHECK(place.names() == Names{"x"});
}

TEST_CASE("a reader sees either the whole old file or the whole new file",
    "[atomic_file]")
{
    const Place place;
    const std::string old(3000, 'a');
    const std::string fresh(5000, 'b');
    put_file(place.path("x"), old);
    std::atomic<bool> done = false;
    std::thread writer([&] {
        for (int i = 0; i < 50; ++i)
            replace_file(place.directory, "x", i % 2 == 0 ? fresh : old);
        done = true;
    });

    bool whole = true;
    while (!done) {
        const auto seen = place.directory.read("x", 10000);
        whole = whole && seen && (*seen == old || *seen == fresh);
    }

    writer.join();
    CHECK(whole);
}

TEST_CASE("a removed file no longer exists", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"));

    CHECK(remove_file(place.directory, "x"));
    CHECK(place.names().empty());
}

TEST_CASE("removing a missing file is not an error", "[atomic_file]")
{
    const Place place;

    CHECK_FALSE(remove_file(place.directory, "x"));
}

TEST_CASE("removing a link leaves the link's target unchanged", "[atomic_file]")
{
    const Place place;
    put_file(place.path("target"));
    put_link(place.path("x"), "target");

    CHECK(remove_file(place.directory, "x"));
    CHECK(place.names() == Names{"target"});
}

TEST_CASE("the function for files does not remove a directory", "[atomic_file]")
{
    const Place place;
    fs::create_directory(place.path("x"));

    const auto error = error_of([&] { remove_file(place.directory, "x"); });

    CHECK(error.cause().value() == EISDIR);
    CHECK(place.names() == Names{"x"});
}

TEST_CASE("removing a temporary file that does not exist is not an error",
    "[atomic_file]")
{
    const Place place;

    CHECK_NOTHROW(remove_leftover(place.directory));
}

TEST_CASE("an error of the kernel while a file is created is reported",
    "[atomic_file]")
{
    const auto refused =
        GENERATE(SystemCall{SYS_linkat}, SystemCall{SYS_openat, 2, O_TMPFILE});
    const Place place;

    const auto outcome = outcome_without({refused}, EPERM,
        [&] { return create_file(place.directory, "x", "content"); });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome ==
        "Cannot create " + place.path("x").string() +
            ": Operation not permitted");
    CHECK(place.names().empty());
}

TEST_CASE("an error of the kernel while a file is replaced is reported",
    "[atomic_file]")
{
    struct Refused {
        std::vector<SystemCall> calls;
        std::string beginning;
    };
    const auto refused =
        GENERATE(Refused{{{SYS_openat, 2, O_EXCL}}, "Cannot create "},
            Refused{{{SYS_fchmod}}, "Cannot keep the mode of "},
            Refused{{{SYS_flistxattr}}, "Cannot read the attributes of "},
            Refused{{{SYS_fgetxattr}}, "Cannot read attribute user.note of "},
            Refused{calls_of_fstat(), "Cannot replace "},
            Refused{{{SYS_fremovexattr}}, "Cannot remove the default ACL of "});
    const Place place;
    put_file(place.path("x"), "old");
    fs::permissions(place.path("x"), fs::perms(0640));
    if (!set_attribute(place.path("x"), "user.note", "mine"))
        return skip("this file system has no attributes");

    const auto outcome = outcome_without(refused.calls, EPERM, [&] {
        replace_file(place.directory, "x", "new");
        return true;
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, starts_with(refused.beginning));
    CHECK_THAT(outcome, contains("Operation not permitted"));
    CHECK(file_content(place.path("x")) == "old");
    CHECK(place.names() == Names{"x"});
}

TEST_CASE("an owner that cannot be kept is an error", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"), "old");
    if (chown(place.path("x").c_str(), 1, 1) != 0)
        return skip("only root can change the owner of a file");

    const auto outcome = outcome_without({{SYS_fchown}}, EPERM, [&] {
        replace_file(place.directory, "x", "new");
        return true;
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome ==
        "Cannot keep the owner of " + place.path("x").string() +
            ": Operation not permitted");
    CHECK(file_content(place.path("x")) == "old");
}

TEST_CASE("a removal that may not be durable is reported", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"), "old");

    const auto outcome = outcome_without(
        {{SYS_fsync}}, EIO, [&] { return remove_file(place.directory, "x"); });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome ==
        place.path("x").string() +
            " is removed, but the change may be lost if the host crashes: "
            "Cannot write directory " +
            place.temporary.path().string() + ": Input/output error");
    CHECK(place.names().empty());
}

TEST_CASE("a replaced file keeps its ACL and attributes", "[atomic_file]")
{
    const Place place;
    const auto path = place.path("x");
    put_file(path, "old");
    fs::permissions(path, fs::perms(0600));
    if (!set_attribute(path, acl, reader_acl()) ||
        !set_attribute(path, "user.note", "mine"))
        return skip("this file system has no ACLs");
    REQUIRE(mode_of(path) == 0640);

    replace_file(place.directory, "x", "new");

    CHECK(file_content(path) == "new");
    CHECK(attribute(path, acl) == reader_acl());
    CHECK(attribute(path, "user.note") == "mine");
    CHECK(mode_of(path) == 0640);
}

TEST_CASE("a replaced file does not get the default ACL of its directory",
    "[atomic_file]")
{
    const Place place;
    const auto path = place.path("x");
    put_file(path, "old");
    fs::permissions(path, fs::perms(0640));
    if (!set_attribute(place.temporary.path(), default_acl, reader_acl()))
        return skip("this file system has no ACLs");

    replace_file(place.directory, "x", "new");

    CHECK_FALSE(attribute(path, acl));
    CHECK(mode_of(path) == 0640);
}

TEST_CASE(
    "an ACL that cannot be preserved leaves the old file", "[atomic_file]")
{
    const Place place;
    const auto path = place.path("x");
    put_file(path, "old");
    if (!set_attribute(path, acl, reader_acl()))
        return skip("this file system has no ACLs");

    const auto outcome = outcome_without({{SYS_fsetxattr}}, ENOTSUP, [&] {
        replace_file(place.directory, "x", "new");
        return true;
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome ==
        "Cannot keep the attribute system.posix_acl_access of " +
            path.string() + ": Operation not supported");
    CHECK(file_content(path) == "old");
    CHECK(place.names() == Names{"x"});
}

TEST_CASE(
    "an attribute that cannot be preserved causes a warning", "[atomic_file]")
{
    const Place place;
    const auto path = place.path("x");
    put_file(path, "old");
    if (!set_attribute(path, "user.note", "mine"))
        return skip("this file system has no attributes");

    const auto outcome =
        outcome_without({{SYS_fsetxattr}}, ENOSPC, [&]() -> std::string {
            std::string warnings;
            mdev::replace_file(place.directory, "x", "new",
                [&](const std::string& text) { warnings += text; });
            return warnings;
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome ==
        "Cannot keep the attribute user.note of " + path.string() +
            ": No space left on device");
    CHECK(file_content(path) == "new");
}

TEST_CASE("an error about a read-only file system names the directory",
    "[atomic_file]")
{
    const unsigned error = GENERATE(
        unsigned(EROFS), unsigned(EACCES), unsigned(ENOSPC), unsigned(EDQUOT));
    const auto call = GENERATE(SystemCall{SYS_openat, 2, O_CREAT | O_TMPFILE},
        SystemCall{SYS_unlinkat}, SystemCall{SYS_renameat});
    const Place place;
    put_file(place.path("x"), "old");
    put_file(place.path(".mdevctl-new"), "left over");

    const auto outcome = outcome_without({call}, error, [&] {
        replace_file(place.directory, "x", "new");
        return true;
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome,
        starts_with(
            "Cannot write to " + place.temporary.path().string() + ": "));
}

TEST_CASE(
    "a file whose attributes cannot be read is not replaced", "[atomic_file]")
{
    const Place place;
    put_file(place.path("x"), "old");
    const auto error = [&] {
        const Unprivileged nobody;
        return error_of([&] { replace_file(place.directory, "x", "new"); });
    };

    SECTION("because of its mode")
    {
        fs::permissions(place.path("x"), fs::perms::none);
        CHECK_THAT(
            error().what(), starts_with("Cannot read the attributes of "));
    }
    SECTION("because of the mode of its directory")
    {
        fs::permissions(place.temporary.path(), fs::perms::none);
        CHECK_THAT(
            error().what(), starts_with("Cannot read the attributes of "));
    }
    fs::permissions(place.temporary.path(), fs::perms::owner_all);
    fs::permissions(place.path("x"), fs::perms::owner_all);
    CHECK(file_content(place.path("x")) == "old");
}

TEST_CASE("an ACL that a new file has already is kept", "[atomic_file]")
{
    const Place place;
    const auto path = place.path("x");
    if (!set_attribute(
            place.temporary.path(), "system.posix_acl_default", reader_acl()))
        return skip("this file system has no ACLs");
    put_file(path, "old");

    const auto outcome = outcome_without({{SYS_fsetxattr}}, ENOTSUP, [&] {
        replace_file(place.directory, "x", "new");
        return true;
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "true");
    CHECK(file_content(path) == "new");
}

}
