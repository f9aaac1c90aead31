// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "error_of.hpp"
#include "restraint.hpp"
#include "sysfs.hpp"
#include "temporary_directory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

/// A device's directory with a file beside it that must not change.
struct Tree {
    TemporaryDirectory temporary;
    fs::path device = temporary.path() / "device";
    fs::path victim = temporary.path() / "victim";

    Tree()
    {
        put_file(device / "attribute");
        put_file(device / "power/control");
        put_file(victim, "precious");
    }
    void write(const std::string& attribute, std::string_view value) const
    {
        Sysfs().write(*Directory::at(device), attribute, value);
    }
    std::optional<std::string> read(const std::string& attribute) const
    {
        return Sysfs::read(*Directory::at(device), attribute);
    }
    int write_error(const std::string& attribute) const
    {
        return error_of([&] { write(attribute, "1"); }).cause().value();
    }
};

/// Returns the result of a write if openat2 fails with this error.
std::string write_by_steps(
    const Tree& tree, const std::string& attribute, unsigned reason = ENOSYS)
{
    return outcome_without({{SYS_openat2}}, reason, [&]() -> std::string {
        tree.write(attribute, "1");
        return "written";
    });
}

}

TEST_CASE("an attribute is read without blanks around it", "[sysfs]")
{
    const Tree tree;
    put_file(tree.device / "attribute", " \tvfio pci \r\n");

    CHECK(tree.read("attribute") == "vfio pci");
}

TEST_CASE("an attribute of blanks is empty, not missing", "[sysfs]")
{
    const Tree tree;
    put_file(tree.device / "attribute", "\n");

    CHECK(tree.read("attribute") == "");
    CHECK(tree.read("missing") == std::nullopt);
}

TEST_CASE(
    "an attribute with several lines keeps its inner line breaks", "[sysfs]")
{
    const Tree tree;
    put_file(tree.device / "attribute", "a\nb\n\n");

    CHECK(tree.read("attribute") == "a\nb");
}

TEST_CASE("a value is written unchanged", "[sysfs]")
{
    const Tree tree;
    const std::string value(" a\0b\n", 5);

    tree.write("attribute", value);

    CHECK(file_content(tree.device / "attribute") == value);
}

TEST_CASE("an attribute may be in a subdirectory of the device", "[sysfs]")
{
    const Tree tree;

    tree.write("power/control", "on");

    CHECK(file_content(tree.device / "power/control") == "on");
}

TEST_CASE("writing does not create an attribute", "[sysfs]")
{
    const Tree tree;

    CHECK(tree.write_error("missing") == ENOENT);
    CHECK(tree.write_error("missing/control") == ENOENT);
    CHECK(tree.write_error("attribute/x") == ENOTDIR);
    CHECK_FALSE(fs::exists(tree.device / "missing"));
}

TEST_CASE("the error of a failed write names the attribute", "[sysfs]")
{
    const Tree tree;
    const auto path = (tree.device / "missing").string();

    const auto error = error_of([&] { tree.write("missing", "1"); });

    CHECK(error.subject() == path);
    CHECK(std::string(error.what()) ==
        "Cannot open for writing " + path + ": No such file or directory");
}

TEST_CASE("a path above the device cannot be written to", "[sysfs]")
{
    const Tree tree;

    CHECK(tree.write_error("../victim") == EXDEV);
    CHECK(tree.write_error("power/../../victim") == EXDEV);
    CHECK(file_content(tree.victim) == "precious");
}

TEST_CASE("an absolute path cannot be written to", "[sysfs]")
{
    const Tree tree;

    CHECK(tree.write_error(tree.victim.string()) == EXDEV);
    CHECK(file_content(tree.victim) == "precious");
}

TEST_CASE("a write does not follow links", "[sysfs]")
{
    const Tree tree;
    put_link(tree.device / "relative", "../victim");
    put_link(tree.device / "absolute", tree.victim);
    put_link(tree.device / "inner", "attribute");
    put_link(tree.device / "up", "..");

    CHECK(tree.write_error("relative") == ELOOP);
    CHECK(tree.write_error("absolute") == ELOOP);
    CHECK(tree.write_error("inner") == ELOOP);
    CHECK(tree.write_error("up/victim") == ELOOP);
    CHECK(file_content(tree.victim) == "precious");
}

TEST_CASE("a directory is not an attribute", "[sysfs]")
{
    const Tree tree;

    CHECK(tree.write_error("power") == EISDIR);
}

TEST_CASE("a write does not wait for the reader of a FIFO", "[sysfs]")
{
    const Tree tree;
    REQUIRE(mkfifo((tree.device / "fifo").c_str(), 0600) == 0);

    CHECK(tree.write_error("fifo") == ENXIO);
}

TEST_CASE("a FIFO with a reader is also not an attribute", "[sysfs]")
{
    const Tree tree;
    const auto path = tree.device / "fifo";
    REQUIRE(mkfifo(path.c_str(), 0600) == 0);
    const FileDescriptor reader(
        open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));

    CHECK(tree.write_error("fifo") == EINVAL);
}

TEST_CASE("an attribute without write permission is an error", "[sysfs]")
{
    const Tree tree;
    fs::permissions(tree.device / "attribute", fs::perms(0444));
    const Unprivileged nobody;

    CHECK(tree.write_error("attribute") == EACCES);
}

TEST_CASE("the error about a refused value has the value", "[sysfs]")
{
    const Tree tree;
    const FileSizeLimit limit(0);

    const auto error = error_of([&] { tree.write("attribute", "17"); });

    CHECK(error.cause().value() == EFBIG);
    CHECK_THAT(error.what(), starts_with("Cannot write '17' to "));
}

TEST_CASE("a value that is written partly is an error", "[sysfs]")
{
    const Tree tree;
    const FileSizeLimit limit(1);

    CHECK(error_of([&] { tree.write("attribute", "17"); }).cause().value() ==
        EIO);
}

TEST_CASE("an attribute is written to without openat2", "[sysfs]")
{
    const Tree tree;
    const unsigned reason = GENERATE(unsigned(ENOSYS), unsigned(EPERM));

    const auto outcome = write_by_steps(tree, "attribute", reason);

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "written");
    CHECK(file_content(tree.device / "attribute") == "1");
}

TEST_CASE(
    "an attribute in a subdirectory is written to without openat2", "[sysfs]")
{
    const Tree tree;

    const auto outcome = write_by_steps(tree, "power/control");

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "written");
    CHECK(file_content(tree.device / "power/control") == "1");
}

TEST_CASE("without openat2 a write creates no attribute", "[sysfs]")
{
    const Tree tree;
    const std::string attribute =
        GENERATE(as<std::string>(), "missing", "missing/attribute");

    const auto outcome = write_by_steps(tree, attribute);

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, contains("No such file or directory"));
    CHECK_FALSE(fs::exists(tree.device / "missing"));
}

TEST_CASE("without openat2 a write follows no link", "[sysfs]")
{
    const Tree tree;
    put_link(tree.device / "link", "../victim");
    put_link(tree.device / "up", "..");
    const std::string attribute =
        GENERATE(as<std::string>(), "link", "up/victim");

    const auto outcome = write_by_steps(tree, attribute);

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, contains("Too many levels of symbolic links"));
    CHECK(file_content(tree.victim) == "precious");
}

TEST_CASE("without openat2 an absolute path cannot be written to", "[sysfs]")
{
    const Tree tree;

    const auto outcome = write_by_steps(tree, tree.victim.string());

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, contains("Cannot open for writing"));
    CHECK(file_content(tree.victim) == "precious");
}

TEST_CASE(
    "without openat2 a path above the device cannot be written to", "[sysfs]")
{
    const Tree tree;

    const auto outcome = write_by_steps(tree, "../victim");

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, contains("Cannot open for writing"));
    CHECK(file_content(tree.victim) == "precious");
}

TEST_CASE("without a new process, the calling process writes", "[sysfs]")
{
    const Tree tree;
    put_file(tree.device / "remove");

    const auto outcome =
        outcome_without({{SYS_clone3}, {SYS_clone}}, EAGAIN, [&] {
            const bool is_written =
                Sysfs().write_apart(*Directory::at(tree.device), "remove", "1",
                    [](int) { return false; });
            return std::string(is_written ? "written" : "left");
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "written");
    CHECK(file_content(tree.device / "remove") == "1");
}

}
