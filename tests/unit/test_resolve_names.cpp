// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "resolve_names.hpp"
#include "samples.hpp"
#include "system_calls.hpp"

#include <mdev/error.hpp>
#include <mdev/host_state.hpp>
#include <mdev/manager.hpp>

namespace mdev::test {

namespace {

using Names = std::vector<std::string>;

/// Returns the name of the parent that the spelling is resolved to; "-" if
/// there is none.
std::string parent_called(const std::string& spelling, const FakeKernel& kernel)
{
    const auto parent = ParentDevice::resolve(spelling, kernel.env());
    return parent ? parent->name() : "-";
}

void add_subchannel(
    FakeKernel& kernel, const std::string& name, const std::string& device)
{
    kernel.add_type(name, "vfio_ccw-io");
    put_file(
        kernel.type_path(name, "").parent_path().parent_path() / "dev_busid",
        device + "\n");
}

FakeKernel& with_gpu(FakeKernel& kernel)
{
    kernel.add_type("gpu", "nvidia-35", {"1", "vfio-pci", "GRID P4-1Q", ""});
    kernel.add_type("gpu", "nvidia-36", {"1", "vfio-pci", "GRID P4-2Q", ""});
    kernel.add_type("gpu", "nvidia-37", {"0", "vfio-pci", "GRID P4-2Q", ""});
    return kernel;
}

}

TEST_CASE(
    "a PCI parent is found by the names of other tools", "[resolve_names]")
{
    FakeKernel kernel;
    kernel.add_parent("0000:3b:00.4");
    kernel.add_parent("10000:3b:00.4");
    const std::string spelling = GENERATE(as<std::string>(), "0000:3b:00.4",
        "3b:00.4", "3B:00.4", "0000:3B:00.4", "00000000:3B:00.4",
        "pci_0000_3b_00_4", "PCI_0000_3B_00_4", "pci_3b_00_4",
        "/sys/bus/pci/devices/0000:3b:00.4/", "/x/pci_0000_3b_00_4");

    CHECK(parent_called(spelling, kernel) == "0000:3b:00.4");
}

TEST_CASE("the domain of a PCI parent may have more than four digits",
    "[resolve_names]")
{
    FakeKernel kernel;
    kernel.add_parent("10000:3b:00.4");

    for (const auto* spelling :
        {"10000:3b:00.4", "00010000:3B:00.4", "pci_10000_3b_00_4"})
        CHECK(parent_called(spelling, kernel) == "10000:3b:00.4");
    CHECK(parent_called("3b:00.4", kernel) == "-");
}

TEST_CASE("a text that only resembles a PCI address is not resolved",
    "[resolve_names]")
{
    FakeKernel kernel;
    kernel.add_parent("0000:3b:00.4");
    const std::string spelling = GENERATE(as<std::string>(), "000:3b:00.4",
        "000000000:3b:00.4", "3b:00:4", "3b_00_4", "0000-3b:00.4", ":3b:00.4",
        "x000:3b:00.4", "pci_", "pci_0000:3b:00.4", "3b:00.4 ");

    CHECK(parent_called(spelling, kernel) == "-");
}

TEST_CASE(
    "s390 parents are found by the names of other tools", "[resolve_names]")
{
    FakeKernel kernel;
    kernel.add_parent("matrix");
    add_subchannel(kernel, "0.0.031a", "0.0.0002");
    add_subchannel(kernel, "0.0.0314", "none");

    CHECK(parent_called("ap_matrix", kernel) == "matrix");
    CHECK(parent_called("/sys/devices/vfio_ap/matrix", kernel) == "matrix");
    CHECK(parent_called("css_0_0_031a", kernel) == "0.0.031a");
    CHECK(parent_called("CSS_0_0_031A", kernel) == "0.0.031a");
    CHECK(parent_called("0.0.031A", kernel) == "0.0.031a");
    CHECK(parent_called("0.0.0002", kernel) == "0.0.031a");
    CHECK(parent_called("none", kernel) == "-");
    CHECK(parent_called("0.0.0003", kernel) == "-");
}

TEST_CASE("the exact name of a parent has priority", "[resolve_names]")
{
    FakeKernel kernel;
    add_subchannel(kernel, "0.0.0313", "0.0.0314");
    add_subchannel(kernel, "0.0.0314", "0.0.0313");
    kernel.add_parent("ap_matrix");
    kernel.add_parent("matrix");

    for (const auto* name : {"0.0.0313", "0.0.0314", "ap_matrix", "matrix"})
        CHECK(parent_called(name, kernel) == name);
}

TEST_CASE(
    "a spelling that matches several parents is ambiguous", "[resolve_names]")
{
    FakeKernel kernel;
    kernel.add_parent("MTTY");
    kernel.add_parent("Mtty");
    add_subchannel(kernel, "0.0.0313", "0.0.0002");
    add_subchannel(kernel, "0.0.0314", "0.0.0002");

    const auto by_case = error_of([&] { parent_called("mtty", kernel); });
    const auto by_device = error_of([&] { parent_called("0.0.0002", kernel); });

    CHECK(by_case.code() == Errc::ambiguous);
    CHECK(by_case.subject() == "mtty");
    CHECK(std::string(by_case.what()) ==
        "'mtty' is ambiguous: it matches the parents MTTY, Mtty");
    CHECK_THAT(by_device.what(), contains("0.0.0313, 0.0.0314"));
    CHECK(parent_called("MTTY", kernel) == "MTTY");
}

TEST_CASE("a spelling cannot lead out of the directory", "[resolve_names]")
{
    FakeKernel kernel;
    kernel.add_parent("mtty");
    const std::string spelling =
        GENERATE(as<std::string>(), "", "/", "a/b", "..", "/sys/..", ".x");

    CHECK(error_of([&] { parent_called(spelling, kernel); }).code() ==
        Errc::invalid_name);
}

TEST_CASE("a type is found by the vendor's name", "[resolve_names]")
{
    FakeKernel kernel;
    const auto gpu = *ParentDevice::resolve("gpu", with_gpu(kernel).env());

    CHECK(gpu.resolve_type("nvidia-36")->id() == "nvidia-36");
    CHECK(gpu.resolve_type("NVIDIA-36")->id() == "nvidia-36");
    CHECK(gpu.resolve_type("GRID P4-1Q")->id() == "nvidia-35");
    CHECK(gpu.resolve_type("grid p4-1q")->id() == "nvidia-35");
    CHECK_FALSE(gpu.resolve_type("nvidia-99"));
    CHECK_FALSE(gpu.resolve_type("../nvidia-35"));
    CHECK_FALSE(gpu.resolve_type(""));
    const auto two = error_of([&] { gpu.resolve_type("GRID P4-2Q"); });
    CHECK(two.code() == Errc::ambiguous);
    CHECK(std::string(two.what()) ==
        "Parent gpu has several types named 'GRID P4-2Q': nvidia-36, "
        "nvidia-37");
}

TEST_CASE("the parents with capacity for a type are listed", "[resolve_names]")
{
    FakeKernel kernel;
    with_gpu(kernel).add_type("old", "nvidia-35", {"0", "vfio-pci", "", ""});
    kernel.add_type("second", "nvidia-35", {"3", "vfio-pci", "GRID P4-1Q", ""});
    kernel.add_parent("empty");
    const auto places = [&](const std::string& spelling) {
        Names found;
        for (const auto& type : MdevType::all_available(spelling, kernel.env()))
            found.push_back(type.parent() + " " + type.id() + " " +
                std::to_string(type.available_instances()));
        return found;
    };

    CHECK(
        places("nvidia-35") == Names{"gpu nvidia-35 1", "second nvidia-35 3"});
    CHECK(places("GRID P4-1Q") == places("nvidia-35"));
    CHECK(places("GRID P4-2Q") == Names{"gpu nvidia-36 1"});
    CHECK(places("nvidia-37").empty());
    CHECK(places("../gpu").empty());
    CHECK(MdevType::all_available("x", FakeKernel().env()).empty());
}

TEST_CASE("names of missing parents are preserved", "[resolve_names]")
{
    FakeKernel kernel;
    NameResolver names(with_gpu(kernel).env());

    CHECK(names.parent("3B:00.4") == "0000:3b:00.4");
    CHECK(names.parent("pci_0000_3b_00_4") == "0000:3b:00.4");
    CHECK(names.parent("gone") == "gone");
    CHECK(names.parent("Gpu") == "gpu");
    CHECK(names.type_id("nvidia-99", "Gpu") == "nvidia-99");
    CHECK(names.type_id("nvidia-99", "gone") == "nvidia-99");
    CHECK(names.type_id("GRID P4-1Q", "Gpu") == "nvidia-35");
    const auto unknown = error_of([&] { names.type_id("GRID P4-9Q", "gpu"); });
    CHECK(unknown.code() == Errc::no_such_type);
    CHECK(error_of([&] { names.type_id("GRID P4-1Q", "gone"); }).code() ==
        Errc::no_such_type);
}

TEST_CASE("a host state looks up each parent and type once", "[resolve_names]")
{
    constexpr int types = 200;
    constexpr int devices = 100;
    FakeKernel kernel;
    for (int i = 0; i < types; ++i)
        kernel.add_type("0000:3b:00.4", "nvidia-" + std::to_string(i),
            {"100", "vfio-pci", "GRID " + std::to_string(i), ""});
    const std::string spelling =
        GENERATE(as<std::string>(), "nvidia-7", "GRID 7");
    std::string list;
    for (int i = 0; i < devices; ++i)
        list += std::string(i > 0 ? "," : "") + R"({"name": "vm)" +
            std::to_string(i) + R"(", "parent": "3B:00.4", "type": ")" +
            spelling + R"("})";
    const auto text = R"({"version": 1, "devices": [)" + list + "]}";

    const auto parsing =
        system_calls_of([&] { HostState::from_json(text, "host.json"); });
    const auto state = HostState::from_json(text, "host.json");
    const auto applying = system_calls_of([&] {
        Manager(kernel.env())
            .with_dry_run()
            .apply(state, Prune::no, ActiveDevices::leave);
    });

    if (!parsing || !applying) {
        WARN("no process can be traced here");
        return;
    }
    CHECK(parsing->empty());
    // The store is read once for each device. The vendor's name is looked up
    // once in each type, which has four files.
    CHECK(applying->size() <
        (spelling == "GRID 7" ? types * 20 : 0) + devices * 10 + 50);
}

TEST_CASE("a parent whose other name cannot be read is not found by it",
    "[resolve_names]")
{
    FakeKernel kernel;
    add_subchannel(kernel, "0.0.0313", "0.0.0002");
    add_subchannel(kernel, "0.0.0314", "0.0.0003");
    const auto id = kernel.root() / "sys/class/mdev_bus/0.0.0313/dev_busid";
    std::filesystem::remove(id);
    std::filesystem::create_directory(id);

    CHECK(parent_called("0.0.0003", kernel) == "0.0.0314");
}

}
