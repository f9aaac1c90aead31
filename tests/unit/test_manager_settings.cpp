// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "file_descriptor.hpp"
#include "heard.hpp"
#include "restraint.hpp"
#include "samples.hpp"
#include "unfinished_start.hpp"

#include <mdev/config_store.hpp>
#include <mdev/manager.hpp>

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>
#include <thread>
#include <utility>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

/// A system with capacity for four devices of type mtty-1, and three managers.
struct System {
    FakeKernel kernel;
    Heard heard;
    Manager manager = Manager(kernel.env()).with_listener(heard.listener());
    Manager dry = manager.with_dry_run();
    Manager idempotent = manager.with_idempotence();

    System()
    {
        kernel.give_attributes({"a"});
        kernel.add_type("mtty", "mtty-1");
        kernel.add_type("mtty", "mtty-2");
    }
    void define(std::uint8_t number, const std::string& start = "manual",
        const std::string& parent = "mtty")
    {
        kernel.define(
            parent, sample_uuid(number).string(), sample_text("mtty-1", start));
    }
    bool is_active(std::uint8_t number) const
    {
        return Device::find(sample_uuid(number), kernel.env()).has_value();
    }
    void open_by_qemu(std::uint8_t number) const
    {
        const auto device =
            fs::canonical(kernel.device_path(sample_uuid(number)));
        put_link(device / "iommu_group", "../../../kernel/iommu_groups/42");
        put_file(kernel.root() / "proc/172/comm", "qemu\n");
        put_link(kernel.root() / "proc/172/fd/5", "/dev/vfio/42");
    }
    std::optional<Definition> stored(std::uint8_t number) const
    {
        return ConfigStore(kernel.env()).find(sample_uuid(number), "mtty");
    }
};

/// Returns the names of the files below a directory that this process has open.
Names open_below(const fs::path& directory)
{
    Names names;
    for (const auto& fd : fs::directory_iterator("/proc/self/fd")) {
        std::error_code ignored;
        const auto file = fs::read_symlink(fd, ignored);
        if (file.string().rfind(directory.string() + "/", 0) == 0 &&
            file.extension() == ".lock")
            names.push_back(file.filename());
    }
    return names;
}

Errc code_of(const Error& error)
{
    return static_cast<Errc>(error.code().value());
}

}

// with_listener

TEST_CASE("a listener gets each command", "[manager]")
{
    System system;

    system.manager.define(sample_definition(1));
    system.manager.modify(sample_uuid(1), {}, [](Definition&) {});
    system.manager.modify(sample_uuid(1), {},
        [](Definition& definition) { definition.append_attribute("a", "1"); });
    system.manager.start(sample_definition(1));
    system.manager.stop(sample_uuid(1));
    system.manager.undefine(sample_uuid(1), {});

    CHECK(system.heard.lines ==
        Names{"define 1!", "modify 1", "modify 1!", "start 1!", "stop 1!",
            "undefine 1!"});
}

TEST_CASE("a listener gets failures", "[manager]")
{
    System system;
    const auto& manager = system.manager;
    system.define(1);
    const auto nothing = [](Definition&) {};

    error_of([&] { manager.define(sample_definition(1)); });
    error_of([&] { manager.modify(sample_uuid(2), {}, nothing); });
    error_of([&] { manager.start(DeviceSpec().uuid(sample_uuid(2))); });
    error_of([&] { manager.stop(sample_uuid(2)); });
    error_of([&] { manager.undefine(sample_uuid(2), {}); });

    CHECK(system.heard.lines ==
        Names{"define 1?", "modify 2?", "start 2?", "stop 2?", "undefine 2?"});
}

TEST_CASE("a listener gets the changes of a modification", "[manager]")
{
    System system;
    system.define(1);
    Names differences;
    const auto manager = system.manager.with_listener(
        [&](const Outcome& outcome) { differences = outcome.differences(); });

    manager.modify(sample_uuid(1), {}, [](Definition& definition) {
        definition.set_type_id("mtty-2");
        definition.set_start(StartMode::automatic);
        definition.append_attribute("a", "1");
    });
    CHECK(differences == Names{"type", "start", "attrs"});

    manager.modify(
        Definition::from_json(R"({"mdev_type": "mtty-2", "start": "auto",)"
                              R"( "attrs": [{"a": "1"}], "mine": 1})",
            sample_uuid(1), "mtty", "text"));
    CHECK(differences == Names{"others"});
}

TEST_CASE("a listener gets each definition that is undefined", "[manager]")
{
    System system;
    system.define(1);
    system.define(1, "manual", "other");

    system.manager.undefine(sample_uuid(1), {});

    CHECK(system.heard.lines == Names{"undefine 1!", "undefine 1!"});
}

TEST_CASE("a listener gets failures before the first step", "[manager]")
{
    System system;
    const auto& manager = system.manager;
    system.define(1);
    const auto nothing = [](Definition&) {};
    const auto spec = DeviceSpec().uuid(sample_uuid(3));
    auto odd = spec;
    odd.parent("a/b").type_id("t");

    error_of([&] { manager.define(spec); });
    error_of([&] { manager.define(odd); });
    error_of([&] { manager.define(DeviceSpec()); });
    error_of([&] { manager.start(spec); });
    error_of([&] { manager.start(DeviceSpec()); });
    error_of([&] { manager.undefine(sample_uuid(1), "a/b"); });
    error_of([&] { manager.modify(sample_uuid(1), "a/b", nothing); });

    CHECK(system.heard.lines ==
        Names{"define 3?", "define 3?", "define 0?", "start 3?", "start 0?",
            "undefine 1?", "modify 1?"});
}

TEST_CASE("a listener gets the failure of a function that throws", "[manager]")
{
    System system;
    system.define(1);
    Names errors;
    const auto manager = system.manager.with_listener(
        [&](const Outcome& outcome) { errors.push_back(outcome.error()); });
    const auto sentence = "Cannot modify device " + sample_uuid(1).string();

    CHECK_THROWS_AS(
        manager.modify(sample_uuid(1), {},
            [](Definition&) { throw std::runtime_error("no license"); }),
        std::runtime_error);
    CHECK_THROWS_AS(
        manager.modify(sample_uuid(1), {}, [](Definition&) { throw 1; }), int);

    CHECK(errors ==
        Names{sentence + ": no license",
            sentence + ": a function of the program has thrown an exception"});
}

TEST_CASE("a listener may give commands", "[manager]")
{
    System system;
    system.define(1);
    system.define(1, "manual", "other");
    system.kernel.add_script("exit 0");
    const auto env = system.kernel.env().with_callout_lock_timeout(
        std::chrono::milliseconds(0));
    const Manager inner(env);
    Names parents;
    const auto manager = inner.with_listener([&](const Outcome& outcome) {
        inner.define(Definition(sample_uuid(2), outcome.parent(), "mtty-1"));
        parents.push_back(outcome.parent());
    });

    manager.undefine(sample_uuid(1), {});

    CHECK(parents == Names{"mtty", "other"});
    CHECK(system.stored(2));
}

TEST_CASE("a function that edits cannot call commands", "[manager]")
{
    System system;
    system.define(1);
    const auto& manager = system.manager;
    const auto edit = [&](Definition&) {
        manager.define(sample_definition(2));
    };

    const auto error =
        error_of([&] { manager.modify(sample_uuid(1), {}, edit); });

    CHECK(code_of(error) == Errc::lock_held);
    CHECK_THAT(error.what(),
        contains("a function that edits a definition cannot call commands"));
    CHECK(system.heard.lines == Names{"define 2?", "modify 1?"});
    CHECK_NOTHROW(manager.define(sample_definition(2)));
}

TEST_CASE("a function that edits cannot lock the store", "[manager]")
{
    System system;
    system.define(1);
    const ConfigStore store(
        system.kernel.env().with_lock_timeout(std::chrono::milliseconds(0)));

    const auto error = error_of([&] {
        system.manager.modify(
            sample_uuid(1), {}, [&](Definition&) { store.lock(); });
    });

    CHECK(code_of(error) == Errc::lock_held);
    CHECK_NOTHROW(store.lock());
}

// with_in_use, with_timeout

TEST_CASE("a device in use is not stopped if the caller says so", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.open_by_qemu(1);
    Names json;
    const auto careful = system.manager.with_in_use(InUse::refuse)
                             .with_listener([&](const Outcome& outcome) {
                                 json.push_back(outcome.to_json());
                             });

    const auto error = error_of([&] { careful.stop(sample_uuid(1)); });

    const auto sentence = "Cannot stop device " + sample_uuid(1).string() +
        ": Device is in use by process 172 (qemu)";
    CHECK(error.code() == Errc::in_use);
    CHECK(error.what() == sentence);
    REQUIRE(error.users().size() == 1);
    CHECK(error.users()[0].pid() == 172);
    CHECK(system.is_active(1));
    CHECK(system.kernel.writes().empty());
    REQUIRE(json.size() == 1);
    CHECK_THAT(json[0],
        contains(
            sentence + R"(", "users": [{"pid": 172, "command": "qemu"}]})"));
}

TEST_CASE("devices that are not in use are stopped nevertheless", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.add_device(sample_uuid(2));
    system.open_by_qemu(1);

    CHECK(code_of(error_of([&] {
        system.manager.with_in_use(InUse::refuse).stop_all({});
    })) == Errc::partial_failure);

    CHECK(system.is_active(1));
    CHECK_FALSE(system.is_active(2));
}

TEST_CASE("a dry run names the user of a device", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.open_by_qemu(1);

    system.dry.stop(sample_uuid(1));
    const auto refused = error_of(
        [&] { system.dry.with_in_use(InUse::refuse).stop(sample_uuid(1)); });

    CHECK(system.kernel.log().texts(LogLevel::warning) ==
        Names{"Device " + sample_uuid(1).string() +
            " is in use by process 172 (qemu); the command would wait "
            "until it is closed"});
    CHECK(code_of(refused) == Errc::in_use);
    CHECK(system.heard.lines == Names{"stop 1!", "stop 1?"});
}

TEST_CASE("a stop can time out while its removal continues", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.open_by_qemu(1);
    std::promise<void> closed;
    system.kernel.before_write(
        [&](const Write&) { closed.get_future().wait(); });
    const auto impatient =
        system.manager.with_timeout(std::chrono::milliseconds(1));

    const auto error = error_of([&] { impatient.stop(sample_uuid(1)); });

    CHECK(error.code() == Errc::in_use);
    CHECK_THAT(error.what(),
        contains("Device is in use by process 172 (qemu): its removal has "
                 "begun; the kernel completes it when the device is closed"));
    CHECK(error.users().size() == 1);
    CHECK(system.heard.lines == Names{"stop 1?"});
    closed.set_value();
    while (system.is_active(1))
        std::this_thread::yield();
}

// with_dry_run

TEST_CASE("a dry run defines nothing", "[manager]")
{
    System system;

    system.dry.define(sample_definition(1));

    CHECK(system.heard.lines == Names{"define 1!"});
    CHECK_FALSE(fs::exists(system.kernel.root() / "etc"));
}

TEST_CASE("a dry run writes nothing to the store", "[manager]")
{
    System system;
    system.define(1);
    const auto before = system.stored(1)->to_json();

    system.dry.modify(sample_uuid(1), {},
        [](Definition& definition) { definition.append_attribute("a", "1"); });
    system.dry.modify(sample_definition(2));
    system.dry.undefine(sample_uuid(1), {});

    CHECK(system.heard.lines == Names{"modify 1!", "modify 2!", "undefine 1!"});
    CHECK(system.stored(1)->to_json() == before);
    CHECK_FALSE(system.stored(2));
    CHECK_FALSE(fs::exists(system.kernel.root() / "etc/mdevctl.d/.lock"));
}

TEST_CASE("a dry run neither starts nor stops a device", "[manager]")
{
    System system;
    system.define(1, "auto");
    system.kernel.add_device(sample_uuid(2));
    const std::chrono::milliseconds none(0);

    const auto device = system.dry.start(sample_definition(1));
    system.dry.stop(sample_uuid(2));
    system.dry.start_all(std::chrono::hours(1));
    system.dry.start_parent("mtty", none);
    system.dry.start_defined({});
    system.dry.stop_all({});

    CHECK(device.uuid() == sample_uuid(1));
    CHECK(system.kernel.writes().empty());
    CHECK(system.heard.lines ==
        Names{"start 1!", "stop 2!", "start 1!", "start 1!", "start 1!",
            "stop 2!"});
}

TEST_CASE("a dry run fails like the command", "[manager]")
{
    System system;
    system.define(1);
    system.kernel.add_device(sample_uuid(2));
    const auto& dry = system.dry;
    const auto failure = [](auto action) { return code_of(error_of(action)); };

    CHECK(failure([&] { dry.define(sample_definition(1)); }) ==
        Errc::already_defined);
    CHECK(failure([&] { dry.start(sample_definition(2)); }) ==
        Errc::already_active);
    CHECK(failure([&] {
        dry.start({sample_uuid(3), "gone", "T"});
    }) == Errc::no_such_parent);
    CHECK(failure([&] { dry.stop(sample_uuid(1)); }) == Errc::not_active);
    CHECK(failure([&] { dry.undefine(sample_uuid(2), {}); }) ==
        Errc::not_defined);
    CHECK(failure([&] {
        dry.modify_live(sample_definition(2), LiveScope::device_and_definition);
    }) == Errc::not_defined);
    CHECK(failure([&] {
        dry.modify_live(sample_definition(2), LiveScope::device);
    }) == Errc::not_supported);
}

// with_idempotence

TEST_CASE("a request that is already satisfied succeeds", "[manager]")
{
    System system;
    system.define(1);
    system.kernel.add_device(sample_uuid(1));
    const auto& manager = system.idempotent;

    manager.define(sample_definition(1));
    manager.modify(sample_uuid(1), {}, [](Definition&) {});
    manager.start(sample_definition(1));
    manager.stop(sample_uuid(2));
    manager.undefine(sample_uuid(2), {});

    CHECK(system.heard.lines ==
        Names{"define 1", "modify 1", "start 1", "stop 2", "undefine 2"});
    CHECK(system.kernel.writes().empty());
}

TEST_CASE("a device with other values does not satisfy a request", "[manager]")
{
    System system;
    system.define(1);
    system.kernel.add_device(sample_uuid(1));
    auto other = sample_definition(1);
    other.set_type_id("mtty-2");

    const auto defined = error_of([&] { system.idempotent.define(other); });
    const auto started = error_of([&] { system.idempotent.start(other); });

    CHECK(defined.code() == Errc::already_defined);
    CHECK(std::string(defined.what()).find("it differs in type") !=
        std::string::npos);
    CHECK(started.code() == Errc::already_active);
}

TEST_CASE(
    "an active device without a definition needs only its UUID", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));

    const auto device =
        system.idempotent.start(DeviceSpec().uuid(sample_uuid(1)));

    CHECK(device.type_id() == "mtty-1");
    CHECK(system.heard.lines == Names{"start 1"});
    CHECK(code_of(error_of([&] {
        system.idempotent.start(
            DeviceSpec().uuid(sample_uuid(1)).type_id("mtty-2"));
    })) == Errc::not_defined);
}

TEST_CASE(
    "a device that another process makes satisfies a request", "[manager]")
{
    System system;
    // The kernel refuses the UUID before it shows the device.
    system.kernel.fail("create", EEXIST);
    system.kernel.before_write(
        [&](const Write&) { system.kernel.add_device(sample_uuid(1)); });

    system.idempotent.start(sample_definition(1));

    CHECK(system.heard.lines == Names{"start 1"});
    CHECK(error_of([&] {
        system.manager.start(sample_definition(1));
    }).code() == Errc::already_active);
}

TEST_CASE("a device whose removal waits for a user is not started", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.open_by_qemu(1);
    // During a removal the kernel refuses the UUID and lists no device.
    fs::remove(system.kernel.device_path(sample_uuid(1)));
    system.kernel.fail("create", EEXIST);

    const auto error =
        error_of([&] { system.idempotent.start(sample_definition(1)); });

    CHECK(error.code() == Errc::in_use);
    CHECK(error.cause() == std::error_code(EEXIST, std::system_category()));
    REQUIRE(error.users().size() == 1);
    CHECK(error.users()[0].command() == "qemu");
    CHECK(system.heard.lines == Names{"start 1?"});
}

TEST_CASE("a start can wait for the last user of a removed device", "[manager]")
{
    System system;
    system.kernel.fail_write(1, EEXIST);
    system.kernel.fail_write(2, EEXIST);

    system.idempotent.with_wait(std::chrono::hours(1))
        .start(sample_definition(1));

    CHECK(system.is_active(1));
    CHECK(system.kernel.writes().size() == 3);
}

namespace {

/// A device, and the note of a start that was killed or is still active.
struct Noted : System {
    Definition definition = sample_definition(1);
    fs::path note =
        kernel.root() / "run/mdevctl" / (sample_uuid(1).string() + ".start");

    Noted()
    {
        definition.append_attribute("a", "5");
        kernel.add_device(sample_uuid(1));
    }
    std::string inode() const
    {
        struct stat status {};
        stat(kernel.device_path(sample_uuid(1)).c_str(), &status);
        return std::to_string(status.st_ino);
    }
    bool is_made_anew()
    {
        const auto before = kernel.writes().size();
        idempotent.start(definition);
        return kernel.writes().size() == before + 3;
    }
};

}

TEST_CASE("a device that a killed command has partly started is made again",
    "[manager]")
{
    Noted system;
    // "-": the command was killed while the kernel created the device.
    put_file(system.note, GENERATE(0, 1) == 0 ? system.inode() : "-");

    CHECK(system.is_made_anew());

    CHECK(system.heard.lines == Names{"start 1!"});
    const auto writes = system.kernel.writes();
    CHECK(writes[0].value == "1");
    CHECK(writes[1].value == sample_uuid(1).string());
    CHECK(writes[2].value == "5");
    CHECK_FALSE(fs::exists(system.note));
    CHECK_FALSE(system.is_made_anew());
}

TEST_CASE("a note of a different device is ignored", "[manager]")
{
    Noted system;
    put_file(system.note, GENERATE(0, 1) == 0 ? system.inode() + "0" : "");

    CHECK_FALSE(system.is_made_anew());
    CHECK(system.heard.lines == Names{"start 1"});
}

TEST_CASE("no note remains for a stopped device or one without attributes",
    "[manager]")
{
    Noted system;
    put_file(system.note, "-");
    SECTION("a stop")
    {
        system.manager.stop(sample_uuid(1));
        CHECK_FALSE(fs::exists(system.note));
    }
    SECTION("a start")
    {
        system.kernel.remove_device(sample_uuid(1));
        system.manager.start(sample_definition(1));
        CHECK_FALSE(fs::exists(system.note));
    }
}

TEST_CASE("the note of a start that continues stays", "[manager]")
{
    Noted system;
    put_file(system.note, "-");
    // Another process starts the UUID as soon as the device is removed.
    const FileDescriptor starter(
        open(system.note.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(flock(starter.number(), LOCK_EX) == 0);

    system.manager.stop(sample_uuid(1));

    CHECK_FALSE(system.is_active(1));
    CHECK(fs::exists(system.note));
}

TEST_CASE("a start waits for another start of the same device", "[manager]")
{
    Noted system;
    put_file(system.note, system.inode());
    FileDescriptor starter(open(system.note.c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(flock(starter.number(), LOCK_EX) == 0);
    const auto impatient = Manager(
        system.kernel.env().with_lock_timeout(std::chrono::milliseconds(1)))
                               .with_idempotence();

    CHECK(error_of([&] { impatient.start(system.definition); }).code() ==
        Errc::timed_out);
    CHECK(system.kernel.writes().empty());

    starter = FileDescriptor();
    CHECK(system.is_made_anew());
}

TEST_CASE("a start continues after another start of the same device ends",
    "[manager]")
{
    Noted system;
    put_file(system.note, system.inode());
    FileDescriptor starter(open(system.note.c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(flock(starter.number(), LOCK_EX) == 0);
    std::thread other([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
        starter = FileDescriptor();
    });

    CHECK(system.is_made_anew());
    other.join();
}

TEST_CASE(
    "a partly started device that is in use is not made again", "[manager]")
{
    Noted system;
    put_file(system.note, system.inode());
    system.open_by_qemu(1);

    const auto error =
        error_of([&] { system.idempotent.start(system.definition); });

    CHECK(error.code() == Errc::in_use);
    CHECK(std::string(error.what())
              .find("by process 172 (qemu) and lacks attributes: it cannot be "
                    "created again before it is closed") != std::string::npos);
    CHECK(system.kernel.writes().empty());
}

TEST_CASE("notes that cannot be read are about no device", "[manager]")
{
    const Noted system;
    const auto notes = system.note.parent_path();
    put_link(notes, notes.filename());
    const auto env = system.kernel.env();

    CHECK(noted_starts(env).empty());
    CHECK(start_progress(env, *Device::find(sample_uuid(1), env)) ==
        StartProgress::complete);

    CHECK(system.kernel.log().texts(LogLevel::info).size() == 2);
}

TEST_CASE("no note is made of a device that cannot be examined", "[manager]")
{
    const Noted system;
    const auto env = system.kernel.env();
    const auto device = *Directory::at(system.kernel.root());

    const auto outcome =
        outcome_without(calls_of_fstat(), EIO, [&]() -> std::string {
            StartNote(env, sample_uuid(2)).add_device(device);
            return "noted";
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome ==
        "Cannot examine " + system.kernel.root().string() +
            ": Input/output error");
}

TEST_CASE("a full file system does not prevent a note", "[manager]")
{
    const System system;
    fs::create_directories(system.kernel.root() / "run");
    const auto env = system.kernel.env();
    StartNote note(env, sample_uuid(1));

    {
        const FileSizeLimit full(0);
        note.begin();
    }

    const auto logged = system.kernel.log().texts(LogLevel::info);
    REQUIRE(logged.size() == 1);
    CHECK(logged[0].find("Cannot write") == 0);
}

TEST_CASE("a definition waits for the start of its device", "[manager]")
{
    Noted system;
    put_file(system.note, system.inode());
    FileDescriptor starter(open(system.note.c_str(), O_RDWR | O_CLOEXEC));
    REQUIRE(flock(starter.number(), LOCK_EX) == 0);
    const auto spec = DeviceSpec().uuid(sample_uuid(1));
    const auto impatient = Manager(
        system.kernel.env().with_lock_timeout(std::chrono::milliseconds(1)));

    CHECK(error_of([&] { impatient.define(spec); }).code() == Errc::timed_out);
    CHECK_FALSE(system.stored(1));

    fs::remove(system.note);
    starter = FileDescriptor();
    impatient.define(spec);
    CHECK(system.stored(1));
    CHECK(system.kernel.log().texts(LogLevel::warning).empty());
}

TEST_CASE("defining a partly started device causes a warning", "[manager]")
{
    Noted system;
    put_file(system.note, system.inode());

    system.manager.define(DeviceSpec().uuid(sample_uuid(1)));

    CHECK(system.stored(1));
    const auto warnings = system.kernel.log().texts(LogLevel::warning);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings.front().find("lacks attributes") != std::string::npos);
}

TEST_CASE("a note that cannot be written does not prevent a start", "[manager]")
{
    System system;
    auto definition = sample_definition(1);
    definition.append_attribute("a", "5");
    put_file(system.kernel.root() / "run/mdevctl");

    system.manager.start(definition);

    CHECK(system.is_active(1));
}

TEST_CASE("the note of a start exists until the last attribute is written",
    "[manager]")
{
    System system;
    auto definition = sample_definition(1);
    definition.append_attribute("a", "5");
    fs::create_directories(system.kernel.root() / "run");
    const auto note = system.kernel.root() / "run/mdevctl" /
        (sample_uuid(1).string() + ".start");
    std::vector<bool> noted;
    system.kernel.before_write(
        [&](const Write&) { noted.push_back(fs::exists(note)); });

    system.manager.start(definition);

    CHECK(noted == std::vector<bool>{true, true});
    CHECK_FALSE(fs::exists(note));
}

TEST_CASE("failed devices are tried again", "[manager]")
{
    System system;
    system.define(1, "auto");
    system.define(2, "auto");
    system.kernel.fail_write(1, EINVAL);
    system.kernel.fail_write(3, EINVAL);

    system.manager.with_retries(2, std::chrono::milliseconds(0))
        .start_all(std::chrono::milliseconds(0));

    CHECK(system.is_active(1));
    CHECK(system.is_active(2));
    CHECK(system.heard.lines == Names{"start 2!", "start 1!"});
    CHECK(system.kernel.log().texts(LogLevel::error).empty());
}

TEST_CASE(
    "failures after all retries are logged once for each cause", "[manager]")
{
    System system;
    for (const std::uint8_t number : {1, 2, 3})
        system.define(number, "auto");
    system.kernel.fail("create", EINVAL);

    CHECK(error_of([&] {
        system.manager.with_retries(1, std::chrono::milliseconds(0))
            .start_all(std::chrono::milliseconds(0));
    }).code() == Errc::partial_failure);

    CHECK(system.kernel.writes().size() == 6);
    CHECK(system.heard.lines == Names{"start 1?", "start 2?", "start 3?"});
    const auto errors = system.kernel.log().texts(LogLevel::error);
    REQUIRE(errors.size() == 1);
    CHECK_THAT(errors.front(),
        starts_with("Cannot start 3 devices of type mtty-1 on mtty: "));
    CHECK_THAT(errors.front(), contains(sample_uuid(2).string()));
}

TEST_CASE(
    "a device that disappears during a stop counts as stopped", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.before_write(
        [&](const Write&) { system.kernel.remove_device(sample_uuid(1)); });

    system.idempotent.stop(sample_uuid(1));

    CHECK(system.heard.lines == Names{"stop 1"});
}

// with_wait

TEST_CASE("a start waits for a parent that appears late", "[manager]")
{
    System system;
    const Definition definition(sample_uuid(1), "late", "mtty-1");
    unsigned tries = 0;
    const auto env = system.kernel.env().with_log(
        [&](LogLevel, std::string_view) { ++tries; });

    const auto error = error_of([&] {
        Manager(env).with_wait(std::chrono::milliseconds(1)).start(definition);
    });
    CHECK(error.code() == Errc::timed_out);

    system.kernel.add_type("late", "mtty-1");
    const auto device =
        system.manager.with_wait(std::chrono::hours(1)).start(definition);
    CHECK(device.parent() == "late");
    CHECK(system.is_active(1));
    CHECK(system.heard.lines == Names{"start 1!"});
}

TEST_CASE("a start does not wait if waiting cannot help", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));

    const auto error = error_of([&] {
        system.manager.with_wait(std::chrono::hours(1))
            .start(sample_definition(1));
    });

    CHECK(error.code() == Errc::already_active);
    CHECK(system.heard.lines == Names{"start 1?"});
}

TEST_CASE("a device that is already active is not waited for", "[manager]")
{
    System system;
    system.define(1, "auto");
    system.kernel.add_device(sample_uuid(1));
    fs::remove_all(system.kernel.type_path("mtty", "mtty-1"));

    system.manager.start_all(std::chrono::hours(1));

    CHECK(system.heard.lines == Names{"start 1"});
}

// start_defined, stop_all

TEST_CASE("all definitions are started", "[manager]")
{
    System system;
    system.define(1);
    system.define(2, "auto");
    system.define(3, "manual", "gone");

    const auto error = error_of([&] { system.manager.start_defined({}); });

    CHECK(error.code() == Errc::partial_failure);
    CHECK(std::string(error.what()) == "1 of 3 devices could not be started");
    CHECK(system.heard.lines == Names{"start 3?", "start 1!", "start 2!"});
    system.manager.start_defined("mtty");
    CHECK(system.heard.lines.size() == 5);
    CHECK(system.heard.lines.back() == "start 2");
}

TEST_CASE("all active devices are stopped", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.add_device(sample_uuid(2));
    system.kernel.add_device(sample_uuid(3), "other");

    system.manager.stop_all("mtty");
    CHECK(system.is_active(3));
    system.manager.stop_all({});

    CHECK(system.heard.lines == Names{"stop 1!", "stop 2!", "stop 3!"});
    CHECK(Device::all(system.kernel.env()).empty());
}

TEST_CASE("a device that cannot be stopped does not affect others", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.add_device(sample_uuid(2));
    system.kernel.fail_write(1, EIO);

    const auto error = error_of([&] { system.manager.stop_all({}); });

    CHECK(error.code() == Errc::partial_failure);
    CHECK(system.heard.lines == Names{"stop 1?", "stop 2!"});
    CHECK(system.is_active(1));
    CHECK_FALSE(system.is_active(2));
}

/// While device 1 is removed, another process starts device 2 on another
/// parent.
void move_to_another_parent(FakeKernel& kernel)
{
    kernel.add_type("other", "mtty-1");
    kernel.before_write([&kernel, is_moved = false](const Write&) mutable {
        if (std::exchange(is_moved, true))
            return;
        kernel.remove_device(sample_uuid(2));
        kernel.add_device(sample_uuid(2), "other");
    });
}

TEST_CASE("a device that has moved to another parent stays", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.add_device(sample_uuid(2));
    move_to_another_parent(system.kernel);

    system.manager.stop_all("mtty");

    CHECK(system.heard.lines == Names{"stop 1!", "stop 2"});
    CHECK(system.is_active(2));
}

TEST_CASE("a device that cannot be read was not stopped", "[manager]")
{
    System system;
    system.kernel.add_device(sample_uuid(1));
    system.kernel.add_device(sample_uuid(2));
    system.kernel.add_device(sample_uuid(3), "other");
    fs::remove(system.kernel.device_path(sample_uuid(1)) / "mdev_type");

    const auto error = error_of([&] { system.manager.stop_all("mtty"); });
    CHECK(error.code() == Errc::partial_failure);
    CHECK(system.heard.lines == Names{"stop 2!", "stop 1?"});
    system.manager.stop_all("other");
    CHECK(system.heard.lines.back() == "stop 3!");
    CHECK(error_of([&] { system.manager.stop_all({}); }).code() ==
        Errc::partial_failure);
}

// The locks of parents

TEST_CASE(
    "devices are started under the lock of their own parent only", "[manager]")
{
    System system;
    system.define(1, "auto");
    system.define(2, "auto", "other");
    system.define(3, "auto", "other");
    system.kernel.add_type("other", "mtty-1");
    const auto run = system.kernel.root() / "run";
    fs::create_directory(run);
    Names locked;
    system.kernel.before_write([&](const Write& write) {
        for (const auto& lock : open_below(run))
            locked.push_back(lock + " " + write.value.substr(35));
    });

    system.manager.start_all({});

    CHECK(locked == Names{"mtty.lock 1", "other.lock 2", "other.lock 3"});
    CHECK(open_below(run).empty());
}

}
