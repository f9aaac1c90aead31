// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "restraint.hpp"
#include "samples.hpp"
#include "system_calls.hpp"

#include <mdev/device.hpp>
#include <mdev/parent_device.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <sys/stat.h>
#include <sys/syscall.h>

// Tests the properties of devices and parents, and counts the system calls for
// them.

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

/// A system with one device that has all files of the kernel.
struct System {
    FakeKernel kernel;

    System()
    {
        kernel.give_attributes({"matrix", "power/control"});
        kernel.add_device(sample_uuid(1));
        put_link(real() / "iommu_group", "../../../kernel/iommu_groups/42");
        put_file(real() / "vfio-dev/vfio7/dev");
        put_file(real() / "matrix", "05.0004\n05.00ab\n");
        put_link(real_parent() / "driver", "../../../bus/pci/drivers/i915");
        put_link(real_parent() / "subsystem", "../../../bus/pci");
        put_file(real_parent() / "dev_busid", "0.0.0002\n");
    }
    fs::path real_parent() const
    {
        return fs::canonical(kernel.root()) / "sys/devices/virtual/mtty/mtty";
    }
    fs::path real() const { return real_parent() / sample_uuid(1).string(); }
    Device device() const
    {
        return *Device::find(sample_uuid(1), kernel.env());
    }
    ParentDevice parent() const
    {
        return *ParentDevice::find("mtty", kernel.env());
    }
    void remove_parent() const
    {
        fs::remove_all(real_parent());
        fs::remove(parent_link());
    }
    fs::path parent_link() const
    {
        return kernel.root() / "sys/class/mdev_bus/mtty";
    }
};

}

TEST_CASE("a device has its path and its files", "[facts]")
{
    const System system;
    const auto device = system.device();

    CHECK(device.real_path() == system.real());
    CHECK(device.iommu_group() == "42");
    CHECK(device.device_files() ==
        std::vector<fs::path>{"/dev/vfio/42", "/dev/vfio/devices/vfio7"});
}

TEST_CASE("without a character device there is no device file", "[facts]")
{
    const System system;
    fs::remove(system.real() / "vfio-dev/vfio7/dev");

    CHECK(system.device().device_files() ==
        std::vector<fs::path>{"/dev/vfio/42"});
    fs::remove(system.real() / "iommu_group");
    CHECK(system.device().device_files().empty());
    CHECK(system.device().iommu_group().empty());
}

TEST_CASE("a removed device has no properties", "[facts]")
{
    System system;
    const auto device = system.device();
    system.kernel.remove_device(sample_uuid(1));

    CHECK(
        error_of([&] { (void)device.real_path(); }).code() == Errc::not_active);
    CHECK(error_of([&] { (void)device.iommu_group(); }).code() ==
        Errc::not_active);
    CHECK(error_of([&] { (void)device.device_files(); }).code() ==
        Errc::not_active);
    CHECK(error_of([&] { (void)device.attribute("matrix"); }).code() ==
        Errc::not_active);
}

TEST_CASE(
    "a device with the same UUID elsewhere is a different device", "[facts]")
{
    System system;
    const auto device = system.device();
    system.kernel.remove_device(sample_uuid(1));
    system.kernel.add_device(sample_uuid(1), "other", "mtty-1");

    CHECK(
        error_of([&] { (void)device.real_path(); }).code() == Errc::not_active);
    CHECK(error_of([&] { (void)device.attribute("matrix"); }).code() ==
        Errc::not_active);
}

TEST_CASE("an attribute is read without its final newline", "[facts]")
{
    const System system;
    put_file(system.real() / "power/control", "auto");
    put_file(system.real() / "blanks", "  a \n\n");

    CHECK(system.device().attribute("matrix") == "05.0004\n05.00ab");
    CHECK(system.device().attribute("power/control") == "auto");
    CHECK(system.device().attribute("blanks") == "  a \n");
}

TEST_CASE("an attribute is read up to a limit", "[facts]")
{
    const System system;
    constexpr std::size_t limit = 64 * 1024;
    put_file(system.real() / "large", std::string(limit, 'x'));
    put_file(system.real() / "larger", std::string(limit + 1, 'x'));

    CHECK(system.device().attribute("large").size() == limit);
    CHECK(error_of([&] { (void)system.device().attribute("larger"); })
              .cause()
              .value() == EFBIG);
}

TEST_CASE("a hostile name of an attribute is refused", "[facts]")
{
    const System system;
    const std::string name = GENERATE(as<std::string>(), "../matrix",
        "/etc/passwd", "power/../matrix", "", ".", "power//control", "remove",
        std::string("matrix\0x", 8));

    const auto error = error_of([&] { (void)system.device().attribute(name); });

    CHECK(error.code() == Errc::invalid_name);
}

TEST_CASE("reading an attribute does not lead out of the device", "[facts]")
{
    const System system;
    put_file(system.kernel.root() / "secret", "x");
    put_link(system.real() / "file", system.kernel.root() / "secret");
    put_link(system.real() / "directory", system.kernel.root());

    for (const auto* name : {"file", "directory/secret"}) {
        const auto error =
            error_of([&] { (void)system.device().attribute(name); });
        CHECK(error.cause().value() == ELOOP);
        CHECK_THAT(error.what(),
            contains(
                "leaves the directory of device " + sample_uuid(1).string()));
    }
}

TEST_CASE("an entry that is not an attribute cannot be read", "[facts]")
{
    const System system;
    REQUIRE(mkfifo((system.real() / "pipe").c_str(), 0644) == 0);
    put_file(system.real() / "secret", "x");
    fs::permissions(system.real() / "secret", fs::perms::none);
    const Unprivileged nobody;
    const auto error = [&](const char* name) {
        return error_of([&] { (void)system.device().attribute(name); });
    };

    CHECK(error("pipe").cause().value() == EINVAL);
    CHECK(error("power").cause().value() == EINVAL);
    CHECK_THAT(error("missing").what(),
        starts_with("Device " + sample_uuid(1).string() +
            " has no attribute 'missing'"));
    CHECK_THAT(error("secret").what(),
        starts_with("Attribute 'secret' of device " + sample_uuid(1).string() +
            " is not readable"));
}

TEST_CASE("devices can be compared", "[facts]")
{
    System system;
    system.kernel.add_device(sample_uuid(2));
    system.kernel.add_device(sample_uuid(3), "other", "mtty-1");
    const auto all = Device::all(system.kernel.env());
    REQUIRE(all.size() == 3);

    CHECK(all[0] == system.device());
    CHECK(all[0] != all[1]);
    CHECK(std::is_sorted(all.begin(), all.end()));
    CHECK(std::set<Device>(all.begin(), all.end()).size() == 3);
    CHECK_FALSE(all[0] < system.device());
    const System elsewhere;
    CHECK(elsewhere.device() != system.device());
}

TEST_CASE("parents can be compared", "[facts]")
{
    System system;
    system.kernel.add_parent("other");
    const auto all = ParentDevice::all(system.kernel.env());
    REQUIRE(all.size() == 2);

    CHECK(all[0] == system.parent());
    CHECK(all[0] != all[1]);
    CHECK(all[0] < all[1]);
    const System elsewhere;
    CHECK(elsewhere.parent() != system.parent());
}

TEST_CASE("definitions can be compared", "[facts]")
{
    const auto one = sample_definition(1);
    auto other = one;

    CHECK(one == other);
    CHECK(one != sample_definition(2));
    other.append_attribute("a", "b");
    CHECK(one != other);
    const auto read = [](const std::string& more) {
        return Definition::from_json(
            R"({"mdev_type": "mtty-1", "start": "manual")" + more + "}",
            sample_uuid(1), "mtty", "text");
    };
    CHECK(read("") == one);
    CHECK(read(R"(, "mine": 1)") != one);
}

TEST_CASE("a parent has its path and its driver", "[facts]")
{
    const System system;
    const auto parent = system.parent();

    CHECK(parent.path() == system.parent_link());
    CHECK(parent.real_path() == system.real_parent());
    CHECK(parent.driver() == "i915");
    CHECK(parent.subsystem() == "pci");
    CHECK(parent.other_names() == Names{"0.0.0002"});
}

TEST_CASE("a parent need not have a driver", "[facts]")
{
    FakeKernel kernel;
    kernel.add_parent("mtty");
    const auto parent = *ParentDevice::find("mtty", kernel.env());

    CHECK(parent.driver().empty());
    CHECK(parent.subsystem().empty());
    CHECK(parent.other_names().empty());
    CHECK(parent.devices().empty());
}

TEST_CASE("a subchannel without a device has no second name", "[facts]")
{
    const System system;
    put_file(system.real_parent() / "dev_busid", "none\n");

    CHECK(system.parent().other_names().empty());
}

TEST_CASE("a removed parent has no properties", "[facts]")
{
    const System system;
    const auto parent = system.parent();
    system.remove_parent();

    CHECK(error_of([&] { (void)parent.real_path(); }).code() ==
        Errc::no_such_parent);
    CHECK(error_of([&] { (void)parent.driver(); }).code() ==
        Errc::no_such_parent);
    CHECK(error_of([&] { (void)parent.subsystem(); }).code() ==
        Errc::no_such_parent);
    CHECK(error_of([&] { (void)parent.other_names(); }).code() ==
        Errc::no_such_parent);
    CHECK(parent.devices().empty());
}

TEST_CASE("a parent lists only its own devices", "[facts]")
{
    System system;
    system.kernel.add_device(sample_uuid(3));
    system.kernel.add_device(sample_uuid(2));
    system.kernel.add_device(sample_uuid(4), "other", "mtty-1");
    // A device whose removal waits for its user is no longer on the bus.
    fs::create_directory(system.real_parent() / sample_uuid(5).string());

    Names uuids;
    for (const auto& device : system.parent().devices())
        uuids.push_back(device.uuid().string());

    CHECK(uuids ==
        Names{sample_uuid(1).string(), sample_uuid(2).string(),
            sample_uuid(3).string()});
    CHECK(system.kernel.log().texts(LogLevel::warning).empty());
}

TEST_CASE("properties need few system calls and run no script", "[facts]")
{
    System system;
    for (std::uint8_t i = 2; i < 100; ++i)
        system.kernel.add_device(sample_uuid(i), "other", "mtty-1");
    system.kernel.add_script("echo ran >>ran");
    put_file(system.kernel.root() / "proc/1/comm", "init\n");
    const auto device = system.device();
    const auto parent = system.parent();
    struct Fact {
        std::string name;
        std::size_t most;
        std::function<void()> ask;
    };
    const std::vector<Fact> facts = {
        {"find a device", 8,
            [&] { Device::find(sample_uuid(1), system.kernel.env()); }},
        {"find a parent", 3,
            [&] { ParentDevice::find("mtty", system.kernel.env()); }},
        {"real_path", 25, [&] { (void)device.real_path(); }},
        {"iommu_group", 8, [&] { (void)device.iommu_group(); }},
        {"device_files", 16, [&] { (void)device.device_files(); }},
        {"attribute", 12, [&] { (void)device.attribute("matrix"); }},
        {"parent's real_path", 25, [&] { (void)parent.real_path(); }},
        {"driver", 4, [&] { (void)parent.driver(); }},
        {"subsystem", 4, [&] { (void)parent.subsystem(); }},
        {"other_names", 7, [&] { (void)parent.other_names(); }},
        {"devices", 20, [&] { (void)parent.devices(); }},
    };
    constexpr std::array starts = {SYS_execve, SYS_clone, SYS_clone3};

    for (const auto& fact : facts) {
        const auto calls = system_calls_of(fact.ask);
        if (!calls) {
            WARN("no process can be traced here");
            return;
        }
        INFO(fact.name << ": " << calls->size() << " calls");
        CHECK_FALSE(calls->empty());
        CHECK(calls->size() <= fact.most);
        for (const auto& call : *calls) {
            CHECK(std::find(starts.begin(), starts.end(), call.number) ==
                starts.end());
            CHECK(call.path.find("/proc") == std::string::npos);
        }
    }
}

}
