// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "child.hpp"
#include "restraint.hpp"
#include "samples.hpp"
#include "temporary_directory.hpp"

#include <mdev/error.hpp>
#include <mdev/monitor.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <set>
#include <sys/syscall.h>
#include <thread>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

const std::string one = "11111111-2222-3333-4444-555555555501";
const std::string two = "11111111-2222-3333-4444-555555555502";
const std::string three = "11111111-2222-3333-4444-555555555503";

using Texts = std::multiset<std::string>;

/// A root directory whose store the tests make, move and exchange.
struct Host {
    TemporaryDirectory directory;
    fs::path root = directory.path();
    fs::path store = root / "etc/mdevctl.d";
    Environment env{root};

    /// Stores a definition in a store, which may be a different store.
    static void define(const fs::path& store, const std::string& uuid,
        const std::string& parent = "P")
    {
        fs::create_directories(store / parent);
        std::ofstream(store / parent / uuid) << sample_text("t", "manual");
    }
};

/// Makes `link` point to `target`, as `ln -sfn` does: the link exists at all
/// times.
void exchange_link(const fs::path& target, const fs::path& link)
{
    const auto made = link.string() + ".new";
    fs::create_directories(link.parent_path());
    fs::create_symlink(target, made);
    fs::rename(made, link);
}

bool is_readable(const Monitor& monitor)
{
    struct pollfd asked {
        monitor.descriptor(), POLLIN, 0
    };
    return poll(&asked, 1, 0) > 0;
}

/// Returns the events of the monitor about the store. Their order is not
/// guaranteed.
Texts said(const Monitor& monitor)
{
    Texts texts;
    do
        for (const auto& event : monitor.read())
            if (event.kind() >= EventKind::definition_added)
                texts.insert(std::string(event.word()).substr(11) + " " +
                    event.parent() + " " +
                    (event.uuid() ? event.uuid()->string() : ""));
    while (is_readable(monitor));
    return texts;
}

/// Returns how many directories this process watches.
std::size_t watches()
{
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        if (fs::read_symlink(entry, gone) != "anon_inode:inotify")
            continue;
        std::ifstream info("/proc/self/fdinfo" / entry.path().filename());
        for (std::string line; std::getline(info, line);)
            count += line.rfind("inotify ", 0) == 0 ? 1 : 0;
    }
    return count;
}

}

TEST_CASE("a store that is renamed and created again is watched", "[watch]")
{
    const Host host;
    Host::define(host.store, one);
    Host::define(host.store, two);
    const Monitor monitor(host.env);

    fs::rename(host.store, host.root / "etc/old");
    CHECK(said(monitor) == Texts{"removed P " + one, "removed P " + two});

    Host::define(host.store, two);
    CHECK(said(monitor) == Texts{"added P " + two});
    Host::define(host.store, three);
    CHECK(said(monitor) == Texts{"added P " + three});
    Host::define(host.root / "etc/old", one);
    CHECK_FALSE(is_readable(monitor));
}

TEST_CASE(
    "a store that is renamed and renamed back causes no events", "[watch]")
{
    const Host host;
    Host::define(host.store, one);
    const Monitor monitor(host.env);

    fs::rename(host.store, host.root / "etc/old");
    Host::define(host.root / "etc/old", two);
    fs::rename(host.root / "etc/old", host.store);

    CHECK(said(monitor) == Texts{"added P " + two});
}

TEST_CASE("a directory above the store may be replaced", "[watch]")
{
    const Host host;
    Host::define(host.store, one);
    const Monitor monitor(host.env);

    fs::rename(host.root / "etc", host.root / "old");
    Host::define(host.store, two);

    CHECK(said(monitor) == Texts{"removed P " + one, "added P " + two});
    Host::define(host.store, three);
    CHECK(said(monitor) == Texts{"added P " + three});
}

TEST_CASE("a store may be a link whose target changes", "[watch]")
{
    const Host host;
    const auto before = host.root / "store/before";
    const auto after = host.root / "store/after";
    Host::define(before, one);
    Host::define(before, two);
    Host::define(before, three);
    Host::define(after, two, "P");
    Host::define(after, three, "Q");
    fs::create_hard_link(before / "P" / three, after / "P" / three);
    exchange_link(before, host.store);
    const Monitor monitor(host.env);

    exchange_link(after, host.store);

    CHECK(said(monitor) ==
        Texts{"removed P " + one, "changed P " + two, "added Q " + three});
    Host::define(after, one);
    CHECK(said(monitor) == Texts{"added P " + one});
    Host::define(before, one);
    CHECK_FALSE(is_readable(monitor));
}

TEST_CASE("a link in the middle of the path may change its target", "[watch]")
{
    const Host host;
    const auto generation = [&](const std::string& name) {
        return host.root / "nix" / name / "etc/mdevctl.d";
    };
    Host::define(generation("1"), one);
    Host::define(generation("2"), two);
    exchange_link("../nix/1/etc", host.root / "etc/static");
    exchange_link("static/mdevctl.d", host.store);
    const Monitor monitor(host.env);

    exchange_link(host.root / "nix/2/etc", host.root / "etc/static");
    CHECK(said(monitor) == Texts{"removed P " + one, "added P " + two});

    fs::remove(host.root / "etc/static");
    CHECK(said(monitor) == Texts{"removed P " + two});

    exchange_link("../nix/1/etc", host.root / "etc/static");
    CHECK(said(monitor) == Texts{"added P " + one});
    Host::define(generation("1"), three);
    CHECK(said(monitor) == Texts{"added P " + three});
}

TEST_CASE("changing the link repeatedly does not add watches", "[watch]")
{
    const Host host;
    for (const auto* name : {"a", "b"}) {
        Host::define(host.root / name, one);
        Host::define(host.root / name / "files", two);
        fs::create_symlink(
            host.root / name / "files/P" / two, host.root / name / "P" / two);
    }
    exchange_link(host.root / "a", host.store);
    const Monitor monitor(host.env);
    const auto before = watches();
    REQUIRE(before > 0);

    for (int i = 0; i < 10; ++i)
        for (const auto* name : {"b", "a"}) {
            exchange_link(host.root / name, host.store);
            CHECK(said(monitor).size() == 2);
        }

    CHECK(watches() == before);
}

TEST_CASE("links that form a circle are not a store", "[watch]")
{
    const Host host;
    exchange_link("circle", host.root / "etc/circle");
    exchange_link("circle/x", host.store);

    const auto outcome = [&]() -> std::string {
        try {
            const Monitor monitor(host.env);
            return "watched";
        } catch (const Error& error) {
            return error.what();
        }
    }();

    CHECK_THAT(outcome, contains("Too many levels of symbolic links"));
}

TEST_CASE("a write to the target of a linked definition is reported", "[watch]")
{
    const Host host;
    const auto files = host.root / "srv/files";
    Host::define(files, one);
    exchange_link("srv", host.root / "link");
    exchange_link(host.root / "link/files/P" / one, host.store / "P" / one);
    const Monitor monitor(host.env);

    std::ofstream(files / "P" / one, std::ios::app) << '\n';
    CHECK(said(monitor) == Texts{"changed P " + one});

    std::ofstream(files / "P/new") << "other";
    CHECK(said(monitor) == Texts{});
    fs::rename(files / "P/new", files / "P" / one);
    CHECK(said(monitor) == Texts{"changed P " + one});

    Host::define(host.root / "other/files", one);
    exchange_link("other", host.root / "link");
    CHECK(said(monitor) == Texts{"changed P " + one});
    std::ofstream(host.root / "other/files/P" / one, std::ios::app) << '\n';
    CHECK(said(monitor) == Texts{"changed P " + one});
    std::ofstream(files / "P" / one, std::ios::app) << '\n';
    CHECK_FALSE(is_readable(monitor));

    fs::remove(host.store / "P" / one);
    CHECK(said(monitor) == Texts{"removed P " + one});
}

TEST_CASE("a definition may become a link, and a file again", "[watch]")
{
    const Host host;
    Host::define(host.store, one);
    Host::define(host.root / "files", one);
    const Monitor monitor(host.env);

    exchange_link(host.root / "files/P" / one, host.store / "P" / one);
    CHECK(said(monitor) == Texts{"changed P " + one});
    std::ofstream(host.root / "files/P" / one, std::ios::app) << '\n';
    CHECK(said(monitor) == Texts{"changed P " + one});

    fs::rename(host.root / "files/P" / one, host.store / "P" / one);
    CHECK(said(monitor) == Texts{"changed P " + one});
}

TEST_CASE("the directory of a parent may be a link", "[watch]")
{
    const Host host;
    Host::define(host.root / "a", one);
    Host::define(host.root / "b", two);
    exchange_link(host.root / "a/P", host.store / "P");
    exchange_link("P", host.store / "Q");
    const Monitor monitor(host.env);

    Host::define(host.root / "a", three);
    CHECK(said(monitor) == Texts{"added P " + three, "added Q " + three});

    fs::rename(host.root / "a", host.root / "c");
    CHECK(said(monitor) ==
        Texts{"removed P " + one, "removed P " + three, "removed Q " + one,
            "removed Q " + three});

    exchange_link(host.root / "b/P", host.store / "P");
    CHECK(said(monitor) == Texts{"added P " + two, "added Q " + two});
}

TEST_CASE(
    "other files beside the store do not make the monitor read it", "[watch]")
{
    const bool exists = GENERATE(true, false);
    const Host host;
    fs::create_directories(exists ? host.store : host.store.parent_path());

    const auto outcome = outcome_in_child([&]() -> std::string {
        const Monitor monitor(host.env);
        // The monitor cannot read the store without this call.
        forbid({SYS_inotify_add_watch}, ENOSPC);
        const auto looks = [&] {
            try {
                return said(monitor).empty() ? "no look, " : "told, ";
            } catch (const Error&) {
                return "a look, ";
            }
        };
        for (int i = 0; i < 100; ++i)
            std::ofstream(host.root / "etc" / ("file" + std::to_string(i)));
        std::string text = looks();
        fs::create_directories(host.store / "P");
        return text + looks();
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == "no look, a look, ");
}

TEST_CASE(
    "a store that is created while a monitor starts is watched", "[watch]")
{
    for (int i = 0; i < 100; ++i) {
        const Host host;
        std::thread other([&] { fs::create_directories(host.store / "P"); });
        const Monitor monitor(host.env);
        other.join();

        Host::define(host.store, one);

        REQUIRE(said(monitor) == Texts{"added P " + one});
    }
}

TEST_CASE("a flood of changes is read in parts", "[watch]")
{
    constexpr int flood = 3000;
    const Host host;
    Host::define(host.store, one);
    Host::define(host.store, two);
    const Monitor monitor(host.env);
    for (int i = 0; i < flood; ++i)
        std::ofstream(
            host.store / "P" / (i % 2 == 0 ? one : two), std::ios::app)
            .put('\n');

    // read() reports a file once, however often the file changes.
    const auto first = monitor.read().size();
    const bool was_readable = is_readable(monitor);
    const auto rest = said(monitor).size();

    CHECK(first == 2);
    CHECK(was_readable);
    CHECK(rest >= 2);
    CHECK(rest < 20);
}

namespace {

constexpr std::size_t many = 2500;

/// A store, and beside the store a directory with many definitions of a parent.
struct HostBefore : Host {
    HostBefore()
    {
        fs::create_directories(store);
        for (std::size_t i = 0; i < many; ++i)
            define(root, Uuid::from_name(std::to_string(i)).string());
    }
    void let_them_appear() const { fs::rename(root / "P", store / "P"); }
};

}

TEST_CASE("many definitions that appear at once are read in parts", "[watch]")
{
    const HostBefore host;
    const Monitor monitor(host.env);

    host.let_them_appear();
    const auto first = monitor.read().size();
    CHECK(first < many / 2);
    CHECK(is_readable(monitor));
    std::set<Uuid> seen;
    std::size_t rest = 0;
    while (is_readable(monitor))
        for (const auto& event : monitor.read()) {
            CHECK(event.type_id() == "t");
            seen.insert(*event.uuid());
            ++rest;
        }
    CHECK(first + rest == many);
    CHECK(seen.size() == rest);

    // Changes that have not been read are part of the present state.
    fs::rename(host.store / "P", host.store / "Q");
    CHECK(monitor.read().size() < many);
    CHECK(monitor.current().size() == many);
    // A directory that changed within one tick of the clock is read again.
    for (int reads = 0; reads < 3 && is_readable(monitor); ++reads)
        CHECK(monitor.read().empty());
    CHECK_FALSE(is_readable(monitor));
}

TEST_CASE(
    "without a descriptor to read in parts, everything is read", "[watch]")
{
    const HostBefore host;
    const Monitor monitor(host.env);
    host.let_them_appear();

    const auto outcome = outcome_in_child([&] {
        forbid({SYS_eventfd2}, EMFILE);
        return std::to_string(monitor.read().size());
    });

    if (outcome == cannot_forbid)
        return skip(outcome);
    CHECK(outcome == std::to_string(many));
}

TEST_CASE("a store below a root that is created later is watched", "[watch]")
{
    const Host host;
    const auto root = host.root / "later";
    const Monitor monitor{Environment(root)};

    Host::define(root / "etc/mdevctl.d", one);

    CHECK(said(monitor) == Texts{"added P " + one});
}

TEST_CASE("a second file of a UUID causes no event", "[watch]")
{
    const std::string lower = "abcdef00-0000-4000-8000-0000000000ff";
    const std::string upper = "ABCDEF00-0000-4000-8000-0000000000FF";
    const Host host;
    Host::define(host.store, lower);
    const Monitor monitor(host.env);

    Host::define(host.store, upper);

    CHECK(said(monitor).empty());
}

TEST_CASE("a dangling link is a definition without content", "[watch]")
{
    const Host host;
    Host::define(host.store, one);
    const Monitor monitor(host.env);

    exchange_link("nowhere", host.store / "P" / two);
    CHECK(said(monitor) == Texts{"added P " + two});
    exchange_link("elsewhere", host.store / "P" / two);
    CHECK(said(monitor) == Texts{"changed P " + two});
    fs::remove(host.store / "P" / two);
    CHECK(said(monitor) == Texts{"removed P " + two});
}

TEST_CASE("a change in a directory that cannot be searched causes a warning",
    "[watch]")
{
    const Host host;
    std::string warnings;
    const auto env = host.env.with_log(
        [&](LogLevel, std::string_view text) { warnings.append(text); });
    Host::define(host.store, one);
    const Monitor monitor(env);
    std::ofstream(host.store / "P" / one) << "changed";
    fs::permissions(host.store / "P", fs::perms::none);

    {
        const Unprivileged nobody;
        said(monitor);
    }
    fs::permissions(host.store / "P", fs::perms::owner_all);

    CHECK_THAT(warnings, contains("Permission denied"));
}

}
