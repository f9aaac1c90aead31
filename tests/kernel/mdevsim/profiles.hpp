// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace mdevsim {

struct TypeProfile {
    std::string id;
    std::string name; ///< empty: there is no such file
    std::string description; ///< empty: there is no such file
    unsigned limit = 0; ///< instances, where not a matter of cost
    std::vector<unsigned> cost; ///< of each resource of the parent
    std::string detail; ///< what a device of it shows about itself
};

/// How the types of one parent share its resources.
enum class Sharing {
    pool, ///< each device costs some of the parent's resources
    separate, ///< each type has instances of its own
    homogeneous, ///< the first device decides the type of all others
};

/// Where in the device tree a parent lives.
enum class Place { ap, css, pci, virtual_device };

/// Which files a device has beside those that all have.
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

/// What a driver and its hardware look like.
struct Profile {
    std::string name;
    std::string summary; ///< for the help text
    std::string device_api = "vfio-pci";
    std::string module; ///< also the driver of a parent on a bus
    std::string driver; ///< of the devices
    Place place = Place::virtual_device;
    Extras extras = Extras::none;
    bool has_power = true; ///< s390 kernels have no CONFIG_PM
    /// Linux 6.6 and later: a character device for each vfio device.
    bool has_vfio_devices = false;
    int error_when_full = 0;
    Sharing sharing = Sharing::pool;
    std::vector<unsigned> resources;
    std::vector<TypeProfile> types;
};

/// All there are by a fixed name.
std::vector<Profile> profiles();
/// By name; plain:N:M is made to measure.
std::optional<Profile> find_profile(const std::string& name);

}
