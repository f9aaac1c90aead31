// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "device.hpp"

namespace mdevsim {

/// What a write to a virtual function answers while its device is open.
constexpr int must_wait = -1;

/// The two drivers differ in their errnos.
enum class GpuDriver { shipped, upstream };

/// nvidia-vfio:N[:OPTION]..., as its words say it.
struct GpuOptions {
    unsigned functions = 0;
    GpuDriver driver = GpuDriver::shipped;
    bool is_ready = true; ///< or its functions list no types yet
    bool allows_several_sizes = false;
    bool has_parameters = true; ///< nvidia/vgpu_params

    static std::optional<GpuOptions> parse(const std::string& profile);
};

/// A GPU whose virtual functions become virtual GPUs without the mdev bus: each
/// has a directory `nvidia` with the types and the one that it has.
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
        unsigned type = 0; ///< its number; 0 is none
        bool is_held = false;
        std::string parameters{};
    };

    /// Forgets all functions and makes so many, as sriov-manage does. Answers 0
    /// or an errno.
    int make_functions(unsigned count);
    /// From now on the functions list types.
    void set_ready() { options_.is_ready = true; }
    Function* find(const std::string& name);
    /// The function below whose directory this is.
    Function* function_of(const Node& node);
    /// Its virtual GPU is gone at once.
    static void clear(Function& function);
    /// By value: the name may be the function's own.
    void remove_function(std::string name);

private:
    void place(Node& directory, const std::string& name);
    void add_function(unsigned number);
    void add_vendor_files(Function& function);
    std::string types_text(const Function& function) const;
    int store_type(Function& function, const std::string& text);
    int make(Function& function, unsigned long number);
    int remove(Function& function) const;

    NodePtr root_;
    std::string name_;
    GpuOptions options_;
    Groups& groups_;
    NodePtr directory_;
    std::map<std::string, std::unique_ptr<Function>> functions_;
};

/// Where the device tree has a PCI device.
std::string pci_path(const std::string& address);

}
