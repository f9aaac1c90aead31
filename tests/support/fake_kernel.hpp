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

/// One write to an attribute, whose path is told from the root of the system.
struct Write {
    std::string attribute;
    std::string value;
};

bool operator==(const Write& a, const Write& b);
std::ostream& operator<<(std::ostream& out, const Write& write);

/// What a type's directory says.
struct TypeFiles {
    std::string available_instances = "4";
    std::string device_api = "vfio-pci";
    std::string name;
    std::string description;
};

/// A system with a kernel that plays its part: directories and links as sysfs
/// has them, in a temporary directory that is removed in the end; writing
/// `create` makes a device there, `remove` removes it.
///
/// A new one is a system without anything: no sysfs, no definitions.
class FakeKernel {
public:
    FakeKernel();
    FakeKernel(const FakeKernel&) = delete;
    FakeKernel& operator=(const FakeKernel&) = delete;
    ~FakeKernel();

    /// The library's view of this system. Valid as long as this object.
    Environment env() const;
    const std::filesystem::path& root() const noexcept;
    /// What the library said through `env()`.
    const CapturedLog& log() const noexcept;

    void add_parent(const std::string& parent);
    /// Also makes the parent if there is none.
    void add_type(const std::string& parent, const std::string& type,
        const TypeFiles& files = {});
    /// An active device, whose parent and type are made if there are none.
    void add_device(const Uuid& uuid, const std::string& parent = "mtty",
        const std::string& type = "mtty-1");
    void remove_device(const Uuid& uuid);
    /// What every device that is made from now on has to write to.
    void give_attributes(std::vector<std::string> names);
    /// Writes a file to the directory of definitions.
    void define(const std::string& parent, const std::string& file,
        std::string_view text);

    /// A callout script, which a Manager that is made from now on asks.
    std::filesystem::path add_script(std::string_view body);

    /// Every write to an attribute of that name fails from now on.
    void fail(const std::string& attribute, int error);
    /// The write of that number, the first being 1, fails.
    void fail_write(std::size_t number, int error);
    /// Is called before each write is answered: the moment for a race.
    void before_write(std::function<void(const Write&)> hook);
    /// Every write so far, also those that failed.
    std::vector<Write> writes() const;

    /// `sys/class/mdev_bus/PARENT/mdev_supported_types/TYPE`.
    std::filesystem::path type_path(
        const std::string& parent, const std::string& type) const;
    /// The link `sys/bus/mdev/devices/UUID`.
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
