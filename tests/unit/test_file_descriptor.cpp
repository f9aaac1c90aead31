// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "file_descriptor.hpp"

#include <fcntl.h>

namespace mdev::test {

namespace {

int open_null()
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) != -1;
}

}

TEST_CASE("a descriptor is closed with its owner", "[file_descriptor]")
{
    const int fd = open_null();

    {
        const FileDescriptor owner(fd);
    }

    CHECK_FALSE(is_open(fd));
}

TEST_CASE("a descriptor moves to its new owner", "[file_descriptor]")
{
    FileDescriptor first(open_null());
    const int fd = first.number();

    const FileDescriptor second(std::move(first));

    CHECK(second.number() == fd);
    CHECK(is_open(fd));
}

TEST_CASE("an owner that gets a new descriptor closes the old one",
    "[file_descriptor]")
{
    FileDescriptor owner(open_null());
    const int old = owner.number();

    owner = FileDescriptor(open_null());

    CHECK(owner);
    CHECK_FALSE(is_open(old));
}

TEST_CASE("a released descriptor stays open", "[file_descriptor]")
{
    FileDescriptor owner(open_null());

    const int fd = owner.release();

    CHECK_FALSE(owner);
    CHECK(is_open(fd));
    close(fd);
}

TEST_CASE("an empty owner has no descriptor", "[file_descriptor]")
{
    CHECK_FALSE(FileDescriptor());
    CHECK(FileDescriptor().number() == -1);
}

}
