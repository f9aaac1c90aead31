// SPDX-License-Identifier: LGPL-2.1-or-later
#include <cstdio>
#include <mdev/mdev.hpp>

int main(int, char** argv)
{
    const mdev::Environment env(argv[1]);
    for (const auto& parent : mdev::ParentDevice::all(env))
        for (const auto& type : parent.types())
            std::printf("%s %s %ld\n", parent.name().c_str(),
                type.id().c_str(), type.available_instances());
}
