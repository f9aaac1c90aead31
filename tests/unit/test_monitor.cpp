// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "fake_kernel.hpp"
#include "monitor_impl.hpp"
#include "restraint.hpp"
#include "samples.hpp"
#include "temporary_directory.hpp"

#include <mdev/config_store.hpp>
#include <mdev/error.hpp>
#include <mdev/monitor.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <set>
#include <sys/syscall.h>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using namespace std::string_literals;

const Uuid uuid = *Uuid::parse("11111111-2222-3333-4444-555555555501");
const Uuid other = *Uuid::parse("11111111-2222-3333-4444-555555555502");
const Uuid third = *Uuid::parse("11111111-2222-3333-4444-555555555503");

std::string text(const Event& event)
{
    constexpr const char* words[] = {"", "appeared", "disappeared",
        "registered", "unregistered", "added", "changed", "removed",
        "overflow"};
    return words[static_cast<int>(event.kind())] + " "s + event.parent() +
        (event.uuid() ? " " + event.uuid()->string() : "");
}

std::string uevent(const std::string& fields)
{
    const auto parsed = parse_uevent(fields);
    return parsed ? text(*parsed) : "nothing";
}

/// A store below a directory of its own, and a monitor that watches it.
struct Watched {
    TemporaryDirectory directory;
    Environment env{directory.path()};
    ConfigStore store{env};

    void save(const Uuid& which, const std::string& parent, StartMode start)
    {
        Definition definition(which, parent, "t");
        definition.set_start(start);
        store.save(definition, store.lock());
    }
};

bool is_readable(const Monitor& monitor)
{
    struct pollfd asked {
        monitor.descriptor(), POLLIN, 0
    };
    return poll(&asked, 1, 0) > 0;
}

using Texts = std::vector<std::string>;

Texts texts(const std::vector<Event>& events)
{
    Texts texts;
    for (const auto& event : events)
        texts.push_back(text(event));
    return texts;
}

/// Returns the events of the monitor until its queue is empty.
Texts said(const Monitor& monitor)
{
    Texts all;
    do
        for (auto& text : texts(monitor.read()))
            all.push_back(std::move(text));
    while (is_readable(monitor));
    return all;
}

/// More changes than the kernel queues for a process that watches the
/// directory.
void overflow(const Watched& watched, const Uuid& one, const Uuid& two)
{
    int kept = 0;
    std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> kept;
    REQUIRE(kept > 0);
    const auto paths = {
        watched.store.path(one, "mtty"), watched.store.path(two, "mtty")};
    for (int told = 0; told <= kept; told += 2)
        for (const auto& path : paths)
            std::ofstream(path, std::ios::app).put('\n');
}

}

TEST_CASE("a new device appears under its parent", "[monitor]")
{
    CHECK(uevent("add@/devices/virtual/mtty/mtty/" + uuid.string() +
              "\0ACTION=add\0DEVPATH=/devices/virtual/mtty/mtty/"s +
              uuid.string() + "\0SUBSYSTEM=mdev\0SEQNUM=7\0"s) ==
        "appeared mtty " + uuid.string());
}

TEST_CASE("a removed device disappears", "[monitor]")
{
    CHECK(uevent("ACTION=remove\0DEVPATH=/devices/pci0000:00/0000:00:02.0/"s +
              uuid.string() + "\0SUBSYSTEM=mdev\0"s) ==
        "disappeared 0000:00:02.0 " + uuid.string());
}

TEST_CASE("a driver registers and unregisters its parent", "[monitor]")
{
    const auto change = [](const std::string& state) {
        return uevent("ACTION=change\0DEVPATH=/devices/virtual/mtty/mtty\0"
                      "SUBSYSTEM=mtty\0MDEV_STATE="s +
            state + "\0"s);
    };

    CHECK(change("registered") == "registered mtty");
    CHECK(change("unregistered") == "unregistered mtty");
    CHECK(change("dancing") == "nothing");
}

TEST_CASE("each kind of event has its own word", "[monitor]")
{
    std::set<std::string> words;
    for (int kind = 1; kind <= static_cast<int>(EventKind::overflow); ++kind)
        words.insert(make_event(static_cast<EventKind>(kind), "P", {}).word());

    CHECK(words ==
        std::set<std::string>{"definition-added", "definition-changed",
            "definition-removed", "device-added", "device-removed", "overflow",
            "parent-registered", "parent-unregistered"});
}

TEST_CASE("an event in JSON is an object on one line", "[monitor]")
{
    CHECK(make_event(EventKind::device_removed, "P\n\"", uuid).to_json() ==
        R"({"event": "device-removed", "parent": "P\n\"", )"
        R"("uuid": "11111111-2222-3333-4444-555555555501", )"
        R"("type": null, "start": null, "types": null})");
    CHECK(make_event(EventKind::overflow, "", {}).to_json() ==
        R"({"event": "overflow", "parent": null, "uuid": null, )"
        R"("type": null, "start": null, "types": null})");
}

TEST_CASE("an event has the known facts about its subject", "[monitor]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-2");
    kernel.add_device(uuid, "mtty", "mtty-1");
    kernel.define("mtty", uuid.string(), sample_text("mtty-2", "auto"));
    kernel.define("mtty", other.string(), "broken");
    const auto env = kernel.env();

    const auto events = Monitor(env).current();
    const auto details = [&](EventKind kind, const std::string& parent) {
        return with_details(make_event(kind, parent, uuid), env).to_json();
    };

    REQUIRE(events.size() == 4);
    CHECK(events[0].offered_type_ids() == Texts{"mtty-1", "mtty-2"});
    CHECK(events[0].type_id().empty());
    CHECK(events[1].type_id() == "mtty-1");
    CHECK_FALSE(events[1].start());
    CHECK(events[2].type_id() == "mtty-2");
    CHECK(events[2].start() == StartMode::automatic);
    CHECK_THAT(events[2].to_json(),
        contains(R"("type": "mtty-2", "start": "auto", "types": null)"));
    CHECK(events[3].type_id().empty());
    CHECK_FALSE(events[3].start());
    CHECK_THAT(details(EventKind::device_added, "mtty"),
        contains(R"("type": "mtty-1")"));
    CHECK_THAT(
        details(EventKind::device_added, "other"), contains(R"("type": null)"));
    CHECK_THAT(details(EventKind::parent_registered, "mtty"),
        contains(R"("types": ["mtty-1", "mtty-2"])"));
    CHECK_THAT(details(EventKind::definition_removed, "mtty"),
        contains(R"("type": null)"));
    // What an event is about may have disappeared since.
    kernel.add_parent("idle");
    fs::remove(kernel.type_path("idle", "").parent_path());
    CHECK_THAT(details(EventKind::parent_registered, "idle"),
        contains(R"("types": [])"));
    CHECK_THAT(details(EventKind::parent_registered, "other"),
        contains(R"("types": [])"));
    CHECK_THAT(details(EventKind::definition_added, "other"),
        contains(R"("type": null)"));
}

TEST_CASE("a filter selects events", "[monitor]")
{
    FakeKernel kernel;
    kernel.add_device(uuid, "mtty", "mtty-1");
    kernel.add_device(third, "matrix", "vfio_ap");
    kernel.define("mtty", uuid.string(), sample_text());
    kernel.define("matrix", other.string(), sample_text());
    const auto present = [&](const EventFilter& filter) {
        return texts(Monitor(kernel.env(), filter).current());
    };

    CHECK(present(EventFilter()).size() == 6);
    CHECK(present(EventFilter().parent("mtty")) ==
        Texts{"registered mtty", "appeared mtty " + uuid.string(),
            "added mtty " + uuid.string()});
    CHECK(present(EventFilter().uuid(uuid)) ==
        Texts{"appeared mtty " + uuid.string(), "added mtty " + uuid.string()});
    CHECK(present(EventFilter()
                      .kind(EventKind::parent_registered)
                      .kind(EventKind::definition_added)) ==
        Texts{"registered matrix", "registered mtty",
            "added matrix " + other.string(), "added mtty " + uuid.string()});
    CHECK(present(EventFilter().kind(EventKind::device_removed)).empty());
    CHECK(present(EventFilter().parent("mtty").uuid(other)).empty());
}

TEST_CASE("a filter selects changes, and never hides an overflow", "[monitor]")
{
    Watched watched;
    watched.save(uuid, "mtty", StartMode::manual);
    watched.save(other, "mtty", StartMode::manual);
    const Monitor monitor(watched.env, EventFilter().parent("matrix"));
    const Monitor kinds(
        watched.env, EventFilter().kind(EventKind::definition_removed));

    watched.save(third, "matrix", StartMode::manual);
    watched.save(third, "mtty", StartMode::manual);
    CHECK(said(monitor) == Texts{"added matrix " + third.string()});
    CHECK(said(kinds).empty());
    CHECK_FALSE(kinds.has_uevents());

    overflow(watched, uuid, other);
    CHECK(said(monitor) == Texts{"overflow "});
}

TEST_CASE("two filters with the same beginning are independent", "[monitor]")
{
    FakeKernel kernel;
    kernel.add_parent("mtty");
    kernel.add_parent("matrix");
    auto filter = EventFilter().parent("mtty");
    auto copy = filter;
    copy.parent("matrix");

    CHECK(texts(Monitor(kernel.env(), filter).current()) ==
        Texts{"registered mtty"});
    CHECK(texts(Monitor(kernel.env(), copy).current()) ==
        Texts{"registered matrix"});
}

TEST_CASE("events that are not about mediated devices are ignored", "[monitor]")
{
    const auto message = GENERATE(""s, "\0"s, "ACTION=add"s, "DEVPATH=/"s,
        "ACTION=add\0DEVPATH=/module/mtty\0SUBSYSTEM=module\0"s,
        "ACTION=add\0DEVPATH=/bus/mdev\0SUBSYSTEM=mdev\0"s,
        "ACTION=bind\0DEVPATH=/a/11111111-2222-3333-4444-555555555501\0"
        "SUBSYSTEM=mdev\0"s,
        "ACTION=add\0DEVPATH=11111111-2222-3333-4444-555555555501\0"
        "SUBSYSTEM=mdev\0"s,
        "ACTION=change\0DEVPATH=/devices/..\0MDEV_STATE=registered\0"s,
        "ACTION=change\0DEVPATH=\0MDEV_STATE=registered"s);

    CHECK(uevent(message) == "nothing");
}

TEST_CASE("a monitor of an idle store reports nothing", "[monitor]")
{
    Watched watched;
    watched.save(uuid, "mtty", StartMode::manual);
    const Monitor monitor(watched.env);

    CHECK(said(monitor) == Texts{});
}

TEST_CASE("a definition is added, changed and removed", "[monitor]")
{
    Watched watched;
    watched.save(other, "mtty", StartMode::manual);
    const Monitor monitor(watched.env);

    watched.save(uuid, "mtty", StartMode::manual);
    CHECK(is_readable(monitor));
    CHECK(said(monitor) == Texts{"added mtty " + uuid.string()});

    watched.save(uuid, "mtty", StartMode::automatic);
    CHECK(said(monitor) == Texts{"changed mtty " + uuid.string()});

    watched.store.erase(uuid, "mtty", watched.store.lock());
    CHECK(said(monitor) == Texts{"removed mtty " + uuid.string()});
    CHECK_FALSE(is_readable(monitor));
}

TEST_CASE("a store is watched when it is created later", "[monitor]")
{
    Watched watched;
    const Monitor monitor(watched.env);

    watched.save(uuid, "mtty", StartMode::manual);

    CHECK(said(monitor) == Texts{"added mtty " + uuid.string()});
}

TEST_CASE("the directory of a parent may be removed and created", "[monitor]")
{
    Watched watched;
    watched.save(other, "matrix", StartMode::manual);
    const Monitor monitor(watched.env);

    watched.save(uuid, "mtty", StartMode::manual);
    CHECK(said(monitor) == Texts{"added mtty " + uuid.string()});

    watched.store.erase(uuid, "mtty", watched.store.lock());
    CHECK(said(monitor) == Texts{"removed mtty " + uuid.string()});

    watched.save(uuid, "mtty", StartMode::manual);
    CHECK(said(monitor) == Texts{"added mtty " + uuid.string()});
}

TEST_CASE("a file that an editor writes is a change", "[monitor]")
{
    Watched watched;
    watched.save(uuid, "mtty", StartMode::manual);
    const Monitor monitor(watched.env);

    std::ofstream(watched.store.path(uuid, "mtty")) << "broken";

    CHECK(said(monitor) == Texts{"changed mtty " + uuid.string()});
}

TEST_CASE(
    "locks and files that are not definitions cause no events", "[monitor]")
{
    Watched watched;
    watched.save(uuid, "mtty", StartMode::manual);
    const Monitor monitor(watched.env);
    const auto directory = watched.store.path(uuid, "mtty").parent_path();

    watched.store.lock();
    std::ofstream(directory / "README") << "hello";
    std::ofstream(directory / ".hidden") << "hello";

    CHECK(said(monitor) == Texts{});
}

TEST_CASE("a monitor reports the present state as new", "[monitor]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    kernel.add_type("matrix", "vfio_ap");
    kernel.add_device(uuid, "mtty", "mtty-1");
    kernel.define("mtty", uuid.string(), sample_text("mtty-1", "auto"));
    kernel.define("gone", other.string(), "broken");
    const Monitor monitor(kernel.env());

    const Texts all{"registered matrix", "registered mtty",
        "appeared mtty " + uuid.string(), "added gone " + other.string(),
        "added mtty " + uuid.string()};
    CHECK(texts(monitor.current()) == all);
    CHECK(texts(monitor.current()) == all);
    CHECK(said(monitor) == Texts{});
}

TEST_CASE("an event for the present state is not repeated", "[monitor]")
{
    Watched watched;
    const Monitor monitor(watched.env);
    watched.save(uuid, "mtty", StartMode::manual);

    CHECK(texts(monitor.current()) == Texts{"added mtty " + uuid.string()});
    CHECK(said(monitor) == Texts{});

    watched.store.erase(uuid, "mtty", watched.store.lock());
    CHECK(said(monitor) == Texts{"removed mtty " + uuid.string()});
    CHECK(texts(monitor.current()) == Texts{});
}

TEST_CASE("copies of a monitor share one queue", "[monitor]")
{
    Watched watched;
    const Monitor monitor(watched.env);
    const auto copy = monitor;
    watched.save(uuid, "mtty", StartMode::manual);

    CHECK(said(copy).size() == 1);
    CHECK(said(monitor) == Texts{});
}

TEST_CASE("changes that are too fast are reported as an overflow", "[monitor]")
{
    Watched watched;
    watched.save(uuid, "mtty", StartMode::manual);
    watched.save(other, "mtty", StartMode::manual);
    const Monitor monitor(watched.env);

    overflow(watched, uuid, other);
    watched.save(third, "mtty", StartMode::manual);
    const auto events = said(monitor);

    REQUIRE(events.size() > 2);
    CHECK(Texts(events.end() - 2, events.end()) ==
        Texts{"overflow ", "added mtty " + third.string()});
    CHECK(said(monitor) == Texts{});
}

TEST_CASE(
    "the directory of a parent without read permission is skipped", "[monitor]")
{
    FakeKernel kernel;
    kernel.define("matrix", other.string(), "broken");
    kernel.define("mtty", uuid.string(), "broken");
    const auto directory = kernel.env().definitions_directory() / "mtty";
    fs::permissions(directory, fs::perms::none);

    const auto events = [&] {
        const Unprivileged nobody;
        return texts(Monitor(kernel.env()).current());
    }();

    fs::permissions(directory, fs::perms::owner_all);
    CHECK(events == Texts{"added matrix " + other.string()});
    CHECK(kernel.log().texts(LogLevel::warning) ==
        std::vector<std::string>(2,
            "Cannot open directory " + directory.string() +
                ": Permission denied"));
}

TEST_CASE("the error of a refused monitor has the operation", "[monitor]")
{
    struct Refused {
        unsigned call;
        unsigned error;
        std::string beginning;
        std::string reason;
    };
    const auto refused = GENERATE(
        Refused{SYS_socket, EMFILE, "Cannot listen to the kernel's uevents",
            "Too many open files"},
        Refused{SYS_bind, ENOMEM, "Cannot listen to the kernel's uevents",
            "Cannot allocate memory"},
        Refused{SYS_inotify_init1, EMFILE, "Cannot watch directory ",
            "Too many open files"},
        Refused{SYS_inotify_add_watch, ENOSPC, "Cannot watch directory ",
            "No space left on device"},
        Refused{SYS_epoll_create1, EMFILE, "Cannot wait for events",
            "Too many open files"},
        Refused{SYS_epoll_ctl, ENOSPC, "Cannot wait for events",
            "No space left on device"},
        Refused{SYS_timerfd_create, EMFILE, "Cannot wait for virtual functions",
            "Too many open files"});
    const Watched watched;

    const auto outcome =
        outcome_without({{refused.call}}, refused.error, [&]() -> std::string {
            const Monitor monitor(watched.env);
            return "not refused";
        });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, starts_with(refused.beginning));
    CHECK_THAT(outcome, contains(refused.reason));
}

TEST_CASE("without netlink, definitions are still monitored", "[monitor]")
{
    const auto call = static_cast<unsigned>(GENERATE(SYS_socket, SYS_bind));
    const auto error =
        static_cast<unsigned>(GENERATE(EPERM, EACCES, EAFNOSUPPORT, ENOSYS));

    const auto outcome = outcome_without({{call}}, error, [] {
        FakeKernel kernel;
        kernel.add_parent("mtty");
        const Monitor monitor(kernel.env());
        kernel.define("mtty", uuid.string(), sample_text());
        auto text = monitor.has_uevents() ? std::string("uevents") : "";
        for (const auto& each : said(monitor))
            text += each + "; ";
        for (const auto& each : texts(monitor.current()))
            text += each + "; ";
        for (const auto& each : kernel.log().texts(LogLevel::warning))
            text += each;
        return text;
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome,
        starts_with("added mtty " + uuid.string() +
            "; registered mtty; added mtty " + uuid.string() +
            "; Cannot listen to the kernel's uevents: "));
    CHECK_THAT(outcome,
        contains("only definitions and virtual functions are monitored"));
}

TEST_CASE("the kernel's error about a queue is an error", "[monitor]")
{
    const auto call = static_cast<unsigned>(GENERATE(SYS_recvfrom, SYS_read));
    const Watched watched;

    const auto outcome = outcome_in_child([&]() -> std::string {
        const Monitor monitor(watched.env);
        forbid({call}, ENOMEM);
        return said(monitor).empty() ? "nothing" : "something";
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK_THAT(outcome, starts_with("Cannot "));
    CHECK_THAT(outcome, contains("Cannot allocate memory"));
}

TEST_CASE(
    "events are not lost if the rest of them cannot be announced", "[monitor]")
{
    constexpr int more_than_one_read_returns = 1001;
    const Watched watched;

    const auto outcome = outcome_in_child([&]() -> std::string {
        const Monitor monitor(watched.env);
        fs::create_directories(watched.env.definitions_directory() / "mtty");
        for (int i = 0; i < more_than_one_read_returns; ++i)
            std::ofstream(watched.store.path(Uuid::random(), "mtty"));
        forbid({SYS_epoll_ctl}, ENOSPC);
        return std::to_string(monitor.read().size());
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == std::to_string(more_than_one_read_returns));
}

TEST_CASE("the present state is reported if old events cannot be counted",
    "[monitor]")
{
    Watched watched;
    watched.save(uuid, "mtty", StartMode::manual);

    const auto outcome = outcome_in_child([&] {
        const Monitor monitor(watched.env);
        forbid({SYS_ioctl}, EIO);
        std::string all;
        for (const auto& each : texts(monitor.current()))
            all += each;
        return all;
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "added mtty " + uuid.string());
}

}
