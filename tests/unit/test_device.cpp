// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "file_descriptor.hpp"
#include "removal.hpp"
#include "restraint.hpp"
#include "samples.hpp"

#include <mdev/device.hpp>

#include <cerrno>
#include <future>
#include <sys/eventfd.h>
#include <thread>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

/// A system with one active device.
struct Active {
    FakeKernel kernel;

    Active()
    {
        kernel.give_attributes({"assign_adapter", "power/control"});
        kernel.add_device(sample_uuid(1));
    }
    std::optional<Device> find() const
    {
        return Device::find(sample_uuid(1), kernel.env());
    }
    std::vector<Device> all() const { return Device::all(kernel.env()); }
    /// Returns the device's real directory.
    fs::path real() const
    {
        return kernel.root() / "sys/devices/virtual/mtty/mtty" /
            sample_uuid(1).string();
    }
    fs::path link() const { return kernel.device_path(sample_uuid(1)); }
    void relink(const fs::path& link_path, const fs::path& target) const
    {
        fs::remove(link_path);
        put_link(link_path, target);
    }
    void open_by_qemu() const
    {
        put_link(real() / "iommu_group", "../../../kernel/iommu_groups/42");
        put_file(kernel.root() / "proc/172/comm", "qemu-system-x86\n");
        put_link(kernel.root() / "proc/172/fd/5", "/dev/vfio/42");
    }
    Names warnings() const { return kernel.log().texts(LogLevel::warning); }
};

std::string attribute_path(const std::string& name)
{
    return "sys/bus/mdev/devices/" + sample_uuid(1).string() + "/" + name;
}

}

TEST_CASE("an active device is found by its UUID", "[device]")
{
    const Active system;

    const auto device = system.find();

    REQUIRE(device);
    CHECK(device->uuid() == sample_uuid(1));
    CHECK(device->parent() == "mtty");
    CHECK(device->type_id() == "mtty-1");
    CHECK(device->path() == system.link());
}

TEST_CASE("an unknown UUID is not found", "[device]")
{
    const Active system;

    CHECK_FALSE(Device::find(sample_uuid(2), system.kernel.env()));
}

TEST_CASE("a system without mediated devices has no active devices", "[device]")
{
    const FakeKernel kernel;

    CHECK_FALSE(Device::find(sample_uuid(1), kernel.env()));
    CHECK(Device::all(kernel.env()).empty());
}

TEST_CASE("devices are sorted by parent and UUID", "[device]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(2), "mtty", "mtty-1");
    kernel.add_device(sample_uuid(1), "mtty", "mtty-2");
    kernel.add_device(sample_uuid(3), "Mtty", "mtty-1");

    Names texts;
    for (const auto& device : Device::all(kernel.env()))
        texts.push_back(device.parent() + " " + device.type_id() + " " +
            std::to_string(device.uuid().bytes().back()));

    CHECK(texts == Names{"Mtty mtty-1 3", "mtty mtty-2 1", "mtty mtty-1 2"});
}

TEST_CASE("an entry whose name is not a UUID is not a device", "[device]")
{
    const Active system;
    fs::create_directory(system.kernel.root() / "sys/bus/mdev/devices/x");

    CHECK(system.all().size() == 1);
    CHECK(system.warnings().empty());
}

TEST_CASE("a device that disappears during the listing is omitted", "[device]")
{
    const Active system;
    put_link(system.kernel.device_path(sample_uuid(2)), "nowhere");

    CHECK(system.all().size() == 1);
    CHECK(system.warnings().empty());
    CHECK_FALSE(Device::find(sample_uuid(2), system.kernel.env()));
}

TEST_CASE("looking up a device without a type is an error", "[device]")
{
    const Active system;
    fs::remove(system.real() / "mdev_type");

    const auto error = error_of([&] { system.find(); });

    CHECK(error.cause().value() == ENOENT);
    CHECK_THAT(error.what(),
        starts_with("Cannot read " + (system.link() / "mdev_type").string()));
}

TEST_CASE("a device without a type does not affect other devices", "[device]")
{
    Active system;
    system.kernel.add_device(sample_uuid(2));
    fs::remove(system.real() / "mdev_type");

    const auto all = system.all();

    REQUIRE(all.size() == 1);
    CHECK(all[0].uuid() == sample_uuid(2));
    REQUIRE(system.warnings().size() == 1);
    CHECK_THAT(system.warnings()[0], contains(system.link().string()));
}

TEST_CASE("a type that is not a link is an error", "[device]")
{
    const Active system;
    fs::remove(system.real() / "mdev_type");
    fs::create_directory(system.real() / "mdev_type");

    CHECK_THROWS_AS(system.find(), Error);
}

TEST_CASE("the name of a dangling type link is the type", "[device]")
{
    const Active system;
    system.relink(system.real() / "mdev_type", "../nowhere/mtty-9");

    CHECK(system.find()->type_id() == "mtty-9");
}

TEST_CASE("links of a device may be absolute", "[device]")
{
    const Active system;
    system.relink(system.link(), system.real());
    system.relink(
        system.real() / "mdev_type", system.kernel.type_path("mtty", "mtty-1"));

    const auto device = system.find();

    REQUIRE(device);
    CHECK(device->parent() == "mtty");
    CHECK(device->type_id() == "mtty-1");
}

TEST_CASE("a link of a device may have one component", "[device]")
{
    const Active system;
    const auto devices = system.link().parent_path();
    system.relink(devices / "other", system.real());
    system.relink(system.link(), "other");

    CHECK(system.find()->parent() == "mtty");
}

TEST_CASE(
    "the parent of a device that is not a link is its directory", "[device]")
{
    const Active system;
    fs::remove(system.link());
    fs::create_directory(system.link());
    put_link(system.link() / "mdev_type", "x/mtty-1");

    CHECK(system.find()->parent() == "devices");
    CHECK(system.find()->type_id() == "mtty-1");
}

TEST_CASE("a device whose type has no name is an error", "[device]")
{
    const Active system;
    system.relink(system.real() / "mdev_type", "..");

    const auto error = error_of([&] { system.find(); });

    CHECK(error.code() == std::error_code(EINVAL, std::system_category()));
    CHECK(error.subject() == system.link().string());
}

TEST_CASE("an unreadable list of devices is an error", "[device]")
{
    const FakeKernel kernel;
    put_link(kernel.root() / "sys/bus/mdev/devices", "devices");

    CHECK(
        error_of([&] { Device::all(kernel.env()); }).cause().value() == ELOOP);
}

TEST_CASE("an attribute is set by one write of its value", "[device]")
{
    const Active system;

    system.find()->set_attribute("assign_adapter", "5\n");

    CHECK(system.kernel.writes() ==
        std::vector<Write>{{attribute_path("assign_adapter"), "5\n"}});
    CHECK(file_content(system.real() / "assign_adapter") == "5\n");
}

TEST_CASE("an attribute in a subdirectory of the device is set", "[device]")
{
    const Active system;

    system.find()->set_attribute("power/control", "on");

    CHECK(file_content(system.real() / "power/control") == "on");
}

TEST_CASE(
    "an attribute whose name leads out of the device is refused", "[device]")
{
    const Active system;
    const std::string name = GENERATE(as<std::string>(), "../remove",
        "/etc/passwd", "power/../remove", "", ".");

    const auto error =
        error_of([&] { system.find()->set_attribute(name, "1"); });

    CHECK(error.code() == Errc::invalid_name);
    CHECK(system.kernel.writes().empty());
}

TEST_CASE("a missing attribute is reported", "[device]")
{
    const Active system;

    const auto error =
        error_of([&] { system.find()->set_attribute("missing", "1"); });

    CHECK(error.cause().value() == ENOENT);
    CHECK_THAT(error.what(),
        starts_with("Device " + sample_uuid(1).string() +
            " has no attribute 'missing': "));
    CHECK_FALSE(fs::exists(system.real() / "missing"));
}

TEST_CASE("an attribute that is not writable is reported", "[device]")
{
    const Active system;
    fs::permissions(system.real() / "assign_adapter", fs::perms(0444));
    const Unprivileged nobody;

    const auto error =
        error_of([&] { system.find()->set_attribute("assign_adapter", "1"); });

    CHECK(error.cause().value() == EACCES);
    CHECK_THAT(
        error.what(), starts_with("Attribute 'assign_adapter' of device "));
    CHECK_THAT(error.what(), contains("is not writable"));
}

TEST_CASE("an attribute that is a link is refused", "[device]")
{
    const Active system;
    put_file(system.kernel.root() / "victim", "precious");
    put_link(system.real() / "link", system.kernel.root() / "victim");

    const auto error =
        error_of([&] { system.find()->set_attribute("link", "1"); });

    CHECK(error.cause().value() == ELOOP);
    CHECK_THAT(error.what(),
        starts_with("Attribute 'link' leaves the directory of device "));
    CHECK(file_content(system.kernel.root() / "victim") == "precious");
}

TEST_CASE(
    "a value that the driver refuses is an error of the kernel", "[device]")
{
    Active system;
    system.kernel.fail("assign_adapter", EADDRINUSE);

    const auto error =
        error_of([&] { system.find()->set_attribute("assign_adapter", "5"); });

    CHECK(error.code() == std::error_code(EADDRINUSE, std::system_category()));
    CHECK_THAT(error.what(), starts_with("Cannot write '5' to "));
    CHECK_THAT(error.what(), contains("assign_adapter: Address already in"));
}

TEST_CASE("attributes of a removed device cannot be set", "[device]")
{
    Active system;
    const auto device = *system.find();
    system.kernel.remove_device(sample_uuid(1));

    const auto error =
        error_of([&] { device.set_attribute("assign_adapter", "5"); });

    CHECK(error.code() == Errc::not_active);
    CHECK(error.subject() == sample_uuid(1).string());
}

TEST_CASE("removing a device writes 1 to its remove attribute", "[device]")
{
    const Active system;

    system.find()->remove();

    CHECK(system.kernel.writes() ==
        std::vector<Write>{{attribute_path("remove"), "1"}});
    CHECK_FALSE(system.find());
}

TEST_CASE("a device cannot be removed twice", "[device]")
{
    const Active system;
    const auto device = *system.find();
    device.remove();

    const auto error = error_of([&] { device.remove(); });

    CHECK(error.code() == Errc::not_active);
    CHECK(system.kernel.writes().size() == 1);
}

TEST_CASE("a removal that the kernel refuses is an error", "[device]")
{
    Active system;
    system.kernel.fail("remove", EBUSY);

    const auto error = error_of([&] { system.find()->remove(); });

    CHECK(error.cause().value() == EBUSY);
    CHECK(error.code() == Errc::in_use);
    CHECK(error.subject() == sample_uuid(1).string());
    CHECK(system.find());
}

TEST_CASE("a device that another process removes is not active", "[device]")
{
    Active system;
    const auto device = *system.find();
    system.kernel.before_write(
        [&](const Write&) { system.kernel.remove_device(sample_uuid(1)); });

    const auto error = error_of([&] { device.remove(); });

    CHECK(error.code() == Errc::not_active);
    CHECK(error.cause());
    CHECK(std::string(error.what()) ==
        "Device " + sample_uuid(1).string() + " has been removed");
}

TEST_CASE(
    "a missing remove attribute of an existing device is reported", "[device]")
{
    const Active system;
    fs::remove(system.real() / "remove");

    const auto error = error_of([&] { system.find()->remove(); });

    CHECK(error.code() == std::error_code(ENOENT, std::system_category()));
}

TEST_CASE("a fast removal logs nothing", "[device]")
{
    const Active system;

    system.find()->remove();

    CHECK(system.kernel.log().texts(LogLevel::warning).empty());
}

TEST_CASE("a removal that blocks logs the user of the device", "[device]")
{
    Active system;
    system.open_by_qemu();
    // The device is in use until the warning has been logged.
    system.kernel.before_write(
        [&](const Write&) { system.kernel.log().wait_for(LogLevel::warning); });

    system.find()->remove();

    REQUIRE(system.warnings().size() == 1);
    CHECK_THAT(system.warnings()[0],
        starts_with("Device " + sample_uuid(1).string() +
            " is in use by process 172 (qemu-system-x86); "));
}

TEST_CASE("the users of a device are reported", "[device]")
{
    const Active system;
    system.open_by_qemu();

    const auto users = system.find()->users();

    REQUIRE(users.size() == 1);
    CHECK(users[0].pid() == 172);
    CHECK(users[0].command() == "qemu-system-x86");
    const auto device = *system.find();
    device.remove();
    CHECK(error_of([&] { (void)device.users(); }).code() == Errc::not_active);
}

TEST_CASE("waiting for the user of a device can be cancelled", "[device]")
{
    Active system;
    system.open_by_qemu();
    const FileDescriptor cancel(eventfd(1, EFD_CLOEXEC));
    std::promise<void> closed;
    system.kernel.before_write(
        [&](const Write&) { closed.get_future().wait(); });
    const auto env = system.kernel.env().with_cancel(cancel.number());

    const auto error =
        error_of([&] { Device::find(sample_uuid(1), env)->remove(); });

    CHECK(error.code() == Errc::cancelled);
    CHECK_THAT(error.what(),
        contains("is closed by process 172 (qemu-system-x86) was cancelled"));
    REQUIRE(error.users().size() == 1);
    CHECK(error.users()[0].pid() == 172);
    CHECK(system.warnings().empty());
    closed.set_value();
    while (system.find())
        std::this_thread::yield();
}

TEST_CASE("a cancelled command removes a device that is not in use", "[device]")
{
    const Active system;
    const FileDescriptor cancel(eventfd(1, EFD_CLOEXEC));
    const auto env = system.kernel.env().with_cancel(cancel.number());

    Device::find(sample_uuid(1), env)->remove();

    CHECK_FALSE(system.find());
}

TEST_CASE("a device whose files are unknown can be removed", "[device]")
{
    const Active system;
    put_link(system.real() / "vfio-dev", "vfio-dev");

    CHECK(system.find()->users().empty());
    system.find()->remove();

    CHECK_FALSE(system.find());
}

TEST_CASE("without parents no device is being removed", "[device]")
{
    const FakeKernel kernel;

    CHECK_FALSE(directory_in_removal(kernel.env(), sample_uuid(1)));
}

}
