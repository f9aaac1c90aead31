// SPDX-License-Identifier: LGPL-2.1-or-later
#include "catch.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "heard.hpp"
#include "samples.hpp"

#include <mdev/config_store.hpp>
#include <mdev/listed_device.hpp>
#include <mdev/manager.hpp>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <sys/stat.h>

namespace mdev::test {

namespace {

using Names = std::vector<std::string>;

/// A script that serves all devices. `body` answers all other questions.
std::string versioned(const std::string& body)
{
    return "[ \"$6\" != capabilities ] || { echo '{\"supports\":{"
           "\"version\":2,\"actions\":[\"define\",\"modify\",\"start\","
           "\"stop\",\"attributes\"],\"events\":[\"pre\",\"get\",\"live\"]}}'; "
           "exit 0; }\n" +
        body;
}

std::string text_of(const std::filesystem::path& file)
{
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
}

std::string refusal_by(const std::string& script)
{
    FakeKernel kernel;
    kernel.add_script(script);
    return error_of([&] {
        Manager(kernel.env()).define(sample_definition(1));
    }).what();
}

bool ends_with(const std::string& text, const std::string& end)
{
    return text.size() >= end.size() &&
        text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}

TEST_CASE("commands return the devices and results", "[results]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    const auto manager = Manager(kernel.env()).with_idempotence();

    const auto defined = manager.define(sample_definition(1));
    const auto again = manager.define(sample_definition(1));
    const auto modified = manager.modify(sample_uuid(1), {},
        [](Definition& definition) { definition.append_attribute("a", "1"); });
    const auto undefined = manager.undefine(sample_uuid(1), {});

    CHECK(defined.is_changed());
    CHECK_FALSE(defined.before());
    CHECK(defined.after()->uuid() == sample_uuid(1));
    CHECK_FALSE(again.is_changed());
    CHECK(again.before());
    CHECK(modified.differences() == Names{"attrs"});
    CHECK(modified.before()->attributes().empty());
    CHECK(modified.after()->attributes().size() == 1);
    REQUIRE(undefined.size() == 1);
    CHECK(undefined[0].before()->attributes().size() == 1);
    CHECK_FALSE(undefined[0].after());
    CHECK_FALSE(undefined[0].code());

    manager.start(sample_definition(2));
    const auto stopped = manager.stop(sample_uuid(2));
    CHECK(stopped.is_changed());
    CHECK(stopped.before()->type_id() == "mtty-1");
    CHECK_FALSE(manager.stop(sample_uuid(2)).is_changed());
}

TEST_CASE("a result has the kind of its failure", "[results]")
{
    FakeKernel kernel;
    kernel.add_type("mtty", "mtty-1");
    kernel.fail("create", EIO);
    std::vector<Outcome> heard;
    const auto manager =
        Manager(kernel.env()).with_listener([&](const Outcome& outcome) {
            heard.push_back(outcome);
        });

    const auto error = error_of([&] { manager.start(sample_definition(1)); });
    error_of([&] { manager.stop(sample_uuid(1)); });

    REQUIRE(heard.size() == 2);
    CHECK(heard[0].code() == error.code());
    CHECK(heard[0].cause().value() == EIO);
    CHECK_FALSE(heard[0].after());
    CHECK(heard[1].code() == Errc::not_active);
    CHECK(heard[1].code() == std::errc::no_such_device);
}

TEST_CASE("a partial failure has the failed results", "[results]")
{
    FakeKernel kernel;
    for (std::uint8_t i = 1; i <= 3; ++i)
        kernel.add_device(sample_uuid(i));
    kernel.fail_write(2, EPERM);
    Heard heard;
    const auto manager = Manager(kernel.env()).with_listener(heard.listener());

    const auto error = error_of([&] { manager.stop_all({}); });

    CHECK(error.code() == Errc::partial_failure);
    REQUIRE(error.outcomes().size() == 1);
    CHECK(error.outcomes()[0].uuid() == sample_uuid(2));
    CHECK(error.outcomes()[0].cause().value() == EPERM);
    CHECK(heard.lines.size() == 3);
}

TEST_CASE(
    "a state that cannot be applied has a result for each fault", "[results]")
{
    FakeKernel kernel;
    const auto wanted = HostState::from_json(R"({"version": 1, "devices": [
        {"name": "a", "parent": "x", "type": "T", "active": true},
        {"name": "b", "parent": "y", "type": "T", "active": true}]})",
        "host.json");

    const auto error = error_of([&] {
        Manager(kernel.env()).apply(wanted, Prune::no, ActiveDevices::apply);
    });

    REQUIRE(error.outcomes().size() == 2);
    CHECK(error.outcomes()[1].uuid() == Uuid::from_name("b"));
    CHECK(error.outcomes()[1].code() == Errc::no_such_parent);
}

TEST_CASE("a step that needs commands for several devices has each result",
    "[results]")
{
    FakeKernel kernel;
    kernel.define("mtty", sample_uuid(1).string(), sample_text());
    kernel.define("mtty", sample_uuid(2).string(), sample_text());
    const auto wanted =
        HostState::from_json(R"({"version": 1, "devices": []})", "host.json");

    const auto results =
        Manager(kernel.env()).apply(wanted, Prune::yes, ActiveDevices::leave);

    REQUIRE(results.size() == 2);
    CHECK(results[1].uuid() == sample_uuid(2));
    CHECK(results[1].before());
}

TEST_CASE("a difference has the old value and the new value", "[results]")
{
    FakeKernel kernel;
    kernel.define("mtty", sample_uuid(1).string(), sample_text());
    kernel.define("mtty", sample_uuid(2).string(), sample_text());
    const auto wanted = HostState::from_json(R"({"version": 1, "devices": [
        {"uuid": "00000000-0000-4000-8000-000000000001", "parent": "mtty",
         "type": "mtty-1", "start": "auto"},
        {"uuid": "00000000-0000-4000-8000-000000000002", "parent": "mtty",
         "type": "mtty-1"}]})",
        "host.json");

    const auto changes =
        Manager(kernel.env()).diff(wanted, Prune::no, ActiveDevices::leave);

    REQUIRE(changes.size() == 1);
    CHECK(changes[0].differences() == Names{"start"});
    CHECK(changes[0].before()->start() == StartMode::manual);
    CHECK(changes[0].after()->start() == StartMode::automatic);
    CHECK(text_of(kernel.definition_path("mtty", sample_uuid(1).string())) ==
        sample_text());
}

TEST_CASE("a refusal has the text of the script", "[results]")
{
    CHECK(ends_with(refusal_by("echo; echo '  no license ' >&2; exit 1\n"),
        "refused: it exited with status 1: no license"));
    CHECK(ends_with(refusal_by("printf '\\n\\033[31mred\\n' >&2; exit 1\n"),
        ": \\x1b[31mred"));
    CHECK(ends_with(refusal_by("printf 'caf\\303\\251 \\377' >&2; exit 1\n"),
        ": caf\303\251 \\xff"));
    CHECK(ends_with(refusal_by("exit 1\n"), "it exited with status 1"));
    const auto longest = refusal_by("yes word | tr '\\n' ' ' | head -c 5000 >&2"
                                    "; exit 1\n");
    CHECK(ends_with(longest, " ..."));
    CHECK(longest.size() < 600);
}

TEST_CASE("a result has the signal that killed a script", "[results]")
{
    FakeKernel kernel;
    kernel.add_script("kill -s SEGV $$\n");
    const auto killed = CalloutEngine(kernel.env())
                            .run(CalloutEvent::pre, CalloutAction::define,
                                sample_definition(1));
    REQUIRE(killed);
    CHECK(killed->signal() == SIGSEGV);
    CHECK_FALSE(killed->exit_status());
}

TEST_CASE("a failed script is not called again for its reason", "[results]")
{
    FakeKernel kernel;
    const auto asked = kernel.root() / "asked";
    kernel.add_device(sample_uuid(1));
    kernel.add_script(versioned("echo x >>" + asked.string() +
        "\necho 'no such matrix' >&2\nexit 1\n"));

    const auto state = HostState::of(kernel.env());

    CHECK_FALSE(state.is_complete());
    CHECK(text_of(asked) == "x\n");
    const auto warnings = kernel.log().texts(LogLevel::warning);
    REQUIRE(warnings.size() == 1);
    CHECK(warnings[0].find("is ignored") != std::string::npos);
    CHECK(ends_with(warnings[0], "no such matrix"));
}

TEST_CASE("a live change preserves other values", "[results]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));
    kernel.define("mtty", sample_uuid(1).string(),
        R"({"mdev_type": "mtty-1", "start": "auto", "attrs": [{"a": "1"}],)"
        R"( "mine": 1})");
    const auto got = kernel.root() / "got";
    kernel.add_script(versioned("case $4-$6 in get-*) "
                                "echo '[{\"a\":\"1\"},{\"b\":\"2\"}]' ;; "
                                "live-*) cat >" +
        got.string() + " ;; esac\n"));
    const Manager manager(kernel.env());
    const auto edit = [](Definition& definition) {
        definition.append_attribute("c", "3");
    };

    const auto device =
        manager.modify_live(sample_uuid(1), edit, LiveScope::device);
    const auto live = text_of(got);
    const auto both = manager.modify_live(
        sample_uuid(1), edit, LiveScope::device_and_definition);
    const auto stored = ConfigStore(kernel.env()).find(sample_uuid(1), "mtty");

    CHECK(live.find(R"([{"a":"1"},{"b":"2"},{"c":"3"}])") != live.npos);
    CHECK(device.differences() == Names{"attrs"});
    CHECK(device.before()->attributes().size() == 2);
    CHECK(stored->attributes().size() == 3);
    CHECK(stored->start() == StartMode::automatic);
    CHECK(stored->to_json().find("\"mine\": 1") != std::string::npos);
    CHECK(both.before()->attributes().size() == 1);
    CHECK_FALSE(manager.with_idempotence()
                    .modify_live(
                        sample_uuid(1), [](Definition&) {}, LiveScope::device)
                    .is_changed());
}

TEST_CASE(
    "a live change that is refused does not call the function", "[results]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));
    const Manager manager(kernel.env());
    int calls = 0;
    const auto edit = [&](Definition&) { ++calls; };

    CHECK(error_of([&] {
        manager.modify_live(sample_uuid(1), edit, LiveScope::device);
    }).code() == Errc::not_supported);
    CHECK(error_of([&] {
        manager.modify_live(sample_uuid(2), edit, LiveScope::device);
    }).code() == Errc::not_active);
    CHECK(calls == 0);
}

TEST_CASE("a dry run of a live change changes nothing", "[results]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));
    kernel.define("mtty", sample_uuid(1).string(), sample_text());
    const auto called = kernel.root() / "called";
    kernel.add_script(versioned("touch " + called.string() + "\n"));
    auto definition = sample_definition(1);
    definition.append_attribute("a", "1");

    Manager(kernel.env())
        .with_dry_run()
        .modify_live(definition, LiveScope::device_and_definition);

    CHECK_FALSE(std::filesystem::exists(called));
    CHECK(text_of(kernel.definition_path("mtty", sample_uuid(1).string())) ==
        sample_text());
}

TEST_CASE("a script that crashes refuses a live change", "[results]")
{
    FakeKernel kernel;
    kernel.add_device(sample_uuid(1));
    kernel.add_script("kill -9 $$\n");
    const auto manager = Manager(kernel.env()).with_dry_run();

    CHECK(error_of([&] {
        manager.modify_live(sample_definition(1), LiveScope::device);
    }).code() == Errc::callout_rejected);
}

}
