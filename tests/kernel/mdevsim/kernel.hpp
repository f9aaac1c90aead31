// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "device.hpp"
#include "vendor_gpu.hpp"

namespace mdevsim {

/// Parents, their types and their devices, and the tree that shows them. Not
/// thread-safe: Model has the lock.
class Kernel {
public:
    Kernel();

    const NodePtr& root() const { return root_; }

    /// These functions return 0 or an errno.
    int add_parent(const std::string& name, const std::string& profile);
    int remove_parent(const std::string& name);
    int create(const std::string& parent, const std::string& type,
        const std::string& uuid);

    /// Returns the device whose directory contains this path.
    Device* device_of(const Node& node) const;
    Device* find_device(const std::string& uuid) const;
    /// Removes the device, even if it is in use.
    void destroy(Device& device);

    /// Adds GPUs without the mdev bus, and their virtual functions.
    VendorGpu* find_gpu(const std::string& name) const;
    VendorGpu::Function* find_function(const std::string& name) const;
    VendorGpu::Function* function_of(const Node& node) const;
    int remove_function(const std::string& name);

private:
    int add_gpu(const std::string& name, const GpuOptions& options);
    std::shared_ptr<const Profile> profile(const std::string& name);

    void place(Parent& parent);
    void place_on_class(Parent& parent);
    void place_on_bus(Parent& parent, const std::string& bus);
    void take_off(const Parent& parent);
    void add_mdev_driver(const Profile& profile);
    void add_type(Parent& parent, std::size_t type, Node& types);

    int store_create(Parent& parent, std::size_t type, const std::string& text);
    int make_device(Parent& parent, std::size_t type, const std::string& uuid);
    void add_device_files(Device& device);
    void bind(Device& device);
    void add_vfio_device(Device& device);
    void unbind(Device& device);
    int store_unbind(const Profile& profile, const std::string& text);
    int store_remove(Device& device, const std::string& text);
    void start_leaving(Device& device);
    void hide(Device& device);

    NodePtr root_;
    NodePtr class_;
    NodePtr bus_;
    NodePtr devices_directory_;
    std::unordered_map<std::string, std::shared_ptr<const Profile>> profiles_;
    std::unordered_map<std::string, std::unique_ptr<Parent>> parents_;
    std::unordered_map<std::string, std::unique_ptr<Device>> devices_;
    Groups groups_;
    std::map<std::string, std::unique_ptr<VendorGpu>> gpus_;
};

}
