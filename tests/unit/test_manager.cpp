// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "samples.hpp"
#include "temporary_directory.hpp"

#include <mdev/config_store.hpp>
#include <mdev/manager.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

std::string name(std::uint8_t number)
{
    return sample_uuid(number).string();
}

/// A system with the parent mtty, which has the types mtty-1 and mtty-2.
struct System {
    FakeKernel kernel;
    Manager manager{kernel.env()};
    ConfigStore store{kernel.env()};

    System()
    {
        kernel.give_attributes({"a", "b", "c"});
        kernel.add_type("mtty", "mtty-1");
        kernel.add_type("mtty", "mtty-2");
    }
    void start_parent(const std::string& parent) const
    {
        manager.start_parent(parent, std::chrono::milliseconds(0));
    }
    void define(std::uint8_t number, const std::string& parent = "mtty",
        const std::string& start = "manual")
    {
        kernel.define(parent, name(number), sample_text("mtty-1", start));
    }
    bool is_active(std::uint8_t number) const
    {
        return Device::find(sample_uuid(number), kernel.env()).has_value();
    }
    bool is_defined(
        std::uint8_t number, const std::string& parent = "mtty") const
    {
        return fs::exists(kernel.definition_path(parent, name(number)));
    }
    std::string text(std::uint8_t number) const
    {
        return file_content(kernel.definition_path("mtty", name(number)));
    }
    /// Returns "VALUE > FILE" for each write. FILE has no directory.
    Names writes() const
    {
        Names texts;
        for (const auto& write : kernel.writes())
            texts.push_back(write.value + " > " +
                fs::path(write.attribute).filename().string());
        return texts;
    }
    Names said(LogLevel level) const { return kernel.log().texts(level); }
};

/// With the attributes a, b and c.
Definition with_attributes()
{
    auto definition = sample_definition(1);
    definition.set_attributes({{"b", "1"}, {"a", "2"}, {"c", "3"}});
    return definition;
}

void append_d(Definition& definition)
{
    definition.append_attribute("d", "4");
}

}

// define

TEST_CASE("a missing directory throws an Error of the library", "[manager]")
{
    const auto outcome = outcome_in_child([] {
        const TemporaryDirectory directory;
        fs::current_path(directory.path());
        fs::remove(directory.path());
        const auto error =
            error_of([] { const Manager manager(Environment("root")); });
        return std::to_string(
            error.code() == std::errc::no_such_file_or_directory);
    });

    CHECK(outcome == "1");
}

TEST_CASE("a defined device is in the store", "[manager]")
{
    const System system;

    system.manager.define(with_attributes());

    CHECK(system.text(1) == with_attributes().to_json());
    CHECK(system.writes().empty());
}

TEST_CASE("a device cannot be defined twice", "[manager]")
{
    System system;
    system.define(1);

    const auto error =
        error_of([&] { system.manager.define(with_attributes()); });

    CHECK(error.code() == Errc::already_defined);
    CHECK(error.subject() == name(1));
    CHECK_THAT(error.what(), contains("already defined"));
    CHECK(system.text(1) == sample_text());
}

TEST_CASE("a device may be defined for a missing parent", "[manager]")
{
    const System system;

    system.manager.define(Definition(sample_uuid(1), "mdpy", "mdpy-vga"));

    CHECK(system.is_defined(1, "mdpy"));
    CHECK(system.said(LogLevel::warning) ==
        Names{"Parent mdpy of device " + name(1) + " does not exist"});
}

TEST_CASE("a type that the parent lacks causes a warning", "[manager]")
{
    const System system;

    system.manager.define(Definition(sample_uuid(1), "mtty", "mtty-9"));

    CHECK(system.is_defined(1));
    CHECK(system.said(LogLevel::warning) ==
        Names{"Parent mtty does not offer the type mtty-9 of device " +
            name(1) + " now"});
}

TEST_CASE("a type that the parent has causes no warning", "[manager]")
{
    const System system;

    system.manager.define(sample_definition(1));

    CHECK(system.said(LogLevel::warning).empty());
}

TEST_CASE("the error about a definition that cannot be stored has the reason",
    "[manager]")
{
    const System system;
    put_file(system.kernel.root() / "etc/mdevctl.d/mtty", "x");

    const auto error =
        error_of([&] { system.manager.define(sample_definition(1)); });

    CHECK(error.cause().value() == ENOTDIR);
    CHECK_THAT(error.what(),
        starts_with("Cannot define device " + name(1) + " on mtty: "));
}

TEST_CASE("an active device is defined with its active values", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1), "mtty", "mtty-2");

    const auto definition = system.manager.define(
        DeviceSpec().uuid(sample_uuid(1)).start(StartMode::automatic));

    CHECK(definition.parent() == "mtty");
    CHECK(definition.type_id() == "mtty-2");
    CHECK(system.text(1) == sample_text("mtty-2", "auto"));
}

TEST_CASE("an active device may be defined with another type", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1), "mtty", "mtty-2");

    system.manager.define(DeviceSpec().uuid(sample_uuid(1)).type_id("mtty-1"));

    CHECK(system.text(1) == sample_text("mtty-1"));
}

TEST_CASE(
    "an active device's type is also used for another parent", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1), "mtty", "mtty-2");

    system.manager.define(DeviceSpec().uuid(sample_uuid(1)).parent("mdpy"));

    CHECK(system.is_defined(1, "mdpy"));
    CHECK(ConfigStore(system.kernel.env())
              .find(sample_uuid(1), "mdpy")
              ->type_id() == "mtty-2");
}

TEST_CASE("an active device keeps its attributes in every form of the command",
    "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1), "mtty", "mtty-1");
    system.kernel.add_script(
        "[ \"$4 $6\" != 'get attributes' ] || echo '[{\"a\": \"1\"}]'\n");
    const Manager manager(system.kernel.env());
    auto spec = DeviceSpec().uuid(sample_uuid(1));
    if (GENERATE(false, true))
        spec.parent("mtty");
    if (GENERATE(false, true))
        spec.type_id("mtty-1");

    const auto definition = manager.define(spec);

    CHECK(definition.attributes() == std::vector<Attribute>{{"a", "1"}});
}

TEST_CASE("attributes of a different device are not stored", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1), "mtty", "mtty-2");
    system.kernel.add_script(
        "[ \"$4 $6\" != 'get attributes' ] || echo '[{\"a\": \"1\"}]'\n");
    const Manager manager(system.kernel.env());

    const auto definition = manager.define(
        DeviceSpec().uuid(sample_uuid(1)).parent("mtty").type_id("mtty-1"));

    CHECK(definition.attributes().empty());
}

TEST_CASE("a script of mdevctl 1.2 without capabilities refuses", "[manager]")
{
    System system;
    system.kernel.add_script("case \"$4\" in pre) exit 1;; post) exit 0;; "
                             "*) exit 2;; esac\n");
    const Manager manager(system.kernel.env());

    CHECK(error_of([&] { manager.define(sample_definition(1)); }).code() ==
        Errc::callout_rejected);
    CHECK(error_of([&] { manager.start(sample_definition(1)); }).code() ==
        Errc::callout_rejected);
}

TEST_CASE("a device without a UUID is defined with a random UUID", "[manager]")
{
    const System system;

    const auto first =
        system.manager.define(DeviceSpec().parent("mtty").type_id("mtty-1"));
    const auto second =
        system.manager.define(DeviceSpec().parent("mtty").type_id("mtty-1"));

    CHECK(first.uuid() != second.uuid());
    CHECK(system.store.all().size() == 2);
}

TEST_CASE(
    "a device that is not active is defined by parent and type", "[manager]")
{
    const System system;

    const auto error = error_of([&] {
        system.manager.define(DeviceSpec().uuid(sample_uuid(1)).parent("mtty"));
    });

    CHECK(error.code() == Errc::incomplete);
    CHECK(error.subject() == name(1));
    CHECK_THAT(error.what(), contains("it is not active"));
}

TEST_CASE("a new device is defined by parent and type", "[manager]")
{
    const System system;

    const auto error =
        error_of([&] { system.manager.define(DeviceSpec().parent("mtty")); });

    CHECK(error.code() == Errc::incomplete);
    CHECK(names_in(system.kernel.root()) == Names{"sys"});
}

TEST_CASE("no device is defined outside of the store", "[manager]")
{
    const System system;

    const auto error = error_of([&] {
        system.manager.define(DeviceSpec()
                                  .uuid(sample_uuid(1))
                                  .parent("../../tmp/x")
                                  .type_id("mtty-1"));
    });

    CHECK(error.code() == Errc::invalid_name);
}

// undefine

TEST_CASE("an undefined device is no longer in the store", "[manager]")
{
    System system;
    system.define(1);
    system.define(2);

    system.manager.undefine(sample_uuid(1), {});

    CHECK_FALSE(system.is_defined(1));
    CHECK(system.is_defined(2));
}

TEST_CASE("a UUID is undefined under all its parents", "[manager]")
{
    System system;
    system.define(1, "mtty");
    system.define(1, "mdpy");

    system.manager.undefine(sample_uuid(1), {});

    CHECK(system.store.all().empty());
}

TEST_CASE("a UUID is undefined only under the specified parent", "[manager]")
{
    System system;
    system.define(1, "mtty");
    system.define(1, "mdpy");

    system.manager.undefine(sample_uuid(1), "mdpy");

    CHECK(system.is_defined(1, "mtty"));
    CHECK_FALSE(system.is_defined(1, "mdpy"));
}

TEST_CASE("a device that is not defined cannot be undefined", "[manager]")
{
    const System system;

    const auto error =
        error_of([&] { system.manager.undefine(sample_uuid(1), {}); });

    CHECK(error.code() == Errc::not_defined);
    CHECK(std::string(error.what()) == "Device " + name(1) + " is not defined");
    CHECK(names_in(system.kernel.root()) == Names{"sys"});
}

TEST_CASE("a device that is not defined on a parent cannot be undefined there",
    "[manager]")
{
    System system;
    system.define(1, "mdpy");

    const auto error =
        error_of([&] { system.manager.undefine(sample_uuid(1), "mtty"); });

    CHECK(error.code() == Errc::not_defined);
    CHECK(std::string(error.what()) ==
        "Device " + name(1) + " is not defined on mtty");
    CHECK(system.is_defined(1, "mdpy"));
}

TEST_CASE("a broken definition is not undefined by mistake", "[manager]")
{
    System system;
    system.kernel.define("mtty", name(1), "{");

    const auto error =
        error_of([&] { system.manager.undefine(sample_uuid(1), {}); });

    CHECK(error.code() == Errc::invalid_definition);
    CHECK_THAT(error.what(),
        contains(system.kernel.definition_path("mtty", name(1)).string()));
    CHECK(system.is_defined(1));
}

TEST_CASE("a broken definition is undefined with force", "[manager]")
{
    System system;
    system.kernel.define("mtty", name(1), "{");

    system.manager.with_force().undefine(sample_uuid(1), {});

    CHECK_FALSE(system.is_defined(1));
    CHECK(system.said(LogLevel::warning).size() == 1);
}

TEST_CASE(
    "one of two definitions that remains is a partial failure", "[manager]")
{
    System system;
    system.kernel.define("mdpy", name(1), "{");
    system.define(1, "mtty");

    const auto error =
        error_of([&] { system.manager.undefine(sample_uuid(1), {}); });

    CHECK(error.code() == Errc::partial_failure);
    CHECK(std::string(error.what()) ==
        "1 of 2 definitions of device " + name(1) + " could not be removed");
    CHECK(system.said(LogLevel::error).size() == 1);
    CHECK(system.is_defined(1, "mdpy"));
    CHECK_FALSE(system.is_defined(1, "mtty"));
}

TEST_CASE("undefining an active device leaves it active", "[manager]")
{
    System system;
    system.define(1);
    system.kernel.add_device(sample_uuid(1));

    system.manager.undefine(sample_uuid(1), {});

    CHECK(system.is_active(1));
    CHECK(system.writes().empty());
}

// modify

TEST_CASE("a modified definition is stored as it was edited", "[manager]")
{
    System system;
    system.define(1);

    system.manager.modify(sample_uuid(1), {}, append_d);

    auto expected = sample_definition(1);
    append_d(expected);
    CHECK(system.text(1) == expected.to_json());
}

TEST_CASE("modifying preserves unknown members", "[manager]")
{
    System system;
    system.kernel.define("mtty", name(1),
        R"({"mdev_type":"mtty-1","start":"auto","vendor":{"x":1}})");

    system.manager.modify(sample_uuid(1), {}, append_d);

    CHECK_THAT(system.text(1), contains("\"vendor\": {\n    \"x\": 1\n  }"));
}

TEST_CASE("a device that is not defined cannot be modified", "[manager]")
{
    const System system;

    const auto error =
        error_of([&] { system.manager.modify(sample_uuid(1), {}, append_d); });

    CHECK(error.code() == Errc::not_defined);
    CHECK(names_in(system.kernel.root()) == Names{"sys"});
}

TEST_CASE("with several definitions the parent must be specified", "[manager]")
{
    System system;
    system.define(1, "mtty");
    system.define(1, "mdpy");

    const auto error =
        error_of([&] { system.manager.modify(sample_uuid(1), {}, append_d); });

    CHECK(error.code() == Errc::ambiguous);
    CHECK_THAT(error.what(), contains("specify a parent"));
    CHECK_THAT(error.what(), contains("mdpy, mtty"));
}

TEST_CASE("the definition on the specified parent is modified", "[manager]")
{
    System system;
    system.define(1, "mtty");
    system.define(1, "mdpy");

    system.manager.modify(sample_uuid(1), "mtty", append_d);

    CHECK(system.store.find(sample_uuid(1), "mtty")->attributes().size() == 1);
    CHECK(system.store.find(sample_uuid(1), "mdpy")->attributes().empty());
}

TEST_CASE("an edit that fails changes nothing", "[manager]")
{
    System system;
    system.define(1);

    const auto error = error_of([&] {
        system.manager.modify(sample_uuid(1), {}, [](Definition& definition) {
            append_d(definition);
            definition.erase_attribute(7);
        });
    });

    CHECK(error.code() == Errc::invalid_index);
    CHECK_THAT(error.what(),
        starts_with("Cannot modify device " + name(1) + ": Invalid attribute"));
    CHECK(system.text(1) == sample_text());
}

TEST_CASE("an edit may throw any exception", "[manager]")
{
    System system;
    system.define(1);
    const auto give_up = [](Definition&) { throw std::runtime_error("no"); };

    CHECK_THROWS_AS(
        system.manager.modify(sample_uuid(1), {}, give_up), std::runtime_error);
    CHECK(system.text(1) == sample_text());
    CHECK_NOTHROW(system.manager.modify(sample_uuid(1), {}, append_d));
}

TEST_CASE("a broken definition cannot be modified", "[manager]")
{
    System system;
    system.kernel.define("mtty", name(1), "{");

    const auto error =
        error_of([&] { system.manager.modify(sample_uuid(1), {}, append_d); });

    CHECK(error.code() == Errc::invalid_definition);
    CHECK(system.text(1) == "{");
}

TEST_CASE("forty modifications at the same time are all stored", "[manager]")
{
    System system;
    system.define(1);
    const auto modify_often = [&] {
        for (int i = 0; i < 10; ++i)
            system.manager.modify(sample_uuid(1), {}, append_d);
    };

    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back(modify_often);
    for (auto& thread : threads)
        thread.join();

    CHECK(system.store.find(sample_uuid(1), "mtty")->attributes().size() == 40);
}

TEST_CASE("a whole definition replaces the stored one", "[manager]")
{
    System system;
    system.define(1);

    system.manager.modify(with_attributes());

    CHECK(system.text(1) == with_attributes().to_json());
}

TEST_CASE("a whole definition that was not stored is added", "[manager]")
{
    const System system;

    system.manager.modify(with_attributes());

    CHECK(system.text(1) == with_attributes().to_json());
}

// start

TEST_CASE("a started device gets its attributes in order", "[manager]")
{
    const System system;

    const auto device = system.manager.start(with_attributes());

    CHECK(device.uuid() == sample_uuid(1));
    CHECK(system.is_active(1));
    CHECK(system.writes() ==
        Names{name(1) + " > create", "1 > b", "2 > a", "3 > c"});
}

TEST_CASE("a started device need not be defined", "[manager]")
{
    const System system;

    system.manager.start(sample_definition(1));

    CHECK(system.is_active(1));
    CHECK_FALSE(system.is_defined(1));
}

TEST_CASE("the error about a failed start names the device", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));

    const auto error =
        error_of([&] { system.manager.start(sample_definition(1)); });

    CHECK(error.code() == Errc::already_active);
    CHECK(std::string(error.what()) ==
        "Cannot start device " + name(1) + " on mtty: Device already exists");
    CHECK(system.writes().empty());
}

TEST_CASE(
    "a device that another process starts first already exists", "[manager]")
{
    System system;
    system.kernel.before_write(
        [&](const Write&) { system.kernel.add_device(sample_uuid(1)); });

    const auto error =
        error_of([&] { system.manager.start(with_attributes()); });

    CHECK(error.code() == Errc::already_active);
    CHECK_THAT(error.what(), contains("Device already exists"));
    CHECK(system.writes() == Names{name(1) + " > create"});
    CHECK(system.is_active(1));
}

TEST_CASE("a device is removed again if an attribute fails", "[manager]")
{
    System system;
    system.kernel.fail("a", EINVAL);

    const auto error =
        error_of([&] { system.manager.start(with_attributes()); });

    CHECK(error.code() == std::error_code(EINVAL, std::system_category()));
    CHECK_THAT(error.what(),
        starts_with("Cannot start device " + name(1) +
            " on mtty: Cannot write '2' to "));
    CHECK_THAT(error.what(), contains("/a: Invalid argument"));
    CHECK(system.writes() ==
        Names{name(1) + " > create", "1 > b", "2 > a", "1 > remove"});
    CHECK_FALSE(system.is_active(1));
}

TEST_CASE("a device is removed again if an attribute is missing", "[manager]")
{
    const System system;
    auto definition = sample_definition(1);
    definition.append_attribute("missing", "1");

    const auto error = error_of([&] { system.manager.start(definition); });

    CHECK(error.cause().value() == ENOENT);
    CHECK_THAT(error.what(), contains("has no attribute 'missing'"));
    CHECK_FALSE(system.is_active(1));
}

TEST_CASE("a failed start does not change a new device with the same UUID",
    "[manager]")
{
    System system;
    system.kernel.add_type("other", "mtty-1");
    // Another process removes the new device and starts the UUID on another
    // parent, before this process writes the first attribute.
    system.kernel.before_write([&](const Write& write) {
        if (write.value != "1")
            return;
        system.kernel.remove_device(sample_uuid(1));
        system.kernel.add_device(sample_uuid(1), "other");
    });

    CHECK_THROWS_AS(system.manager.start(with_attributes()), Error);
    const auto device = Device::find(sample_uuid(1), system.kernel.env());
    REQUIRE(device);
    CHECK(device->parent() == "other");
    // Both writes use the directory of the removed device.
    CHECK(
        system.writes() == Names{name(1) + " > create", "1 > b", "1 > remove"});
}

TEST_CASE("a stop does not change a new device with the same UUID", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.add_type("other", "mtty-1");
    const auto device = Device::find(sample_uuid(1), system.kernel.env());
    system.kernel.remove_device(sample_uuid(1));
    system.kernel.add_device(sample_uuid(1), "other");

    CHECK(error_of([&] { device->remove(); }).code() == Errc::not_active);
    CHECK(error_of([&] { device->set_attribute("a", "1"); }).code() ==
        Errc::not_active);
    CHECK(system.is_active(1));
}

TEST_CASE("a device that another process starts again is another", "[manager]")
{
    System system;
    // Another process removes the device first, and starts the UUID again.
    system.kernel.before_write([&](const Write& write) {
        if (!write.attribute.ends_with("/remove"))
            return;
        system.kernel.remove_device(sample_uuid(1));
        system.kernel.add_device(sample_uuid(1));
    });

    SECTION("to a stop")
    {
        system.kernel.add_device(sample_uuid(1));

        const auto error =
            error_of([&] { system.manager.stop(sample_uuid(1)); });

        CHECK(error.code() == Errc::not_active);
    }
    SECTION("to a start that fails")
    {
        system.kernel.fail("a", EINVAL);

        const auto error =
            error_of([&] { system.manager.start(with_attributes()); });

        CHECK(
            std::string(error.what()).find("also failed") == std::string::npos);
    }
    CHECK(system.is_active(1));
}

TEST_CASE("a failed clean-up is reported after the first error", "[manager]")
{
    System system;
    system.kernel.fail("a", EINVAL);
    system.kernel.fail("remove", EBUSY);

    const auto error =
        error_of([&] { system.manager.start(with_attributes()); });

    CHECK(error.code() == std::error_code(EINVAL, std::system_category()));
    const std::string message = error.what();
    const auto first = message.find("Invalid argument");
    const auto second = message.find("Device or resource busy");
    CHECK(first != std::string::npos);
    CHECK(second != std::string::npos);
    CHECK(first < second);
    CHECK(system.is_active(1));
}

TEST_CASE("a write may fail at any point without leaving a device", "[manager]")
{
    System system;
    const std::size_t number = GENERATE(1U, 2U, 3U, 4U);
    system.kernel.fail_write(number, EIO);

    CHECK_THROWS_AS(system.manager.start(with_attributes()), Error);
    CHECK_FALSE(system.is_active(1));
}

TEST_CASE("a definition is started by its UUID", "[manager]")
{
    System system;
    system.kernel.define("mtty", name(1), with_attributes().to_json());

    const auto device = system.manager.start(DeviceSpec().uuid(sample_uuid(1)));

    CHECK(device.parent() == "mtty");
    CHECK(device.type_id() == "mtty-1");
    CHECK(system.writes().size() == 4);
}

TEST_CASE("a start of one of several definitions needs the parent", "[manager]")
{
    System system;
    system.define(1, "mtty");
    system.define(1, "mdpy");

    const auto error = error_of(
        [&] { system.manager.start(DeviceSpec().uuid(sample_uuid(1))); });

    CHECK(error.code() == Errc::ambiguous);
    CHECK_THAT(error.what(), contains("specify a parent"));
    CHECK(system.writes().empty());
}

TEST_CASE("the definition on the specified parent is started", "[manager]")
{
    System system;
    system.define(1, "mtty");
    system.define(1, "mdpy");

    const auto device =
        system.manager.start(DeviceSpec().uuid(sample_uuid(1)).parent("mtty"));

    CHECK(device.parent() == "mtty");
}

TEST_CASE("a definition is not started with another type", "[manager]")
{
    System system;
    system.define(1);

    const auto error = error_of([&] {
        system.manager.start(
            DeviceSpec().uuid(sample_uuid(1)).type_id("mtty-2"));
    });

    CHECK_THAT(error.what(), contains("it is defined with type mtty-1"));
    CHECK(system.writes().empty());
}

TEST_CASE("a definition is started if its type is specified", "[manager]")
{
    System system;
    system.define(1);

    system.manager.start(DeviceSpec().uuid(sample_uuid(1)).type_id("mtty-1"));

    CHECK(system.is_active(1));
}

TEST_CASE("a UUID defined elsewhere is started with the specified values",
    "[manager]")
{
    System system;
    system.define(1, "mdpy");

    const auto device = system.manager.start(
        DeviceSpec().uuid(sample_uuid(1)).parent("mtty").type_id("mtty-2"));

    CHECK(device.parent() == "mtty");
    CHECK(device.type_id() == "mtty-2");
}

TEST_CASE("a device without a UUID is started with a random UUID", "[manager]")
{
    const System system;

    const auto first =
        system.manager.start(DeviceSpec().parent("mtty").type_id("mtty-1"));
    const auto second =
        system.manager.start(DeviceSpec().parent("mtty").type_id("mtty-1"));

    CHECK(first.uuid() != second.uuid());
    CHECK(Device::all(system.kernel.env()).size() == 2);
}

TEST_CASE(
    "a device that is not defined is started by parent and type", "[manager]")
{
    const System system;

    const auto error = error_of(
        [&] { system.manager.start(DeviceSpec().uuid(sample_uuid(1))); });

    CHECK(error.code() == Errc::not_defined);
    CHECK_THAT(error.what(),
        starts_with("Cannot start device " + name(1) + ": it is not defined"));
}

TEST_CASE(
    "too few values to start a device are an incomplete request", "[manager]")
{
    const System system;

    CHECK(error_of([&] {
        system.manager.start(DeviceSpec().parent("mtty"));
    }).code() == Errc::incomplete);
    CHECK(error_of([&] {
        system.manager.start(DeviceSpec().type_id("mtty-1"));
    }).code() == Errc::incomplete);
    CHECK(error_of([&] {
        system.manager.start(DeviceSpec().uuid(sample_uuid(1)).parent("mtty"));
    }).code() == Errc::not_defined);
}

TEST_CASE("a broken definition is not started", "[manager]")
{
    System system;
    system.kernel.define("mtty", name(1), "{");

    const auto error = error_of(
        [&] { system.manager.start(DeviceSpec().uuid(sample_uuid(1))); });

    CHECK(error.code() == Errc::invalid_definition);
    CHECK(system.writes().empty());
}

// stop

TEST_CASE("a stopped device is no longer active", "[manager]")
{
    System system;
    system.define(1);
    system.kernel.add_device(sample_uuid(1));

    system.manager.stop(sample_uuid(1));

    CHECK_FALSE(system.is_active(1));
    CHECK(system.is_defined(1));
    CHECK(system.writes() == Names{"1 > remove"});
}

TEST_CASE("a device that is not active cannot be stopped", "[manager]")
{
    System system;
    system.define(1);

    const auto error = error_of([&] { system.manager.stop(sample_uuid(1)); });

    CHECK(error.code() == Errc::not_active);
    CHECK(std::string(error.what()) ==
        "Cannot stop device " + name(1) + ": Device is not active");
}

TEST_CASE("the error of a removal that the kernel refuses has the reason",
    "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.fail("remove", EAGAIN);

    const auto error = error_of([&] { system.manager.stop(sample_uuid(1)); });

    CHECK(error.cause().value() == EAGAIN);
    CHECK_THAT(
        error.what(), starts_with("Cannot stop device " + name(1) + ": "));
    CHECK(system.is_active(1));
}

// start_parent

TEST_CASE("a parent's devices with autostart are started in order", "[manager]")
{
    System system;
    system.define(3, "mtty", "auto");
    system.define(1, "mtty", "auto");
    system.define(2, "mtty", "manual");
    system.define(4, "mdpy", "auto");

    system.start_parent("mtty");

    CHECK(
        system.writes() == Names{name(1) + " > create", name(3) + " > create"});
}

TEST_CASE("a parent without definitions has nothing to start", "[manager]")
{
    const System system;

    CHECK_NOTHROW(system.start_parent("mtty"));
    CHECK_NOTHROW(system.start_parent("unknown"));
    CHECK(system.kernel.log().lines().empty());
}

TEST_CASE("a parent that leads out of the store is refused", "[manager]")
{
    const System system;

    CHECK(error_of([&] { system.start_parent("../x"); }).code() ==
        Errc::invalid_name);
}

TEST_CASE("a device that is already active is not an error", "[manager]")
{
    System system;
    system.define(1, "mtty", "auto");
    system.define(2, "mtty", "auto");
    system.kernel.add_device(sample_uuid(1));

    system.start_parent("mtty");

    CHECK(system.writes() == Names{name(2) + " > create"});
    CHECK(system.said(LogLevel::error).empty());
}

TEST_CASE(
    "a device that another process starts at the same time is not an error",
    "[manager]")
{
    System system;
    system.define(1, "mtty", "auto");
    system.kernel.before_write(
        [&](const Write&) { system.kernel.add_device(sample_uuid(1)); });

    CHECK_NOTHROW(system.start_parent("mtty"));
    CHECK(system.is_active(1));
    CHECK(system.said(LogLevel::error).empty());
}

TEST_CASE(
    "a device that another process starts during its script is not an error",
    "[manager]")
{
    System system;
    system.define(1, "mtty", "auto");
    // Another process has made this device, which becomes visible when the
    // script has run.
    system.kernel.add_device(sample_uuid(1));
    const auto link = system.kernel.device_path(sample_uuid(1));
    fs::rename(link, system.kernel.root() / "hidden");
    system.kernel.add_script("test $4 = pre || exit 1\nexec mv '" +
        (system.kernel.root() / "hidden").string() + "' '" + link.string() +
        "'\n");
    // A manager knows only the scripts that existed before the manager.
    const Manager manager(system.kernel.env());

    CHECK_NOTHROW(manager.start_parent("mtty", std::chrono::milliseconds(0)));
    CHECK(system.is_active(1));
    CHECK(system.said(LogLevel::error).empty());
}

TEST_CASE("a device whose removal is incomplete is a failure", "[manager]")
{
    System system;
    system.define(1, "mtty", "auto");
    system.kernel.add_device(sample_uuid(1));
    // During a removal the kernel refuses the UUID and shows no device.
    const auto link = system.kernel.device_path(sample_uuid(1));
    put_link(fs::canonical(link) / "iommu_group", "../groups/7");
    fs::remove(link);
    system.kernel.fail("create", EEXIST);

    CHECK(error_of([&] { system.start_parent("mtty"); }).code() ==
        Errc::partial_failure);
    CHECK_THAT(system.said(LogLevel::error).front(),
        contains("Device is being removed, but is still in use; start it again "
                 "after it has been closed"));
    const auto process = system.kernel.root() / "proc/172";
    put_file(process / "comm", "qemu\n");
    put_link(process / "fd/5", "/dev/vfio/7");
    CHECK(error_of([&] { system.start_parent("mtty"); }).code() ==
        Errc::partial_failure);
    CHECK_THAT(system.said(LogLevel::error).back(),
        contains("but is still in use by process 172 (qemu); start it"));
}

TEST_CASE("an attribute that already exists is a failure", "[manager]")
{
    System system;
    auto definition = with_attributes();
    definition.set_start(StartMode::automatic);
    system.kernel.define("mtty", name(1), definition.to_json());
    system.kernel.fail("a", EEXIST);

    CHECK(error_of([&] { system.start_parent("mtty"); }).code() ==
        Errc::partial_failure);
    CHECK_FALSE(system.is_active(1));
    CHECK(system.said(LogLevel::error).size() == 1);
}

TEST_CASE("a device that fails does not stop the others", "[manager]")
{
    System system;
    system.define(1, "mtty", "auto");
    system.define(2, "mtty", "auto");
    system.define(3, "mtty", "auto");
    system.kernel.fail_write(2, EIO);

    const auto error = error_of([&] { system.start_parent("mtty"); });

    CHECK(error.code() == Errc::partial_failure);
    CHECK_THAT(error.subject(), contains("mtty"));
    CHECK(std::string(error.what()) ==
        "1 of 3 devices of parent mtty could not be started");
    CHECK(system.is_active(1));
    CHECK_FALSE(system.is_active(2));
    CHECK(system.is_active(3));
}

TEST_CASE("each failed device with autostart is logged", "[manager]")
{
    System system;
    system.define(1, "mtty", "auto");
    system.define(2, "mtty", "auto");
    system.kernel.fail("create", EIO);

    CHECK_THROWS_AS(system.start_parent("mtty"), Error);
    const auto errors = system.said(LogLevel::error);
    REQUIRE(errors.size() == 1);
    CHECK_THAT(errors[0],
        starts_with("Cannot start 2 devices of type mtty-1 on mtty: "));
    CHECK_THAT(errors[0], contains("(" + name(1) + ", " + name(2) + ")"));
    const auto each = system.said(LogLevel::info);
    REQUIRE(each.size() == 2);
    CHECK_THAT(
        each[0], starts_with("Cannot start device " + name(1) + " on mtty: "));
    CHECK_THAT(
        each[1], starts_with("Cannot start device " + name(2) + " on mtty: "));
}

TEST_CASE("a broken definition does not stop the others", "[manager]")
{
    System system;
    system.kernel.define("mtty", name(1), "{");
    system.define(2, "mtty", "auto");

    CHECK_NOTHROW(system.start_parent("mtty"));
    CHECK(system.is_active(2));
    CHECK(system.said(LogLevel::warning).size() == 1);
}

TEST_CASE("a device that is active on another parent is a failure", "[manager]")
{
    System system;
    system.define(1, "mtty", "auto");
    system.kernel.add_device(sample_uuid(1), "mdpy", "mtty-1");

    CHECK(error_of([&] { system.start_parent("mtty"); }).code() ==
        Errc::partial_failure);
    CHECK_THAT(system.said(LogLevel::error).at(0),
        contains("Device exists under different parent 'mdpy'"));
}

TEST_CASE("devices with autostart are started up to the capacity", "[manager]")
{
    System system;
    system.kernel.add_type("mtty", "mtty-1", {"1", "vfio-pci", "", ""});
    system.define(1, "mtty", "auto");
    system.define(2, "mtty", "auto");

    const auto error = error_of([&] { system.start_parent("mtty"); });

    CHECK(error.code() == Errc::partial_failure);
    CHECK(system.is_active(1));
    CHECK_THAT(system.said(LogLevel::error).at(0),
        contains("No available instances of mtty-1 on mtty"));
}

TEST_CASE("a start without readable state is attempted until the timeout",
    "[manager]")
{
    System system;
    system.define(1, "mtty", "auto");
    const auto link = system.kernel.device_path(sample_uuid(1));
    put_link(link, link);

    const auto error = error_of([&] {
        system.manager.start_parent("mtty", std::chrono::milliseconds(1));
    });

    CHECK(error.code() == Errc::partial_failure);
    CHECK(system.said(LogLevel::error).size() == 1);
    CHECK(system.writes().empty());
}

TEST_CASE("a device with a broken definition is stopped", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.define("mtty", name(1), "{");

    system.manager.stop(sample_uuid(1));

    CHECK_FALSE(system.is_active(1));
    CHECK(system.said(LogLevel::warning).empty());
}

TEST_CASE(
    "a broken definition is reported when scripts need it to stop", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.define("mtty", name(1), "{");
    system.kernel.add_script("exit 2\n");
    const Manager manager(system.kernel.env());

    manager.stop(sample_uuid(1));

    CHECK_FALSE(system.is_active(1));
    REQUIRE(system.said(LogLevel::warning).size() == 1);
    CHECK_THAT(system.said(LogLevel::warning)[0], contains(name(1)));
}

TEST_CASE("a device is defined for a parent that cannot be read", "[manager]")
{
    System system;
    const auto link = system.kernel.root() / "sys/class/mdev_bus/loop";
    put_link(link, link);

    system.manager.define({sample_uuid(1), "loop", "mtty-1"});

    CHECK(system.is_defined(1, "loop"));
}

}
