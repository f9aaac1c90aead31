// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "ap_matrix.hpp"
#include "capacity.hpp"
#include "node.hpp"

#include <map>
#include <set>

namespace mdevsim {

struct Device;

/// Hardware that can be divided, and what of it is in the tree.
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
    std::vector<NodePtr> types; ///< directories, as in the profile
    std::map<std::string, Device*> devices;
};

/// A mediated device.
struct Device {
    std::string uuid;
    Parent& parent;
    std::size_t type;
    unsigned group;
    NodePtr directory{};
    bool has_driver = true; ///< and so uses an instance
    bool is_held = false; ///< somebody uses it through vfio
    bool is_leaving = false; ///< removed, but still held
    std::string power = "auto";
    std::string vfio_power = "auto"; ///< of the user's end of it
    std::string parameters{}; ///< of an NVIDIA device
    ApMatrix matrix{};

    const TypeProfile& type_profile() const
    {
        return parent.profile->types[type];
    }
};

/// power/, for anything in the device tree.
void add_power_files(Node& directory, std::string& control);
/// A write-only or writable uevent file that takes the kernel's actions.
void add_uevent_file(Node& directory, mode_t mode, Show show);
/// What the driver of this device adds.
void add_driver_files(Device& device);

/// The numbers of IOMMU groups: always the lowest free one.
class Groups {
public:
    unsigned take();
    void give_back(unsigned group) { free_.insert(group); }

private:
    std::set<unsigned> free_;
    unsigned next_ = 0;
};

}
