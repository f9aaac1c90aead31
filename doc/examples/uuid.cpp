// SPDX-License-Identifier: LGPL-2.1-or-later
// UUIDs: parsed, random, and made from names.
#include <mdev/uuid.hpp>

#include <cstdio>

int main()
{
    const auto uuid = mdev::Uuid::parse("83B8F4F2-509F-382F-3C1E-E6BFE0FA1001");
    if (uuid)
        std::printf("%s\n", uuid->string().c_str());

    if (!mdev::Uuid::parse("83b8f4f2"))
        std::printf("not a UUID\n");

    const auto a = mdev::Uuid::random();
    const auto b = mdev::Uuid::random();
    std::printf("%s\n", a != b ? "different" : "equal");

    // The same name gives the same UUID on every host.
    const auto console = mdev::Uuid::from_name("console");
    std::printf("%s\n", console.string().c_str());
    // A namespace of the program itself.
    std::printf(
        "%s\n", mdev::Uuid::from_name(console, "vm 1").string().c_str());
}
