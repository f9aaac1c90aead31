// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "directory.hpp"
#include "vendor_note.hpp"

#include <mdev/environment.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// The device that a virtual function is.
struct FunctionDevice {
    Uuid uuid;
    std::string type_id;

    bool operator==(const FunctionDevice&) const = default;
};

/// A virtual PCI function that has the files of a vendor. Reads the files each
/// time: the types that a function offers depend on its siblings.
class VirtualFunction {
public:
    /// Nothing if there is no such function, or it has no such files.
    static std::optional<VirtualFunction> find(
        const Environment& env, const std::string& name);
    static std::vector<VirtualFunction> all(const Environment& env);
    /// The function that has the UUID if it has no valid note.
    static std::optional<VirtualFunction> find_by_address(
        const Environment& env, const Uuid& uuid);

    const std::string& name() const noexcept { return name_; }
    const VendorFiles& files() const noexcept { return *files_; }
    const Directory& directory() const noexcept { return directory_; }
    /// The name of the physical function; empty if it is unknown.
    std::string physical() const;
    /// All virtual functions of the card, this one among them, in the order of
    /// their names.
    std::vector<VirtualFunction> siblings() const;

    /// The type that it has; empty for none. Throws Error.
    std::string current() const;
    /// The types that it can be given now. Throws Error.
    std::vector<VendorType> offered() const;
    /// The note about the function, if the note matches its present state.
    std::optional<VendorNote> valid_note() const;
    /// The device that it is; nothing if it has no type. Without a valid note,
    /// the UUID is that of its address. Reads the type once, because another
    /// program may change it at any time. Throws Error.
    std::optional<FunctionDevice> device() const;
    /// identity_of() its directory.
    std::uint64_t identity() const;

private:
    VirtualFunction(const Environment& env, const VendorFiles& files,
        std::string name, Directory directory);
    std::optional<VendorNote> note_about(const std::string& type_id) const;

    Environment env_;
    const VendorFiles* files_;
    std::string name_;
    Directory directory_;
};

/// The number that tells the directory of a function from the one that it gets
/// when it is removed and made again.
std::uint64_t identity_of(const Directory& function);

/// The directory of all PCI functions.
std::filesystem::path pci_directory(const Environment& env);

/// The known types of a function's card: those that the function and its
/// siblings list now, and those that they have listed before.
std::vector<VendorType> known_types(
    const Environment& env, const std::vector<VirtualFunction>& siblings);

}
