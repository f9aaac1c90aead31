// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "device_impl.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "function_watch.hpp"
#include "mdev_type_impl.hpp"
#include "samples.hpp"
#include "vendor_note.hpp"
#include "vendor_vfio.hpp"

#include <mdev/device.hpp>
#include <mdev/manager.hpp>
#include <mdev/parent_device.hpp>

#include <cerrno>
#include <future>
#include <sys/eventfd.h>

using namespace mdev;
using namespace mdev::test;

namespace fs = std::filesystem;

namespace {

const std::string parent = "0000:41:00.4";
const std::string list = "ID    : vGPU Name\n"
                         "1147  : NVIDIA L40S-1Q\n"
                         "1148  : NVIDIA L40S-2Q\n";
const Uuid first = *Uuid::parse("11111111-2222-3333-4444-555555555501");

/// A function with the files of NVIDIA. Its driver accepts everything.
class Host : public FakeKernel {
public:
    Host()
    {
        put_file(vendor() / "creatable_vgpu_types", list);
        put_file(vendor() / "current_vgpu_type", "0\n");
        put_file(vendor() / "vgpu_params");
    }

    fs::path vendor() const
    {
        return root() / "sys/bus/pci/devices" / parent / "nvidia";
    }
    std::string current() const
    {
        return file_content(vendor() / "current_vgpu_type");
    }
    void make_by_hand(const std::string& number) const
    {
        put_file(vendor() / "current_vgpu_type", number + "\n");
    }
    Device start(const Uuid& uuid = first) const
    {
        return Manager(env()).start(
            DeviceSpec().uuid(uuid).parent(parent).type_id("nvidia-1147"));
    }
    /// Replaces the function's directory by another directory of the same name.
    void make_function_anew() const
    {
        const auto function = vendor().parent_path();
        const auto old = root() / "old";
        fs::rename(function, old);
        put_file(vendor() / "creatable_vgpu_types", list);
        make_by_hand("0");
        fs::remove_all(old);
    }
    /// Adds a process that has the function open.
    void open() const
    {
        put_link(vendor().parent_path() / "iommu_group", "../groups/7");
        put_file(root() / "proc/172/comm", "qemu\n");
        put_link(root() / "proc/172/fd/5", "/dev/vfio/7");
    }
};

/// A card with two functions, of which the second lists types of its own.
class Card : public Host {
public:
    const std::string name = "0000:41:00.0";
    const std::string second = "0000:41:00.5";

    Card()
    {
        list_of_second(list);
        put_file(pci() / second / "nvidia/current_vgpu_type", "0\n");
        put_link(pci() / name / "virtfn0", "../" + parent);
        put_link(pci() / name / "virtfn1", "../" + second);
        put_link(pci() / parent / "physfn", "../" + name);
        put_link(pci() / second / "physfn", "../" + name);
    }
    fs::path pci() const { return vendor().parent_path().parent_path(); }
    void list_of_second(const std::string& types) const
    {
        put_file(pci() / second / "nvidia/creatable_vgpu_types", types);
    }
    void make_second_by_hand(const std::string& number) const
    {
        put_file(pci() / second / "nvidia/current_vgpu_type", number + "\n");
    }
    std::vector<MdevType> types_of(const std::string& function) const
    {
        return ParentDevice::find(function, env())->types();
    }
};

/// Makes a directory that cannot be opened.
void make_loop(const fs::path& path)
{
    fs::remove_all(path);
    put_link(path, path.filename());
}

std::vector<std::string> ids(const std::string& text)
{
    std::vector<std::string> found;
    for (const auto& type : nvidia_vgpu.parse_types(text))
        found.push_back(type.id + "=" + type.name);
    return found;
}

}

TEST_CASE("NVIDIA's list of types", "[vendor-vfio]")
{
    using Texts = std::vector<std::string>;
    CHECK(ids(list) ==
        Texts{"nvidia-1147=NVIDIA L40S-1Q", "nvidia-1148=NVIDIA L40S-2Q"});
    CHECK(ids("1=A: B-C D\n7  :x") == Texts{"nvidia-7=x"});
    CHECK(ids("1 : A: B-C D") == Texts{"nvidia-1=A: B-C D"});
    CHECK(ids("ID    : vGPU Name\n").empty());
    CHECK(ids("").empty());
    CHECK(ids(": x\n-1 : y\n../1 : z\n12345678901 : w\n").empty());
}

TEST_CASE("NVIDIA's current type", "[vendor-vfio]")
{
    CHECK(nvidia_vgpu.parse_current("0\n").empty());
    CHECK(nvidia_vgpu.parse_current("").empty());
    CHECK(nvidia_vgpu.parse_current("1147\n") == "nvidia-1147");
    CHECK(nvidia_vgpu.parse_current("../x").empty());
    CHECK(nvidia_vgpu.written("nvidia-1147") == "1147");
    for (const auto* word : {"", "x", "nvidia", "nvidia-", "nvidia-0",
             "nvidia-x", "NVIDIA L40S-1Q", "mtty-1147"})
        CHECK(nvidia_vgpu.written(word).empty());
}

TEST_CASE("the size in the name of a type of NVIDIA", "[vendor-vfio]")
{
    CHECK(nvidia_vgpu.size_in("NVIDIA L40S-48Q") == "48");
    CHECK(
        nvidia_vgpu.size_in("NVIDIA RTX Pro 6000 Blackwell DC-1-24Q") == "24");
    CHECK(nvidia_vgpu.size_in("NVIDIA A16-2B4") == "2");
    for (const auto* name : {"", "NVIDIA", "NVIDIA-", "NVIDIA L40S-Q"})
        CHECK(nvidia_vgpu.size_in(name).empty());
}

TEST_CASE("looking up any word as a type is allowed", "[vendor-vfio]")
{
    const Host host;
    const auto find = [&](const std::string& id) {
        return ParentDevice::find(parent, host.env())->type(id).has_value();
    };
    for (const bool has_device : {false, true}) {
        host.make_by_hand(has_device ? "1148" : "0");
        CHECK(find("nvidia-1148"));
        CHECK(find("nvidia-7") == has_device);
        for (const auto* word : {"x", "nvidia-", "nvidia-x", "NVIDIA L40S-2Q"})
            CHECK_FALSE(find(word));
    }
}

TEST_CASE("a virtual function is a parent", "[vendor-vfio]")
{
    const Host host;
    const auto found = ParentDevice::find(parent, host.env());

    REQUIRE(found);
    CHECK(found->framework() == Framework::vendor_vfio);
    CHECK(ParentDevice::all(host.env()).size() == 1);
    const auto types = found->types();
    REQUIRE(types.size() == 2);
    CHECK(types[0].id() == "nvidia-1147");
    CHECK(types[0].name() == "NVIDIA L40S-1Q");
    CHECK(types[0].device_api() == "vfio-pci");
    CHECK(types[0].available_instances() == 1);
    CHECK(std::string(word(found->framework())) == "vendor-vfio");
}

TEST_CASE("a device on a function keeps the UUID of its start", "[vendor-vfio]")
{
    const Host host;
    const auto device = host.start();

    CHECK(host.current() == "1147\n");
    CHECK(device.framework() == Framework::vendor_vfio);
    CHECK(device.path() == host.vendor().parent_path());
    const auto found = Device::find(first, host.env());
    REQUIRE(found);
    CHECK(found->type_id() == "nvidia-1147");
    CHECK(Device::all(host.env()).size() == 1);

    found->set_attribute("nvidia/vgpu_params", "a=1");
    CHECK(file_content(host.vendor() / "vgpu_params") == "a=1");
    CHECK(error_of([&] {
        found->set_attribute("nvidia/current_vgpu_type", "0");
    }).code() == Errc::invalid_name);

    found->remove();
    CHECK(host.current() == "0\n");
    CHECK_FALSE(Device::find(first, host.env()));
    CHECK(error_of([&] { found->remove(); }).code() == Errc::not_active);
}

TEST_CASE("a device made by another program has a UUID from its address",
    "[vendor-vfio]")
{
    const Host host;
    host.make_by_hand("1148");

    const auto devices = Device::all(host.env());
    REQUIRE(devices.size() == 1);
    // Definitions may contain this UUID, so it must never change.
    CHECK(devices[0].uuid().string() == "cb6ab21e-37ca-5a0d-8224-7d4e2eb7c7d5");
    CHECK(Device::find(devices[0].uuid(), host.env()));
    CHECK(error_of([&] { host.start(); }).code() == Errc::no_instance_left);
}

TEST_CASE("a note counts only if it is about this device", "[vendor-vfio]")
{
    const Host host;
    const auto device = host.start();

    SECTION("another type")
    {
        host.make_by_hand("1148");
    }
    SECTION("another directory of the same name")
    {
        host.make_function_anew();
        host.make_by_hand("1147");
    }
    SECTION("a broken note")
    {
        put_file(host.root() / "run/mdevctl" / (parent + ".json"), "{");
    }
    CHECK_FALSE(Device::find(first, host.env()));
    CHECK(error_of([&] { device.remove(); }).code() == Errc::not_active);
    CHECK(host.current() != "0\n");
    CHECK(Device::all(host.env()).size() == 1);
}

TEST_CASE("a function that is open is not reset", "[vendor-vfio]")
{
    const Host host;
    const auto device = host.start();
    host.open();
    const auto writes = host.writes().size();

    const auto error = error_of([&] { Manager(host.env()).stop(first); });

    CHECK(error.code() == Errc::in_use);
    CHECK(std::string(error.what()) ==
        "Cannot stop device " + first.string() +
            ": Device is in use by process 172 (qemu)");
    REQUIRE(error.users().size() == 1);
    CHECK(host.writes().size() == writes);
    CHECK(host.current() == "1147\n");
    fs::remove_all(host.root() / "proc");
    Manager(host.env()).stop(first);
    CHECK(host.current() == "0\n");
}

TEST_CASE("a function that was changed by another program is not reset",
    "[vendor-vfio]")
{
    Host host;

    SECTION("while the driver was busy")
    {
        host.start();
        host.fail_write(2, EBUSY);
        host.before_write([&](const Write& write) {
            if (write.value == "0")
                host.make_by_hand("1148");
        });
        CHECK(error_of([&] { Manager(host.env()).stop(first); }).code() ==
            Errc::not_active);
        CHECK(host.current() == "1148\n");
    }
    SECTION("since the function was examined, it was created again")
    {
        host.make_by_hand("1147");
        const auto device = Access::impl(Device::all(host.env()).front());
        const auto directory = device.directory();
        host.make_function_anew();
        host.make_by_hand("1147");
        REQUIRE(Device::find(device.uuid, host.env()));
        CHECK(error_of([&] {
            device.remove(directory, std::chrono::milliseconds(0));
        }).code() == Errc::not_active);
        CHECK(host.current() == "1147\n");
    }
}

TEST_CASE("a UUID is active on one function only", "[vendor-vfio]")
{
    const Host host;
    const std::string second = "0000:41:00.5";
    const auto function = host.vendor().parent_path().parent_path() / second;
    put_file(function / "nvidia/creatable_vgpu_types", list);
    put_file(function / "nvidia/current_vgpu_type", "0\n");
    const auto start_second = [&](const Uuid& uuid) {
        Manager(host.env())
            .start(
                DeviceSpec().uuid(uuid).parent(second).type_id("nvidia-1147"));
    };

    SECTION("a note about a device that another program has reset")
    {
        host.start();
        host.make_by_hand("0");
        start_second(first);
        host.make_by_hand("1147");
        const auto device = Device::find(first, host.env());
        REQUIRE(device);
        CHECK(device->parent() == second);
        CHECK(Device::all(host.env()).size() == 2);
    }
    SECTION("two processes")
    {
        // The other process is just about to write its type.
        const auto other = lock_function(host.env(), parent);
        write_note(host.env(), parent, {first, "nvidia-1147", 1});
        const auto error = error_of([&] { start_second(first); });
        CHECK(error.code() == Errc::already_active);
        CHECK(read_note(host.env(), parent));
        CHECK_FALSE(read_note(host.env(), second));
        CHECK(host.writes().empty());
    }
    SECTION("the UUID of another program's device on another function")
    {
        host.make_by_hand("1147");
        const auto theirs = Device::all(host.env()).front().uuid();
        host.make_by_hand("0");
        CHECK(error_of([&] { start_second(theirs); }).code() ==
            Errc::already_active);
        CHECK_NOTHROW(host.start(theirs));
    }
}

TEST_CASE("a function that is open gets no type", "[vendor-vfio]")
{
    const Host host;
    host.open();

    const auto error = error_of([&] { host.start(); });

    CHECK(error.code() == Errc::in_use);
    CHECK_THAT(error.what(),
        Catch::Matchers::EndsWith(
            "has no device, but is in use by process 172 (qemu)"));
    CHECK(host.writes().empty());
}

TEST_CASE("a refused type leaves no note", "[vendor-vfio]")
{
    Host host;
    host.fail("nvidia/current_vgpu_type", EIO);

    const auto error = error_of([&] { host.start(); });

    CHECK(error.cause().value() == EIO);
    CHECK_FALSE(fs::exists(host.root() / "run/mdevctl" / (parent + ".json")));
}

TEST_CASE("a failed attribute resets the function", "[vendor-vfio]")
{
    const Host host;
    Definition definition(first, parent, "nvidia-1147");
    definition.insert_attribute(0, "nvidia/none", "1");

    CHECK_THROWS(Manager(host.env()).start(definition));
    CHECK(host.current() == "0\n");
}

TEST_CASE("changes of functions are found by polling", "[vendor-vfio]")
{
    const Host host;
    FunctionWatch watch(host.env(), true);
    const auto seen = [&] {
        std::vector<Event> events;
        watch.look(events);
        std::string text;
        for (const auto& event : events)
            text += std::string(event.word()) + " " + event.parent() + " " +
                (event.uuid() ? event.uuid()->string() + " " : "") +
                event.type_id() + "\n";
        return text;
    };
    const auto device = first.string() + " nvidia-1147\n";
    const std::string theirs = "cb6ab21e-37ca-5a0d-8224-7d4e2eb7c7d5 ";
    CHECK(seen().empty());
    host.start();
    CHECK(seen() == "device-added " + parent + " " + device);
    CHECK(seen().empty());
    Manager(host.env()).stop(first);
    CHECK(seen() == "device-removed " + parent + " " + first.string() + " \n");
    host.make_by_hand("1147");
    CHECK(seen() == "device-added " + parent + " " + theirs + "nvidia-1147\n");
    host.make_by_hand("1148");
    CHECK(seen() ==
        "device-removed " + parent + " " + theirs + "\n" + "device-added " +
            parent + " " + theirs + "nvidia-1148\n");
    host.make_function_anew();
    host.make_by_hand("1148");
    CHECK(seen() ==
        "device-removed " + parent + " " + theirs + "\n" +
            "parent-unregistered " + parent + " \n" + "parent-registered " +
            parent + " \n" + "device-added " + parent + " " + theirs +
            "nvidia-1148\n");
    fs::remove_all(host.vendor());
    CHECK(seen() ==
        "device-removed " + parent + " " + theirs + "\n" +
            "parent-unregistered " + parent + " \n");
}

TEST_CASE("a function with an unreadable file has no types and no device",
    "[vendor-vfio]")
{
    const Host host;
    FunctionWatch watch(host.env(), true);
    const auto found = ParentDevice::find(parent, host.env());
    REQUIRE(found);

    SECTION("its current type")
    {
        fs::remove(host.vendor() / "current_vgpu_type");
        fs::create_directory(host.vendor() / "current_vgpu_type");

        CHECK(found->types().empty());
        CHECK(found->devices().empty());
        CHECK(Device::all(host.env()).empty());

        CHECK(host.log().texts(LogLevel::warning).size() == 3);
        std::vector<Event> events;
        watch.look(events);
        REQUIRE(events.size() == 1);
        CHECK(events[0].kind() == EventKind::parent_unregistered);
    }
    SECTION("its list of types")
    {
        fs::remove(host.vendor() / "creatable_vgpu_types");

        CHECK(found->types().empty());

        const auto warnings = host.log().texts(LogLevel::warning);
        REQUIRE(warnings.size() == 1);
        CHECK_THAT(warnings[0], contains("creatable_vgpu_types"));
    }
}

TEST_CASE("a parent lists the device on its function", "[vendor-vfio]")
{
    const Host host;
    const auto found = ParentDevice::find(parent, host.env());
    CHECK(found->devices().empty());
    host.start();

    const auto devices = found->devices();

    REQUIRE(devices.size() == 1);
    CHECK(devices[0].uuid() == first);
}

TEST_CASE("a removed function has no types", "[vendor-vfio]")
{
    const Host host;
    const auto found = ParentDevice::find(parent, host.env());
    const auto type = *found->type("nvidia-1147");
    CHECK(type.path() == host.vendor() / "creatable_vgpu_types");

    fs::remove_all(host.vendor());

    CHECK_FALSE(found->type("nvidia-1147"));
    CHECK(type.path() == host.vendor().parent_path());
    const auto sentence = "Function " + parent + " no longer exists";
    const auto refused = error_of([&] { type.create(first); });
    CHECK(refused.code() == Errc::no_such_parent);
    CHECK_THAT(refused.what(), contains(sentence));
    CHECK(vendor_vfio().no_instance_error(type).what() == sentence);
}

TEST_CASE("the error of a refused type has the reason", "[vendor-vfio]")
{
    struct Refused {
        int error;
        std::error_code code;
        const char* reason;
    };
    const auto refused =
        GENERATE(Refused{ENODEV, {ENODEV, std::system_category()},
                     "does not know nvidia-1147, or is being unloaded"},
            Refused{ENOSPC, Errc::no_instance_left,
                "The driver currently does not offer nvidia-1147"},
            Refused{EIO, {EIO, std::system_category()},
                "refuses a nvidia-1147; dmesg may show the reason"});
    Host host;
    host.fail("nvidia/current_vgpu_type", refused.error);

    const auto error = error_of([&] { host.start(); });

    CHECK(error.code() == refused.code);
    CHECK_THAT(error.what(), contains(refused.reason));
}

TEST_CASE("a function that has got a type in the meantime gets no other",
    "[vendor-vfio]")
{
    const Host host;
    const auto type =
        *ParentDevice::find(parent, host.env())->type("nvidia-1147");
    host.make_by_hand("1148");

    const auto error = error_of([&] { type.create(first); });

    CHECK(error.code() == Errc::no_instance_left);
    CHECK(host.current() == "1148\n");
    CHECK(host.writes().empty());
}

TEST_CASE(
    "waiting for the user of a function can be cancelled", "[vendor-vfio]")
{
    Host host;
    host.start();
    const FileDescriptor cancel(eventfd(1, EFD_CLOEXEC));
    const auto env = host.env().with_cancel(cancel.number());
    const auto device = Access::impl(*Device::find(first, env));
    const auto directory = device.directory();
    std::promise<void> end;

    SECTION("before the function is reset")
    {
        host.open();
    }
    SECTION("while the driver resets the function")
    {
        host.before_write([&](const Write&) { end.get_future().wait(); });
    }
    const auto error =
        error_of([&] { device.remove(directory, std::chrono::minutes(5)); });
    end.set_value();

    CHECK(error.code() == Errc::cancelled);
}

TEST_CASE("functions of a card may list different types", "[vendor-vfio]")
{
    const Card card;
    card.list_of_second("1149  : NVIDIA L40S-4Q\n");

    const auto types = card.types_of(card.second);

    REQUIRE(types.size() == 3);
    for (const auto& type : types)
        CHECK(
            type.available_instances() == (type.id() == "nvidia-1149" ? 1 : 0));
}

TEST_CASE("the name of another program's type is known from a sibling",
    "[vendor-vfio]")
{
    const Card card;
    Manager(card.env())
        .start(DeviceSpec()
                   .uuid(first)
                   .parent(card.second)
                   .type_id("nvidia-1147"));
    card.make_by_hand("1148");

    const auto types = card.types_of(parent);

    REQUIRE(types.size() == 2);
    CHECK(types[0].name() == "NVIDIA L40S-1Q");
    CHECK(types[1].name() == "NVIDIA L40S-2Q");
}

TEST_CASE(
    "a card with a device of an unknown size is not full", "[vendor-vfio]")
{
    const Card card;
    card.make_second_by_hand("1199");
    const auto function = VirtualFunction::find(card.env(), parent);

    const auto error = refusal(card.env(), *function, "nvidia-1149");

    CHECK(error.code() == Errc::no_instance_left);
    CHECK_THAT(error.what(),
        contains("all its devices must have the size of the first "
                 "(nvidia-1199 on 0000:41:00.5)"));
}

TEST_CASE("a name of several types of a card is ambiguous", "[vendor-vfio]")
{
    const Card card;
    put_file(card.vendor() / "creatable_vgpu_types",
        "1147  : NVIDIA L40S-1Q\n1150  : NVIDIA L40S-1Q\n");

    const auto error = error_of([&] {
        Manager(card.env())
            .start(DeviceSpec().uuid(first).parent(card.name).type_id(
                "NVIDIA L40S-1Q"));
    });

    CHECK(error.code() == Errc::ambiguous);
    CHECK_THAT(error.what(), contains("nvidia-1147, nvidia-1150"));
    CHECK(card.writes().empty());
}

TEST_CASE("a note without a valid UUID is no note", "[vendor-vfio]")
{
    const Host host;
    write_note(host.env(), parent, {first, "nvidia-1147", 1});
    const auto note = host.root() / "run/mdevctl" / (parent + ".json");
    REQUIRE(read_note(host.env(), parent));
    auto text = file_content(note);
    text.replace(text.find(first.string()), first.string().size(), "x");

    put_file(note, text);

    CHECK_FALSE(read_note(host.env(), parent));
}

TEST_CASE("a note that cannot be written is an error", "[vendor-vfio]")
{
    const Host host;
    host.start();
    fs::create_directory(
        host.root() / "run/mdevctl" / ("." + parent + ".json"));

    const auto error = error_of([&] {
        write_note(host.env(), parent, {first, "nvidia-1147", 1});
    });

    CHECK(error.code().value() == EISDIR);
    // A list of devices is complete without the note.
    host.make_by_hand("0");
    CHECK(Device::all(host.env()).empty());
    CHECK_FALSE(host.log().texts(LogLevel::debug).empty());
}

TEST_CASE("notes in an unreadable directory are unknown", "[vendor-vfio]")
{
    const Host host;
    make_loop(host.root() / "run/mdevctl");

    CHECK(noted_parents(host.env()).empty());

    CHECK(host.log().texts(LogLevel::info).size() == 1);
    CHECK(error_of([&] { try_lock_function(host.env(), parent); })
              .code()
              .value() == ELOOP);
}

TEST_CASE("a function that cannot be examined is an error", "[vendor-vfio]")
{
    const Host host;
    const auto directory = *Directory::at(host.vendor());

    const auto outcome =
        outcome_without(calls_of_fstat(), EIO, [&]() -> std::string {
            return std::to_string(identity_of(directory));
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome ==
        "Cannot examine " + host.vendor().string() + ": Input/output error");
}
