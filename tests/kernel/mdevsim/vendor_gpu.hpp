// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "device.hpp"

namespace mdevsim {

/// The answer to a write to a virtual function whose device is open.
constexpr int must_wait = -1;

/// The two drivers differ in their errnos.
enum class GpuDriver { shipped, upstream };

/// Parses nvidia-vfio:N[:OPTION]...
struct GpuOptions {
    unsigned functions = 0;
    GpuDriver driver = GpuDriver::shipped;
    bool is_ready = true; ///< false: its functions list no types yet
    bool allows_several_sizes = false;
    bool has_parameters = true; ///< nvidia/vgpu_params

    static std::optional<GpuOptions> parse(const std::string& profile);
};

/// A GPU whose virtual functions become virtual GPUs without the mdev bus. Each
/// function has a directory `nvidia` with its possible types and its current
/// type.
class VendorGpu {
public:
    VendorGpu(NodePtr root, std::string name, const GpuOptions& options,
        Groups& groups);
    VendorGpu(const VendorGpu&) = delete;
    VendorGpu& operator=(const VendorGpu&) = delete;
    ~VendorGpu();

    struct Function {
        std::string name;
        NodePtr directory{};
        unsigned group = 0;
        unsigned type = 0; ///< the number of the type; 0 is no type
        bool is_held = false;
        std::string parameters{};
    };

    /// Removes all functions and creates `count` new ones, like sriov-manage.
    /// Returns 0 or an errno.
    int make_functions(unsigned count);
    /// Makes the functions list types from now on.
    void set_ready() { options_.is_ready = true; }
    Function* find(const std::string& name);
    /// Returns the function whose directory contains this path.
    Function* function_of(const Node& node);
    /// Removes the virtual GPU of a function at once.
    static void clear(Function& function);
    /// `name` is passed by value, because it may be the function's own name.
    void remove_function(std::string name);

private:
    void place(Node& directory, const std::string& name);
    void add_function(unsigned number);
    void add_vendor_files(Function& function);
    std::string types_text(const Function& function) const;
    int store_type(Function& function, const std::string& text);
    int make(Function& function, std::uint64_t number);
    int remove(Function& function) const;

    NodePtr root_;
    std::string name_;
    GpuOptions options_;
    Groups& groups_;
    NodePtr directory_;
    std::map<std::string, std::unique_ptr<Function>> functions_;
};

/// Returns the path of a PCI device in the device tree.
std::string pci_path(const std::string& address);

}
