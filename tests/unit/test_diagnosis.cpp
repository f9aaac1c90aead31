// SPDX-License-Identifier: LGPL-2.1-or-later
#include "card.hpp"
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "restraint.hpp"
#include "samples.hpp"

#include <mdev/diagnosis.hpp>
#include <mdev/manager.hpp>

#include <filesystem>
#include <unistd.h>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

const auto first = sample_uuid(1);
const auto second = sample_uuid(2);

using Texts = std::vector<std::string>;

/// Returns the findings, as "id subject", without the root.
Texts found(const FakeKernel& kernel)
{
    Texts texts;
    for (const auto& finding : diagnose(kernel.env())) {
        auto subject = finding.subject();
        if (subject.rfind(kernel.root().string(), 0) == 0)
            subject.erase(0, kernel.root().string().size());
        texts.push_back(finding.id() + " " + subject);
    }
    return texts;
}

/// Files that have the right mode whatever the umask is.
void put(const fs::path& path, std::string_view text, int mode = 0644)
{
    put_file(path, text);
    fs::permissions(path.parent_path(), fs::perms(0755));
    fs::permissions(path, fs::perms(mode));
}

/// A definition that only root can change.
void define(FakeKernel& kernel, const std::string& parent,
    const std::string& file, const std::string& text)
{
    kernel.define(parent, file, text);
    const auto path = kernel.definition_path(parent, file);
    fs::permissions(path.parent_path().parent_path(), fs::perms(0755));
    put(path, text);
}

/// A kernel with the type mtty-1 on the parent mtty.
struct Host : FakeKernel {
    Host() { add_type("mtty", "mtty-1"); }
};

}

TEST_CASE("a host without faults has no findings", "[diagnosis]")
{
    Host host;
    host.add_device(first);
    define(host, "mtty", first.string(), sample_text());

    CHECK(found(host) == Texts{});
}

TEST_CASE("a kernel without mediated devices is reported", "[diagnosis]")
{
    const FakeKernel kernel;

    CHECK(found(kernel) == Texts{"no-mdev /sys/class/mdev_bus"});
}

TEST_CASE("a kernel without parents is reported", "[diagnosis]")
{
    const FakeKernel kernel;
    fs::create_directories(kernel.root() / "sys/class/mdev_bus");

    CHECK(found(kernel) == Texts{"no-parents /sys/class/mdev_bus"});
}

TEST_CASE("a GPU without virtual functions is reported", "[diagnosis]")
{
    const FakeKernel kernel;
    const auto bound = kernel.root() / "sys/bus/pci/drivers/nvidia";
    put_file(bound / "0000:41:00.0/sriov_totalvfs", "32\n");
    put_file(bound / "0000:41:00.0/sriov_numvfs", "0\n");
    put_file(bound / "0000:3f:00.0/sriov_totalvfs", "16\n");
    put_file(bound / "0000:3f:00.0/sriov_numvfs", "0\n");
    put_file(bound / "0000:42:00.0/sriov_totalvfs", "32\n");
    put_file(bound / "0000:42:00.0/sriov_numvfs", "4\n");
    put_file(bound / "0000:43:00.0/vendor");

    CHECK(found(kernel) ==
        Texts{"no-virtual-functions 0000:3f:00.0",
            "no-virtual-functions 0000:41:00.0"});
}

TEST_CASE("GPUs that cannot be listed are not reported", "[diagnosis]")
{
    const FakeKernel kernel;
    put_link(kernel.root() / "sys/bus/pci/drivers/nvidia", "nvidia");

    CHECK(empty_cards(kernel.env()).empty());

    CHECK(kernel.log().texts(LogLevel::info).size() == 1);
}

TEST_CASE("a type without the name of a driver is only reported as unknown",
    "[diagnosis]")
{
    Host host;
    define(host, "gone", first.string(), sample_text("odd"));

    CHECK(found(host) == Texts{"parent-unknown " + first.string()});
}

TEST_CASE(
    "an old note about a device that is not active is no fault", "[diagnosis]")
{
    const Host host;
    put_file(host.root() / "run/mdevctl" / (first.string() + ".start"), "1");

    CHECK(found(host) == Texts{});
}

TEST_CASE("a script of which little is known is not reported", "[diagnosis]")
{
    const std::string no_text("\177ELF");
    const std::string no_shell("#!/bin/true\n/no/such/program\n");
    const std::string too_large(
        "#!/bin/sh\n" + std::string(65536, '#') + "\n/no/such/program\n");
    const auto text =
        GENERATE_COPY(as<std::string>(), no_text, no_shell, too_large);
    const Host host;
    put(host.env().callout_directories().front() / "s", text, 0755);

    CHECK(found(host) == Texts{});
}

TEST_CASE("a parent without types is reported", "[diagnosis]")
{
    Host host;
    host.add_parent("idle");

    CHECK(found(host) == Texts{"parent-without-types idle"});
}

TEST_CASE("a removal that waits for a user is reported", "[diagnosis]")
{
    Host host;
    host.add_device(first);
    fs::remove(host.device_path(first));

    CHECK(found(host) == Texts{"removal-waits " + first.string()});
}

TEST_CASE(
    "a device that is active with another type is reported", "[diagnosis]")
{
    Host host;
    host.add_device(first);
    define(host, "mtty", first.string(), sample_text("mtty-2"));

    CHECK(found(host) == Texts{"type-differs " + first.string()});
}

TEST_CASE("a device that was started incompletely is reported", "[diagnosis]")
{
    Host host;
    host.add_device(first);
    put(host.root() / "run/mdevctl" / (first.string() + ".start"), "-");

    // The device can be started again only if the command or a definition has
    // its attributes.
    CHECK(found(host) == Texts{"start-unfinished " + first.string()});
    CHECK(diagnose(host.env()).front().command() ==
        "mdevctl stop -u " + first.string());
    define(host, "mtty", first.string(), sample_text());
    CHECK(found(host) == Texts{"start-unfinished " + first.string()});
    CHECK(diagnose(host.env()).front().command() ==
        "mdevctl start --if-needed -u " + first.string());
}

TEST_CASE(
    "a finding about a full type names the devices of the type", "[diagnosis]")
{
    FakeKernel kernel;
    TypeFiles one;
    one.available_instances = "1";
    kernel.add_type("mtty", "mtty-1", one);
    kernel.add_device(first);
    define(kernel, "mtty", second.string(), sample_text());

    const auto findings = diagnose(kernel.env());

    REQUIRE(findings.size() == 1);
    CHECK(findings.front().id() == "no-instance-left");
    CHECK_THAT(findings.front().message(),
        contains("mtty has no available instance of mtty-1; the active devices "
                 "of this parent are " +
            first.string()));
}

TEST_CASE("a finding suggests a name in another letter case", "[diagnosis]")
{
    Host host;
    define(host, "mtty", first.string(), sample_text("MTTY-1"));
    define(host, "Mtty", second.string(), sample_text());

    const auto findings = diagnose(host.env());

    REQUIRE(findings.size() == 2);
    CHECK(findings[0].id() == "parent-unknown");
    CHECK_THAT(findings[0].message(), contains("perhaps mtty is meant"));
    CHECK(findings[1].id() == "type-unknown");
    CHECK_THAT(findings[1].message(), contains("perhaps mtty-1 is meant"));
}

TEST_CASE("a parent that is bound to another driver is reported", "[diagnosis]")
{
    Host host;
    define(host, "0.0.0001", first.string(), sample_text("vfio_ccw-io"));
    define(host, "0000:00:02.0", second.string(), sample_text("i915-GVTg"));
    const auto css = host.root() / "sys/bus/css/devices/0.0.0001";
    fs::create_directories(css);
    fs::create_symlink(
        "../../../bus/css/drivers/io_subchannel", css / "driver");
    fs::create_directories(host.root() / "sys/bus/pci/devices/0000:00:02.0");

    const auto findings = diagnose(host.env());

    REQUIRE(findings.size() == 2);
    CHECK(findings[0].id() == "driver-other");
    CHECK_THAT(findings[0].message(),
        contains("bound to the driver io_subchannel instead of vfio_ccw"));
    CHECK(findings[0].command() ==
        "driverctl -b css set-override 0.0.0001 vfio_ccw");
    CHECK(findings[1].id() == "driver-other");
    CHECK_THAT(
        findings[1].message(), contains("bound to no driver instead of i915"));
    CHECK(findings[1].command() == "driverctl set-override 0000:00:02.0 i915");
}

TEST_CASE("a parent whose driver has no types is not bound to another driver",
    "[diagnosis]")
{
    Host host;
    define(host, "0000:00:02.0", first.string(), sample_text("i915-GVTg"));
    const auto pci = host.root() / "sys/bus/pci/devices/0000:00:02.0";
    fs::create_directories(pci);
    fs::create_symlink("../../../bus/pci/drivers/i915", pci / "driver");

    const auto findings = diagnose(host.env());

    REQUIRE(findings.size() == 1);
    CHECK(findings[0].id() == "parent-unknown");
    CHECK_THAT(findings[0].message(),
        contains("bound to its driver i915, but is not a parent device"));
    CHECK(findings[0].command() == "dmesg");
}

TEST_CASE(
    "a driver whose module has another name is not missing", "[diagnosis]")
{
    Host host;
    define(host, "0000:00:02.0", first.string(), sample_text("i915-GVTg"));
    const auto pci = host.root() / "sys/bus/pci/devices/0000:00:02.0";
    fs::create_directories(pci);
    put(host.root() / "proc/sys/kernel/osrelease", "6.1.0-7\n");
    put(host.root() / "lib/modules/6.1.0-7/modules.dep", "kernel/a.ko:\n");
    CHECK(found(host) == Texts{"driver-missing " + first.string()});

    fs::create_symlink("../../../bus/pci/drivers/i915", pci / "driver");
    CHECK(found(host) == Texts{"parent-unknown " + first.string()});
}

TEST_CASE("a driver that is not loaded is distinguished from a missing one",
    "[diagnosis]")
{
    Host host;
    define(host, "matrix", first.string(), sample_text("vfio_ap-passthrough"));
    put(host.root() / "proc/sys/kernel/osrelease", "6.1.0-7\n");
    const auto list = host.root() / "lib/modules/6.1.0-7/modules.dep";

    CHECK(found(host) == Texts{"parent-unknown " + first.string()});

    put(list, "kernel/a.ko: kernel/drivers/s390/crypto/vfio_ap.ko\n");
    const auto missing = diagnose(host.env());
    REQUIRE(missing.size() == 1);
    CHECK(missing[0].id() == "driver-missing");
    CHECK_THAT(missing[0].message(),
        contains("vfio_ap is not installed for the kernel 6.1.0-7"));

    put(list, "kernel/drivers/s390/crypto/vfio-ap.ko.xz: kernel/a.ko\n");
    const auto not_loaded = diagnose(host.env());
    REQUIRE(not_loaded.size() == 1);
    CHECK(not_loaded[0].id() == "driver-not-loaded");
    CHECK(not_loaded[0].command() == "modprobe vfio_ap");

    fs::create_directories(host.root() / "sys/module/vfio_ap");
    const auto loaded = diagnose(host.env());
    REQUIRE(loaded.size() == 1);
    CHECK(loaded[0].id() == "parent-unknown");
    CHECK(loaded[0].advice() == "List the parents");

    // A driver that is built in need not be in /sys/module.
    fs::remove(host.root() / "sys/module/vfio_ap");
    put(list, "kernel/a.ko:\n");
    put(list.parent_path() / "modules.builtin",
        "kernel/drivers/s390/crypto/vfio_ap.ko\n");
    CHECK(found(host) == Texts{"parent-unknown " + first.string()});
}

TEST_CASE("a kernel without mdev is distinguished from a missing driver",
    "[diagnosis]")
{
    const FakeKernel kernel;
    fs::remove_all(kernel.root() / "sys/class");
    put(kernel.root() / "proc/sys/kernel/osrelease", "6.1.0-7\n");
    const auto advice = [&] {
        const auto findings = diagnose(kernel.env());
        REQUIRE(findings.size() == 1);
        CHECK(findings[0].id() == "no-mdev");
        return findings[0].advice();
    };

    put(kernel.root() / "lib/modules/6.1.0-7/modules.dep", "kernel/mdev.ko:");
    CHECK_THAT(advice(), contains("Load the driver"));

    put(kernel.root() / "lib/modules/6.1.0-7/modules.dep", "kernel/a.ko:");
    CHECK_THAT(advice(), contains("this one was built without it"));
}

TEST_CASE("a UUID that is defined twice is reported", "[diagnosis]")
{
    Host host;
    host.add_type("matrix", "vfio_ap");
    define(host, "mtty", first.string(), sample_text());
    define(host, "matrix", first.string(), sample_text("vfio_ap"));

    CHECK(found(host) == Texts{"uuid-shared " + first.string()});
}

TEST_CASE("a definition that is broken is an error", "[diagnosis]")
{
    Host host;
    define(host, "mtty", first.string(), "{");

    const auto findings = diagnose(host.env());

    REQUIRE(findings.size() == 1);
    CHECK(findings.front().id() == "definition-broken");
    CHECK(findings.front().severity() == Severity::error);
    CHECK(findings.front().command() ==
        "mdevctl undefine --force -u " + first.string() + " -p mtty");
}

TEST_CASE("a suggested command quotes names for the shell", "[diagnosis]")
{
    Host host;
    define(host, "a'; reboot", first.string(), "{");

    CHECK(diagnose(host.env()).front().command() ==
        "mdevctl undefine --force -u " + first.string() +
            " -p 'a'\\''; reboot'");
}

TEST_CASE("a file that other users can change is an error", "[diagnosis]")
{
    Host host;
    define(host, "mtty", first.string(), sample_text());
    const auto file = host.definition_path("mtty", first.string());

    SECTION("because of its mode")
    {
        fs::permissions(file, fs::perms(0646));

        CHECK(found(host) ==
            Texts{"unsafe-mode /etc/mdevctl.d/mtty/" + first.string()});
    }
    SECTION("but not by root's own group")
    {
        fs::permissions(file, fs::perms(0664));

        CHECK(found(host).empty());
    }
    SECTION("because of its group")
    {
        if (geteuid() != 0)
            return skip("only root can change the group of a file");
        REQUIRE(chown(file.c_str(), 0, 65534) == 0);
        fs::permissions(file, fs::perms(0664));

        CHECK(found(host) ==
            Texts{"unsafe-mode /etc/mdevctl.d/mtty/" + first.string()});
    }
    SECTION("because of its owner")
    {
        if (geteuid() != 0)
            return skip("only root can change the owner of a file");
        REQUIRE(chown(file.c_str(), 65534, 65534) == 0);

        CHECK(found(host) ==
            Texts{"unsafe-owner /etc/mdevctl.d/mtty/" + first.string()});
    }
}

TEST_CASE("a lock that prevents all changes is reported", "[diagnosis]")
{
    Host host;
    const auto store = host.root() / "etc/mdevctl.d";
    fs::create_directories(store);
    fs::permissions(store, fs::perms(0755));
    const auto make_lock = GENERATE(
        +[](const fs::path& lock) { fs::create_directory(lock); },
        +[](const fs::path& lock) { fs::create_symlink("/etc/passwd", lock); });
    make_lock(store / ".lock");

    CHECK(found(host) == Texts{"lock-unusable /etc/mdevctl.d/.lock"});
    // A dry run and the command give the same error.
    const Manager manager(host.env());
    const auto define = [](const Manager& by) {
        return std::string(
            error_of([&] { by.define(sample_definition(1)); }).what());
    };
    CHECK(define(manager) == define(manager.with_dry_run()));
}

TEST_CASE("hidden files cause no findings", "[diagnosis]")
{
    Host host;
    define(host, "mtty", ".swp", "half a def");
    const auto scripts = host.env().callout_directories().front();
    put(scripts / ".keep", "");

    CHECK(found(host) == Texts{});
}

TEST_CASE(
    "a directory of scripts that is a dangling link is reported", "[diagnosis]")
{
    const Host host;
    const auto scripts = host.env().callout_directories().back();
    fs::create_directories(scripts.parent_path());
    fs::create_directory_symlink("/nowhere", scripts);

    CHECK(found(host) ==
        Texts{"script-ignored " +
            scripts.string().substr(host.root().string().size())});
}

TEST_CASE("a device of a parent without types is reported once", "[diagnosis]")
{
    FakeKernel kernel;
    kernel.add_parent("idle");
    define(kernel, "idle", first.string(), sample_text());

    CHECK(found(kernel) == Texts{"parent-without-types idle"});
}

TEST_CASE(
    "a device that is active on another parent is not reported", "[diagnosis]")
{
    Host host;
    host.add_type("other", "mtty-1");
    host.add_device(first);
    define(host, "other", first.string(), sample_text());

    CHECK(found(host) == Texts{});
}

TEST_CASE("a link to itself cannot be read", "[diagnosis]")
{
    Host host;
    const auto store = host.env().definitions_directory();
    put_link(store, store);

    const auto findings = diagnose(host.env());

    REQUIRE_FALSE(findings.empty());
    CHECK(findings.front().id() == "unreadable");
    CHECK(findings.front().advice() == "Make it readable");
}

TEST_CASE("an unreadable file causes a finding", "[diagnosis]")
{
    Host host;
    define(host, "mtty", first.string(), sample_text());
    fs::permissions(
        host.definition_path("mtty", first.string()).parent_path(), {});
    const Unprivileged nobody;

    const auto findings = diagnose(host.env());

    REQUIRE(findings.size() == 1);
    CHECK(findings.front().id() == "unreadable");
    CHECK(findings.front().advice() == "Run the command as root");
}

TEST_CASE("an unreadable file is not reported as missing", "[diagnosis]")
{
    const auto unreadable = GENERATE("bus/mdev/devices", "class/mdev_bus");
    Host host;
    host.add_device(first);
    define(host, "mtty", first.string(), sample_text("mtty-1", "auto"));
    define(host, "mtty", second.string(), sample_text("mtty-1", "auto"));
    fs::permissions(host.root() / "sys" / unreadable, {});
    const Unprivileged nobody;

    for (const auto& finding : diagnose(host.env()))
        CHECK((finding.id() == "unreadable" ||
            finding.id() == "autostart-missing"));
}

TEST_CASE("a device that cannot be read is not reported as being removed",
    "[diagnosis]")
{
    Host host;
    host.add_device(first);
    define(host, "mtty", first.string(), sample_text());
    fs::remove(host.device_path(first) / "mdev_type");

    CHECK(found(host) ==
        Texts{"unreadable /sys/bus/mdev/devices/" + first.string() +
            "/mdev_type"});
}

TEST_CASE("findings in JSON have a version number", "[diagnosis]")
{
    CHECK(to_json(std::vector<Finding>()) == R"({
  "version": 1,
  "findings": []
})");

    const FakeKernel kernel;
    CHECK_THAT(to_json(diagnose(kernel.env())),
        contains(R"("id": "no-mdev")") && contains(R"("severity": "warning")"));
}

}
