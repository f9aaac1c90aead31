// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "captured_log.hpp"
#include "temporary_directory.hpp"

#include <mdev/environment.hpp>
#include <mdev/uuid.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mdev::test {

/// One write to an attribute. The path is relative to the root of the system.
struct Write {
    std::string attribute;
    std::string value;
};

bool operator==(const Write& a, const Write& b);
std::ostream& operator<<(std::ostream& out, const Write& write);

/// The files in a type's directory.
struct TypeFiles {
    std::string available_instances = "4";
    std::string device_api = "vfio-pci";
    std::string name;
    std::string description;
};

/// A system with a simulated kernel: directories and links like sysfs, in a
/// temporary directory that is removed at the end. Writing to `create` makes a
/// device, and writing to `remove` removes it.
///
/// A new system is empty: no sysfs, no definitions.
class FakeKernel {
public:
    FakeKernel();
    FakeKernel(const FakeKernel&) = delete;
    FakeKernel& operator=(const FakeKernel&) = delete;
    ~FakeKernel();

    /// Returns the library's view of this system. It is valid as long as this
    /// object exists.
    Environment env() const;
    const std::filesystem::path& root() const noexcept;
    /// Returns the messages of the library through `env()`.
    const CapturedLog& log() const noexcept;

    void add_parent(const std::string& parent);
    /// Also adds the parent if it is missing.
    void add_type(const std::string& parent, const std::string& type,
        const TypeFiles& files = {});
    /// Adds an active device, and its parent and type if they are missing.
    void add_device(const Uuid& uuid, const std::string& parent = "mtty",
        const std::string& type = "mtty-1");
    void remove_device(const Uuid& uuid);
    /// Sets the attributes of devices that are made from now on.
    void give_attributes(std::vector<std::string> names);
    /// Writes a file to the directory of definitions.
    void define(const std::string& parent, const std::string& file,
        std::string_view text);

    /// Adds a callout script for Managers that are made from now on.
    std::filesystem::path add_script(std::string_view body);

    /// Makes every write to an attribute with this name fail from now on.
    void fail(const std::string& attribute, int error);
    /// Makes the write with this number fail. The first write has the number 1.
    void fail_write(std::size_t number, int error);
    /// Calls `hook` before each write, to simulate a race.
    void before_write(std::function<void(const Write&)> hook);
    /// Returns all writes, including those that failed.
    std::vector<Write> writes() const;

    /// Returns `sys/class/mdev_bus/PARENT/mdev_supported_types/TYPE`.
    std::filesystem::path type_path(
        const std::string& parent, const std::string& type) const;
    /// Returns the link `sys/bus/mdev/devices/UUID`.
    std::filesystem::path device_path(const Uuid& uuid) const;
    std::filesystem::path definition_path(
        const std::string& parent, const std::string& file) const;

private:
    class FakeSysfs;

    TemporaryDirectory directory_;
    std::shared_ptr<CapturedLog> log_;
    std::shared_ptr<FakeSysfs> sysfs_;
};

}
