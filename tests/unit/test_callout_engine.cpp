// SPDX-License-Identifier: LGPL-2.1-or-later
#include "callout_engine_impl.hpp"
#include "catch.hpp"
#include "child.hpp"
#include "error_of.hpp"
#include "fake_kernel.hpp"
#include "samples.hpp"

#include <mdev/callout_engine.hpp>
#include <mdev/config_store.hpp>
#include <mdev/manager.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace mdev::test {

namespace fs = std::filesystem;

namespace {

using std::chrono::milliseconds;
using Lines = std::vector<std::string>;

/// A host whose scripts write a line for each call to a file: "NAME
/// EVENT/ACTION".
struct ScriptHost {
    FakeKernel kernel;
    /// Short enough for a test, and long enough for a shell to start.
    Environment env = kernel.env().with_script_timeout(milliseconds(2000));

    fs::path place(const fs::path& directory, const std::string& name,
        const std::string& body) const
    {
        put_file(directory / name,
            "#!/bin/sh\ntype=$2 call=$4/$6\necho \"" + name + " $call\" >>'" +
                (kernel.root() / "calls").string() + "'\n" + body + "\n");
        fs::permissions(directory / name, fs::perms(0755));
        return directory / name;
    }
    fs::path callout(const std::string& name, const std::string& body) const
    {
        return place(env.callout_directories().front(), name, body);
    }
    fs::path notifier(const std::string& name, const std::string& body) const
    {
        return place(env.notifier_directories().front(), name, body);
    }
    /// Returns the calls since the last forget_calls() that contain `what`.
    Lines calls(const std::string& what = "") const
    {
        Lines found;
        std::ifstream file(kernel.root() / "calls");
        for (std::string line; std::getline(file, line);)
            if (line.find(what) != line.npos)
                found.push_back(line);
        return found;
    }
    void forget_calls() const { fs::remove(kernel.root() / "calls"); }
    bool has_logged(LogLevel level, const std::string& text) const
    {
        const auto texts = kernel.log().texts(level);
        return std::any_of(texts.begin(), texts.end(),
            [&](const auto& each) { return each.find(text) != each.npos; });
    }
};

/// A script that accepts everything and answers no question.
const std::string generic = "case $call in get/*) exit 2 ;; esac";

/// A script that is versioned, unless `first` ends it, and refuses everything.
std::string guard(const std::string& first = ":")
{
    return "case $call in get/capabilities) " + first +
        R"(
echo '{"supports":{"version":2,"actions":["define","start","attributes"],)"
        R"("events":["pre","get","post"]}}'
;; pre/*) exit 1 ;; esac)";
}

const std::string hang = "exec sleep 30";

/// Returns the error of a define command; empty if the command succeeds.
std::string refusal(const Manager& manager, std::uint8_t number = 1)
{
    try {
        manager.define(sample_definition(number));
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

const std::string no_spawn_errors = "posix_spawn reports no errors here";

std::vector<Definition> devices(std::uint8_t count)
{
    std::vector<Definition> list;
    for (std::uint8_t i = 1; i <= count; ++i)
        list.push_back(sample_definition(i));
    return list;
}

}

TEST_CASE(
    "a script that cannot report its capabilities refuses", "[callout_engine]")
{
    ScriptHost host;
    host.env = host.env.with_script_timeout(milliseconds(300));
    host.callout("10-generic", generic);
    const auto [first, reason] =
        GENERATE(std::pair<std::string, std::string>("kill -9 $$", "signal 9"),
            std::pair<std::string, std::string>(hang, "300 ms"),
            std::pair<std::string, std::string>(
                "head -c 2000000 /dev/zero", "1 MiB"),
            std::pair<std::string, std::string>("", "executed"));
    if (first.empty() && !spawn_reports_errors())
        return skip(no_spawn_errors);
    const auto path = host.callout("20-guard", guard(first));
    if (first.empty())
        put_file(path, "#!/nonexistent\n");

    const Manager manager(host.env);
    const auto why = refusal(manager);
    CHECK(why.find(path.string()) != why.npos);
    CHECK(why.find(reason) != why.npos);
    CHECK(host.calls("pre/").empty());
    // --force overrides the refusal. The `pre` of the script has not run, so
    // the script gets no `post`.
    host.forget_calls();
    CHECK(refusal(manager.with_force()).empty());
    CHECK(host.calls("post/").empty());
    CHECK(host.has_logged(LogLevel::warning, "Ignoring rejection (--force)"));
}

TEST_CASE("a versioned script is called before a script that crashes",
    "[callout_engine]")
{
    ScriptHost host;
    host.callout("10-guard", guard());
    host.callout("20-lost", "kill -9 $$");

    const auto why = refusal(Manager(host.env));
    CHECK(why.find("10-guard") != why.npos);
    CHECK(host.calls("20-lost").empty());
}

TEST_CASE("a script that exits without an answer is not versioned",
    "[callout_engine]")
{
    ScriptHost host;
    host.callout("s", "case $call in get/*) exit 7 ;; esac");

    CHECK(refusal(Manager(host.env)).empty());
}

TEST_CASE(
    "a killed script is asked again, other scripts are not", "[callout_engine]")
{
    ScriptHost host;
    host.callout("10-generic", generic);
    const auto flag = host.kernel.root() / "memory-is-short";
    put_file(flag, "");
    host.callout(
        "20-guard", guard("[ ! -e '" + flag.string() + "' ] || kill -9 $$"));
    host.callout("30-later", generic);
    const Manager manager(host.env);

    CHECK_FALSE(refusal(manager).empty());
    fs::remove(flag);
    const auto why = refusal(manager);
    CHECK(why.find("exited with status 1") != why.npos);
    CHECK(host.calls("10-generic").size() == 1);
    CHECK(host.calls("20-guard get/capabilities").size() == 2);
    CHECK(host.calls("30-later").empty());
}

TEST_CASE(
    "declining one action does not decline other actions", "[callout_engine]")
{
    ScriptHost host;
    host.kernel.add_type("mtty", "mtty-1");
    host.callout("s", "case $call in pre/start) exit 1 ;; *) exit 2 ;; esac");
    const Manager manager(host.env);

    CHECK(refusal(manager).empty());
    CHECK(error_of([&] { manager.start(sample_definition(1)); }).code() ==
        Errc::callout_rejected);
    CHECK(host.calls("get/capabilities").size() == 1);
}

TEST_CASE(
    "a broken script does not make other scripts run again", "[callout_engine]")
{
    if (!spawn_reports_errors())
        return skip(no_spawn_errors);
    ScriptHost host;
    host.callout("10-generic", generic);
    put_file(host.callout("20-gone", ""), "#!/nonexistent\n");
    auto list = devices(4);

    CalloutEngine(host.env).add_attributes(list);
    CHECK(host.calls().size() == 1);
}

TEST_CASE("a script that hangs is called once", "[callout_engine]")
{
    ScriptHost host;
    host.env = host.env.with_script_timeout(milliseconds(300));
    auto list = devices(4);

    SECTION("in its answer about capabilities")
    {
        host.callout("s", hang);
        CalloutEngine(host.env).add_attributes(list);
        CHECK(host.calls().size() == 1);
    }
    SECTION("as a notifier")
    {
        host.notifier("n", hang);
        const Manager manager(host.env);
        for (const auto& device : list)
            manager.define(device);
        CHECK(host.calls().size() == 1);
        CHECK(host.kernel.log().texts(LogLevel::warning).size() == 1);
    }
    SECTION("in 'post', and still refuses in 'pre'")
    {
        host.callout("s", "case $call in post/*) " + hang + " ;; esac");
        const Manager manager(host.env);
        for (const auto& device : list)
            manager.define(device);
        CHECK(host.calls("post/").size() == 1);
        CHECK(host.calls("pre/").size() == 4);
    }
}

TEST_CASE("a script that hangs for two types gets less time for other types",
    "[callout_engine]")
{
    ScriptHost host;
    host.env = host.env.with_script_timeout(milliseconds(300));
    host.callout("s", "[ $type = good ] || " + hang);
    const CalloutEngine engine(host.env);
    const auto reason = [&](const std::string& type) {
        return engine
            .run(CalloutEvent::pre, CalloutAction::start,
                Definition(sample_uuid(1), "mtty", type))
            ->reason();
    };

    for (const auto* type : {"a", "b"})
        CHECK(reason(type).find("within 300 ms") != std::string::npos);
    for (const auto* type : {"c", "d"})
        CHECK(reason(type).find("within 30 ms") != std::string::npos);
    CHECK(reason("a").find("within 300 ms") != std::string::npos);
}

TEST_CASE("a child process asks scripts itself", "[callout_engine]")
{
    ScriptHost host;
    const auto answer = host.kernel.root() / "answer";
    host.callout("s",
        "case $call in get/capabilities) until [ -e '" + answer.string() +
            "' ]; do :; done; exit 2 ;; esac");
    const Manager manager(
        host.env.with_script_timeout(std::chrono::seconds(60)));
    std::thread asks([&] { manager.define(sample_definition(1)); });
    while (host.calls().empty())
        std::this_thread::yield();

    // The script ends only after the child has made the script run a second
    // time.
    const auto child = fork();
    if (child == 0)
        _exit(refusal(manager, 2).empty() ? 0 : 1);
    for (int i = 0; i < 2000 && host.calls("get/").size() < 2; ++i)
        std::this_thread::sleep_for(milliseconds(10));
    CHECK(host.calls("get/").size() == 2);
    put_file(answer, "");
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    asks.join();
    CHECK(ConfigStore(host.env).all().size() == 2);
}

TEST_CASE("threads that need the same answer ask once", "[callout_engine]")
{
    ScriptHost host;
    host.callout("s", "exit 2");
    const Manager manager(host.env);
    std::vector<std::thread> threads;
    for (std::uint8_t i = 1; i <= 8; ++i)
        threads.emplace_back(
            [&manager, i] { manager.define(sample_definition(i)); });
    for (auto& thread : threads)
        thread.join();

    CHECK(host.calls("get/capabilities").size() == 1);
}

TEST_CASE("the script that served 'pre' gets 'post'", "[callout_engine]")
{
    ScriptHost host;
    host.callout("10-a", "");
    const CalloutEngine engine(host.env);
    const auto device = sample_definition(1);
    const auto pre =
        engine.run(CalloutEvent::pre, CalloutAction::define, device);
    // This script appears after `pre`.
    const CalloutEngine later = [&] {
        host.callout("05-b", guard());
        return CalloutEngine(host.env);
    }();
    host.forget_calls();
    later.post(pre, CalloutAction::define, CalloutState::success, device);

    CHECK(host.calls() == Lines{"10-a post/define"});
}

TEST_CASE("a versioned script gets 'post' without 'pre'", "[callout_engine]")
{
    ScriptHost host;
    host.callout("s", R"([ $call != get/capabilities ] ||
echo '{"supports":{"version":2,"actions":["define"],"events":["post"]}}')");
    Manager(host.env).define(sample_definition(1));

    CHECK(host.calls() == Lines{"s get/capabilities", "s post/define"});
}

TEST_CASE("a dangling link to a script refuses", "[callout_engine]")
{
    if (!spawn_reports_errors())
        return skip(no_spawn_errors);
    ScriptHost host;
    host.callout("10-generic", generic);
    const auto link = host.env.callout_directories().front() / "20-guard";
    fs::create_symlink("/nonexistent/guard", link);

    const auto why = refusal(Manager(host.env));
    CHECK(why.find(link.string()) != why.npos);
    CHECK(why.find("could not be executed") != why.npos);
}

TEST_CASE("text on a script's stderr is logged", "[callout_engine]")
{
    ScriptHost host;
    host.callout("10-foreign", "echo \"foreign $call\" >&2; exit 2");
    host.callout("20-guard", guard("echo 'my words' >&2"));

    SECTION("of all scripts that are asked for capabilities")
    {
        CHECK_FALSE(refusal(Manager(host.env)).empty());
        CHECK(host.has_logged(
            LogLevel::info, "10-foreign: foreign get/capabilities"));
        CHECK(host.has_logged(LogLevel::info, "20-guard: my words"));
    }
    SECTION("of scripts that decline")
    {
        fs::remove(host.env.callout_directories().front() / "20-guard");
        CHECK(refusal(Manager(host.env)).empty());
        CHECK(
            host.has_logged(LogLevel::info, "10-foreign: foreign pre/define"));
    }
}

TEST_CASE("a long line of a script's output is truncated", "[callout_engine]")
{
    ScriptHost host;
    host.callout("s", R"([ $call = pre/define ] || exit 0
head -c 900000 /dev/zero | tr '\0' x >&2)");

    CHECK(refusal(Manager(host.env)).empty());
    const auto said = host.kernel.log().texts(LogLevel::warning);
    REQUIRE(said.size() == 1);
    CHECK(said.front().size() < 1100);
    CHECK(said.front().find("899000 bytes") != std::string::npos);
}

TEST_CASE("a truncated line ends with a whole character", "[callout_engine]")
{
    ScriptHost host;
    host.callout("s", R"([ $call = pre/define ] || exit 0
head -c 999 /dev/zero | tr '\0' x >&2; printf '\303\251\n' >&2)");

    CHECK(refusal(Manager(host.env)).empty());
    CHECK(host.kernel.log().texts(LogLevel::warning) ==
        Lines{"s: " + std::string(999, 'x') + " (2 bytes omitted)"});
}

TEST_CASE("of many lines of a script the last are logged", "[callout_engine]")
{
    ScriptHost host;
    host.callout("s", "[ $call = pre/define ] || exit 0\nseq 150 >&2");

    CHECK(refusal(Manager(host.env)).empty());
    const auto said = host.kernel.log().texts(LogLevel::warning);
    REQUIRE(said.size() == 101);
    CHECK(said[0] == "s: (50 lines omitted)");
    CHECK(said[1] == "s: 51");
    CHECK(said[100] == "s: 150");
}

TEST_CASE("'parallel' in a script's capabilities is true or false",
    "[callout_engine]")
{
    ScriptHost host;
    host.callout("s", R"([ $call = get/capabilities ] || exit 0
echo '{"supports":{"version":2,"actions":[],"events":[],"parallel":1}}')");

    CHECK(refusal(Manager(host.env)).empty());
    CHECK(
        host.has_logged(LogLevel::warning, "'parallel' must be true or false"));
}

TEST_CASE("only a killed script has a signal", "[callout_engine]")
{
    const auto signal = [](ProcessResult::End end) {
        return callout_result("/s", {end, 9, "", ""}, milliseconds(5)).signal();
    };

    CHECK(signal(ProcessResult::End::killed) == 9);
    CHECK_FALSE(signal(ProcessResult::End::exited));
}

TEST_CASE(
    "a script whose capabilities are unknown gets no 'post' without 'pre'",
    "[callout_engine]")
{
    ScriptHost host;
    host.callout("s", "");
    const CalloutEngine engine(host.env);

    engine.post(
        {}, CalloutAction::define, CalloutState::success, sample_definition(1));

    CHECK(host.calls().empty());
}

}
