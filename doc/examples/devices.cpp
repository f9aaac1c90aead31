// SPDX-License-Identifier: LGPL-2.1-or-later
// The active devices, as README.md lists them.
#include <mdev/mdev.hpp>

#include <iostream>

int main(int argc, char** argv)
try {
    const mdev::Environment env(argc > 1 ? argv[1] : "/");
    for (const auto& device : mdev::Device::all(env))
        std::cout << device.uuid() << " on " << device.parent() << "\n";
} catch (const mdev::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
}
