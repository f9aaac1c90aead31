// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace mdev {

/// A type as a vendor's file lists it.
struct VendorType {
    std::string id;
    std::string name;
};

/// The files with which one vendor's driver turns a virtual function into a
/// virtual device. Each vendor has one such object.
struct VendorFiles {
    /// For sentences: "NVIDIA".
    std::string_view vendor;
    /// Of the physical function; its virtual functions have the files.
    std::string_view driver;
    /// Lists the types that the function can be given now.
    std::string_view types_file;
    /// Holds the type that the function has; a write changes it.
    std::string_view current_file;
    /// The text that clears the function when it is written.
    std::string_view nothing;
    /// The types in the text of `types_file`, sorted as there.
    std::vector<VendorType> (*parse_types)(std::string_view text);
    /// The id of the type in the text of `current_file`; empty for none.
    std::string (*parse_current)(std::string_view text);
    /// The text to write for a type; empty if `type_id` is not the id of a
    /// type.
    std::string (*written)(const std::string& type_id);
    /// How much of its card a type takes, according to its name in
    /// `types_file`; empty if the name does not say. Usually the devices of a
    /// card must all have one size.
    std::string (*size_in)(std::string_view name);
    /// The command that makes the virtual functions of a physical one.
    std::string (*command_to_make)(const std::string& physical);
    /// What to do where the devices of a card must have one size.
    std::string_view advice_on_sizes;
};

/// Virtual GPUs of NVIDIA's vGPU software 17 and later on Linux 6.8 and later.
extern const VendorFiles nvidia_vgpu;

/// All vendors.
inline constexpr std::array all_vendor_files = {&nvidia_vgpu};

}
