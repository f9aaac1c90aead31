// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "catch.hpp"
#include "child.hpp"
#include "device_users.hpp"
#include "restraint.hpp"
#include "temporary_directory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

/// A device in the IOMMU group 42, and processes.
struct Tree {
    TemporaryDirectory temporary;
    fs::path device = temporary.path() / "device";
    fs::path proc = temporary.path() / "proc";

    Tree()
    {
        fs::create_directories(device);
        fs::create_directories(proc);
        put_link(device / "iommu_group", "../../kernel/iommu_groups/42");
    }
    void add_process(const std::string& pid, const std::string& name,
        const std::vector<std::string>& open_files) const
    {
        put_file(proc / pid / "comm", name + "\n");
        fs::create_directories(proc / pid / "fd");
        int number = 0;
        for (const auto& file : open_files)
            put_link(proc / pid / "fd" / std::to_string(number++), file);
    }
    std::string users() const
    {
        return joined(users_of(*Directory::at(device), proc));
    }
};

}

TEST_CASE(
    "a process that has the group of the device open is a user", "[users]")
{
    const Tree tree;
    tree.add_process("172", "qemu-system-x86", {"/dev/null", "/dev/vfio/42"});

    CHECK(tree.users() == "process 172 (qemu-system-x86)");
}

TEST_CASE("a process that has the file of the device open is a user", "[users]")
{
    const Tree tree;
    fs::remove(tree.device / "iommu_group");
    put_file(tree.device / "vfio-dev/vfio3/dev", "511:3\n");
    tree.add_process("9", "cloud-hypervisor", {"/dev/vfio/devices/vfio3"});

    CHECK(tree.users() == "process 9 (cloud-hypervisor)");
}

TEST_CASE(
    "a device without a file of its own is used through its group", "[users]")
{
    const Tree tree;
    fs::create_directories(tree.device / "vfio-dev/vfio3");

    CHECK(vfio_files(*Directory::at(tree.device)) ==
        std::vector<std::string>{"/dev/vfio/42"});
}

TEST_CASE("a script that cannot be killed is named like a user", "[users]")
{
    const auto reason = [](int pid) {
        return callout_result("/script",
            {ProcessResult::End::stuck, pid, "", ""},
            std::chrono::milliseconds(5))
            .reason();
    };
    const auto self =
        describe_process(*Directory::at("/proc"), std::to_string(getpid()));

    CHECK_THAT(reason(getpid()), contains("and " + self + " cannot be killed"));
    CHECK_THAT(reason(-1), contains("and process -1 cannot be killed"));
}

TEST_CASE("a process that has other files open is not a user", "[users]")
{
    const Tree tree;
    tree.add_process("172", "qemu",
        {"/dev/vfio/vfio", "/dev/vfio/4", "/dev/vfio/421", "socket:[42]"});

    CHECK(tree.users().empty());
}

TEST_CASE("several users are separated by commas", "[users]")
{
    const Tree tree;
    tree.add_process("1", "a", {"/dev/vfio/42"});
    tree.add_process("2", "b", {"/dev/vfio/42", "/dev/vfio/42"});

    const auto users = tree.users();

    CHECK_THAT(users, contains("process 1 (a)"));
    CHECK_THAT(users, contains("process 2 (b)"));
    CHECK(users.size() == std::string("process 1 (a), process 2 (b)").size());
}

TEST_CASE("an entry of /proc that is not a process is not a user", "[users]")
{
    const Tree tree;
    tree.add_process("self", "a", {"/dev/vfio/42"});
    put_file(tree.proc / "locks");
    put_file(tree.proc / "12");

    CHECK(tree.users().empty());
}

TEST_CASE("a process with unreadable files is not a user", "[users]")
{
    const Tree tree;
    tree.add_process("1", "a", {"/dev/vfio/42"});
    put_file(tree.proc / "2/comm", "b\n");
    put_link(tree.proc / "2/fd", "fd");
    put_file(tree.proc / "3/comm", "c\n");

    CHECK(tree.users() == "process 1 (a)");
}

TEST_CASE("a user without a name is reported by its number", "[users]")
{
    const Tree tree;
    tree.add_process("1", "a", {"/dev/vfio/42"});
    fs::remove(tree.proc / "1/comm");

    CHECK(tree.users() == "process 1");
}

TEST_CASE("a device without a group has no users", "[users]")
{
    const Tree tree;
    fs::remove(tree.device / "iommu_group");
    tree.add_process("1", "a", {"/dev/vfio/42", "/dev/vfio/"});

    CHECK(tree.users().empty());
}

TEST_CASE("a system without visible processes has no users", "[users]")
{
    const Tree tree;
    fs::remove_all(tree.proc);

    CHECK(tree.users().empty());
}

TEST_CASE("processes that cannot be listed are not users", "[users]")
{
    const Tree tree;
    tree.add_process("1", "a", {"/dev/vfio/42"});
    fs::permissions(tree.proc, fs::perms::none);

    const auto users = [&] {
        const Unprivileged nobody;
        return tree.users();
    }();

    fs::permissions(tree.proc, fs::perms::owner_all);
    CHECK(users.empty());
}

TEST_CASE("a device whose files are unknown has no users", "[users]")
{
    const Tree tree;
    tree.add_process("1", "a", {"/dev/vfio/42"});
    put_link(tree.device / "vfio-dev", "vfio-dev");

    CHECK(tree.users().empty());
}

TEST_CASE("without /proc a process has only its number", "[users]")
{
    const auto outcome = outcome_without({{SYS_openat, 2, O_DIRECTORY}}, EACCES,
        [] { return describe_process("172"); });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "process 172");
}

}
