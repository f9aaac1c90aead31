// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "device_impl.hpp"
#include "mdev_type_impl.hpp"

#include <mdev/error.hpp>
#include <mdev/framework.hpp>

#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace mdev {

/// The files by which a kernel shows parents, types and devices. There is one
/// implementation for each framework; ParentDevice, MdevType and Device call
/// the implementation that they belong to, and the code above them does not
/// know which one that is.
///
/// The implementations have no state: an Environment says where the files are.
class KernelInterface {
public:
    KernelInterface() = default;
    KernelInterface(const KernelInterface&) = delete;
    KernelInterface& operator=(const KernelInterface&) = delete;

    virtual Framework framework() const noexcept = 0;

    /// The names of all parents, in any order.
    virtual std::vector<std::string> parents(const Environment& env) const = 0;
    virtual bool has_parent(
        const Environment& env, const std::string& parent) const = 0;

    /// The directory of a parent, or a link to it.
    virtual std::filesystem::path parent_path(
        const Environment& env, const std::string& parent) const = 0;

    /// The types of a parent, in any order. Types that cannot be read are
    /// omitted with a warning.
    virtual std::vector<MdevType> types(
        const Environment& env, const std::string& parent) const = 0;
    /// The ids alone, which is less work.
    virtual std::vector<std::string> type_ids(
        const Environment& env, const std::string& parent) const = 0;
    /// Nothing if the parent does not offer the type. Throws Error as
    /// ParentDevice::type() does.
    virtual std::optional<MdevType> type(const Environment& env,
        const std::string& parent, const std::string& id) const = 0;
    /// type() for the creation of a device, which may lack all but the number
    /// of available instances: people read the rest.
    virtual std::optional<MdevType> type_to_create(const Environment& env,
        const std::string& parent, const std::string& id) const
    {
        return type(env, parent, id);
    }
    virtual std::filesystem::path type_path(
        const Access::Impl<MdevType>& type) const = 0;
    /// MdevType::create(), without its result.
    virtual void create(const MdevType& type, const Uuid& uuid) const = 0;
    /// Makes the checks of create(), and checks whether the kernel lets this
    /// process write: for dry runs. Throws Error.
    virtual void check_create(const MdevType& type) const = 0;
    /// Why no device of a type can be created that has no available instance.
    virtual Error no_instance_error(const MdevType& type) const = 0;

    virtual std::optional<Device> find_device(
        const Environment& env, const Uuid& uuid) const = 0;
    /// Appends all devices, in any order.
    virtual void append_devices(
        const Environment& env, DeviceList& list) const = 0;
    /// The devices of one parent, in any order. Those of other parents, of
    /// which there may be thousands, are not looked at.
    virtual std::vector<Device> devices_of(
        const Environment& env, const std::string& parent) const = 0;
    virtual std::filesystem::path device_path(
        const Access::Impl<Device>& device) const = 0;
    /// Device::Impl::find_directory().
    virtual std::optional<Directory> find_directory(
        const Access::Impl<Device>& device) const = 0;
    /// Whether an attribute may have this name. Other files of a device are
    /// for create() and remove() only.
    virtual bool is_attribute(
        const Access::Impl<Device>& device, const std::string& name) const = 0;
    /// Device::Impl::remove().
    virtual void remove(const Access::Impl<Device>& device,
        const Directory& directory, std::chrono::milliseconds limit) const = 0;
    /// Whether the kernel lets this process write what remove() writes: for dry
    /// runs. Throws Error.
    virtual void check_remove(const Access::Impl<Device>& device) const = 0;
    /// Whether a device that is not active (any more) still has its UUID.
    virtual bool is_in_removal(const Environment& env,
        const std::string& parent, const Uuid& uuid) const = 0;

protected:
    ~KernelInterface() = default;
};

/// Devices of the bus `mdev`.
const KernelInterface& mdev_bus();
/// Virtual functions with files of a vendor.
const KernelInterface& vendor_vfio();

/// All interfaces, in the order in which they are asked.
const std::array<const KernelInterface*, 2>& kernel_interfaces();

/// The interface that shows the parent; null if none does.
const KernelInterface* interface_of(
    const Environment& env, const std::string& parent);

}
