// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mdevsim {

struct TypeProfile {
    std::string id;
    std::string name; ///< empty: the file does not exist
    std::string description; ///< empty: the file does not exist
    unsigned limit = 0; ///< number of instances, if they have no cost
    std::vector<unsigned> cost; ///< of each resource of the parent
    std::string detail; ///< the text that a device of this type shows
};

/// How the types of one parent share its resources.
enum class Sharing {
    pool, ///< each device uses some of the parent's resources
    separate, ///< each type has instances of its own
    homogeneous, ///< the first device determines the type of all others
};

/// The place of a parent in the device tree.
enum class Place { ap, css, pci, virtual_device };

/// The files that a device has in addition to the common ones.
enum class Extras {
    ap_matrix,
    ap_matrix_old,
    i915,
    mbochs,
    mdpy,
    mtty,
    none,
    nvidia
};

/// The properties of a driver and its hardware.
struct Profile {
    std::string name;
    std::string summary; ///< for the help text
    std::string device_api = "vfio-pci";
    std::string module; ///< also used as the driver of a parent on a bus
    std::string driver; ///< the API of the devices
    Place place = Place::virtual_device;
    Extras extras = Extras::none;
    bool has_power = true; ///< s390 kernels have no CONFIG_PM
    /// CONFIG_VFIO_DEVICE_CDEV: a character device for each vfio device.
    bool has_vfio_devices = false;
    /// Newer kernels: a subchannel has a directory for the parent of devices.
    bool has_inner_parent = false;
    int error_when_full = 0;
    Sharing sharing = Sharing::pool;
    std::vector<unsigned> resources;
    std::vector<TypeProfile> types;
};

/// Returns all profiles with a fixed name.
std::vector<Profile> profiles();
/// Returns a profile by its name. plain:N:M makes a profile of this size.
std::optional<Profile> find_profile(const std::string& name);

}
