// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "kernel_interface.hpp"
#include "virtual_function.hpp"

namespace mdev {

/// Virtual PCI functions that become virtual devices by a file of their vendor,
/// without the bus `mdev`. A parent is a function, named by its address. It can
/// have one device, whose directory is that of the function; see
/// vendor_note.hpp for its UUID.
///
/// A function is cleared only if it is known to have the device that the caller
/// means, and if no process has it open: in some drivers, a stale release
/// clears the next device.
class VendorVfio final : public KernelInterface {
public:
    Framework framework() const noexcept override;
    std::vector<std::string> parents(const Environment& env) const override;
    bool has_parent(
        const Environment& env, const std::string& parent) const override;
    std::filesystem::path parent_path(
        const Environment& env, const std::string& parent) const override;

    std::vector<MdevType> types(
        const Environment& env, const std::string& parent) const override;
    std::vector<std::string> type_ids(
        const Environment& env, const std::string& parent) const override;
    std::optional<MdevType> type(const Environment& env,
        const std::string& parent, const std::string& id) const override;
    std::filesystem::path type_path(
        const Access::Impl<MdevType>& type) const override;
    void create(const MdevType& type, const Uuid& uuid) const override;
    void check_create(const MdevType& type) const override;
    Error no_instance_error(const MdevType& type) const override;

    std::optional<Device> find_device(
        const Environment& env, const Uuid& uuid) const override;
    void append_devices(
        const Environment& env, DeviceList& list) const override;
    std::vector<Device> devices_of(
        const Environment& env, const std::string& parent) const override;
    std::filesystem::path device_path(
        const Access::Impl<Device>& device) const override;
    std::optional<Directory> find_directory(
        const Access::Impl<Device>& device) const override;
    bool is_attribute(const Access::Impl<Device>& device,
        const std::string& name) const override;
    void remove(const Access::Impl<Device>& device, const Directory& directory,
        std::chrono::milliseconds limit) const override;
    void check_remove(const Access::Impl<Device>& device) const override;
    bool is_in_removal(const Environment& env, const std::string& parent,
        const Uuid& uuid) const override;
};

/// Why a function cannot be given a type. Throws Error if it cannot be read.
Error refusal(const Environment& env, const VirtualFunction& function,
    const std::string& type_id);

}
