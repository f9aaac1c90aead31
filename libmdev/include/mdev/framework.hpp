// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

namespace mdev {

/// The framework with which a parent creates devices. New frameworks are
/// appended.
enum class Framework {
    mdev = 1, ///< the kernel's bus of mediated devices
    vendor_vfio = 2, ///< files of a vendor, below a virtual PCI function
};

/// The framework as JSON and the program name it: `mdev` or `vendor-vfio`.
const char* word(Framework framework) noexcept;

}
