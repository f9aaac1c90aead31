// SPDX-License-Identifier: LGPL-2.1-or-later
// The facts about devices and parents, and names that people write.
#include <mdev/mdev.hpp>

#include <iostream>
#include <unordered_map>

int main(int argc, char** argv)
try {
    const mdev::Environment env(argc > 1 ? argv[1] : "/");

    // For a PCI device, "00:02.0" and "pci_0000_00_02_0" are also accepted.
    const auto parent = mdev::ParentDevice::resolve("MTTY", env);
    if (!parent) {
        std::cout << "There is no such parent\n";
        return 1;
    }
    std::cout << parent->name() << " is " << parent->real_path().string()
              << ", subsystem " << parent->subsystem() << "\n";
    std::cout << "It is listed as " << parent->path().string() << ", its "
              << (parent->driver().empty() ? "driver is not known"
                                           : "driver is " + parent->driver())
              << ", and it has " << parent->other_names().size()
              << " other names\n";

    for (const auto& device : parent->devices())
        std::cout << mdev::word(device.framework()) << " device in "
                  << device.real_path().string() << "\n";

    // UUIDs are keys and can be printed.
    std::unordered_map<mdev::Uuid, std::string> files;
    for (const auto& device : parent->devices()) {
        std::cout << device.uuid() << ": power is "
                  << device.attribute("power/control") << "\n";
        for (const auto& file : device.device_files())
            files[device.uuid()] += " " + file.string();
    }
    for (const auto& [uuid, names] : files)
        std::cout << "A virtual machine opens" << names << "\n";

    // The vendor's name of the type. Its id is mtty-2.
    for (const auto& type :
        mdev::MdevType::all_available("Dual port serial", env))
        std::cout << type.parent() << " has " << type.available_instances()
                  << " available of " << type.id() << "\n";
} catch (const mdev::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
}
