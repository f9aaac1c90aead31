// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ap_matrix.hpp"
#include "capacity.hpp"
#include "node.hpp"

#include <map>
#include <set>

namespace mdevsim {

struct Device;

/// A parent device, and its directories in the tree.
struct Parent {
    Parent(std::string name_, std::shared_ptr<const Profile> profile_)
        : name(std::move(name_)),
          profile(std::move(profile_)),
          capacity(*profile)
    {
    }

    std::string name;
    std::shared_ptr<const Profile> profile;
    Capacity capacity;
    NodePtr directory;
    std::string power = "auto";
    std::vector<NodePtr> types; ///< directories, like in the profile
    std::map<std::string, Device*> devices;
};

/// A mediated device.
struct Device {
    std::string uuid;
    Parent& parent;
    std::size_t type;
    unsigned group;
    NodePtr directory{};
    bool has_driver = true; ///< uses an instance
    bool is_held = false; ///< a process uses the device through vfio
    bool is_leaving = false; ///< removed, but still in use
    std::string power = "auto";
    std::string vfio_power = "auto"; ///< reports the end of the use
    std::string parameters{}; ///< the type of an NVIDIA device
    ApMatrix matrix{};

    const TypeProfile& type_profile() const
    {
        return parent.profile->types[type];
    }
};

/// Adds power/, for any device in the tree.
void add_power_files(Node& directory, std::string& control);
/// Adds a write-only or writable uevent file that accepts the kernel's actions.
void add_uevent_file(Node& directory, mode_t mode, Show show);
/// Adds the files of this device's driver.
void add_driver_files(Device& device);

/// The numbers of IOMMU groups. A new group gets the lowest free number.
class Groups {
public:
    unsigned take();
    void give_back(unsigned group) { free_.insert(group); }

private:
    std::set<unsigned> free_;
    unsigned next_ = 0;
};

}
