// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "fake_kernel.hpp"
#include "file_descriptor.hpp"
#include "samples.hpp"

#include <mdev/manager.hpp>

#include <algorithm>
#include <array>
#include <sys/inotify.h>
#include <unistd.h>

// A command searches for a definition once, and then uses the file that it has
// found. A second search would take time, and might find another file.

namespace mdev::test {

namespace {

/// Records which entries of a parent's directory are opened: the directory
/// itself, which has an empty name, and its files.
class OpenedFiles {
public:
    explicit OpenedFiles(const FakeKernel& kernel)
        : events_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
    {
        const auto directory = kernel.definition_path("mtty", "").parent_path();
        // IN_CLOSE is watched too, because the kernel merges equal events in a
        // row.
        REQUIRE(inotify_add_watch(events_.number(), directory.c_str(),
                    IN_OPEN | IN_CLOSE) >= 0);
    }

    std::vector<std::string> names() const
    {
        std::vector<std::string> names;
        alignas(inotify_event) std::array<char, 16384> buffer{};
        const auto size = read(events_.number(), buffer.data(), buffer.size());
        for (ssize_t at = 0; at < size;) {
            const auto* event =
                reinterpret_cast<const inotify_event*>(buffer.data() + at);
            if ((event->mask & IN_OPEN) != 0)
                names.emplace_back(event->len > 0 ? event->name : "");
            at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
        }
        return names;
    }

private:
    FileDescriptor events_;
};

/// A system with one definition.
struct System {
    FakeKernel kernel;
    Uuid uuid = sample_uuid(1);

    System()
    {
        kernel.add_type("mtty", "mtty-1");
        kernel.define("mtty", uuid.string(), sample_text("mtty-1", "auto"));
    }
    Manager manager() const { return Manager(kernel.env()); }
    static void edit(Definition& definition)
    {
        definition.set_start(StartMode::manual);
    }
};

}

TEST_CASE("a modified definition is looked up once", "[manager]")
{
    const bool has_lock = GENERATE(false, true);
    const bool is_edited = GENERATE(false, true);
    const System system;
    if (has_lock)
        put_file(system.kernel.definition_path("mtty", "")
                     .parent_path()
                     .parent_path() /
            ".lock");
    const OpenedFiles opened(system.kernel);

    if (is_edited)
        system.manager().modify(system.uuid, {}, System::edit);
    else
        system.manager().modify(Definition(system.uuid, "mtty", "mtty-1"));

    const auto names = opened.names();
    CHECK(std::count(names.begin(), names.end(), "") == 1);
    CHECK(ConfigStore(system.kernel.env()).find(system.uuid, "mtty")->start() ==
        StartMode::manual);
}

TEST_CASE("a started definition is looked up once", "[manager]")
{
    const System system;
    const OpenedFiles opened(system.kernel);

    system.manager().start_parent("mtty", std::chrono::milliseconds(0));

    const auto names = opened.names();
    const auto read =
        std::find(names.begin(), names.end(), system.uuid.string());
    REQUIRE(read != names.end());
    CHECK(std::count(read + 1, names.end(), "") == 0);
    CHECK(std::count(read + 1, names.end(), system.uuid.string()) == 0);
}

}
