// SPDX-License-Identifier: LGPL-2.1-or-later
// Tests the build option `scriptdir`. This program is linked with an
// environment.cpp that was compiled with another directory than the library's
// environment.cpp.
#include "catch.hpp"
#include "samples.hpp"
#include "temporary_directory.hpp"

#include <mdev/callout_engine.hpp>

namespace mdev::test {

namespace fs = std::filesystem;

TEST_CASE("scripts are in the directory of the build option", "[environment]")
{
    const Environment env("/root");

    CHECK(env.callout_directories() ==
        std::vector<fs::path>{"/root/opt/vendor/scripts/callouts",
            "/root/etc/mdevctl.d/scripts.d/callouts"});
    CHECK(env.notifier_directories() ==
        std::vector<fs::path>{"/root/opt/vendor/scripts/notifiers",
            "/root/etc/mdevctl.d/scripts.d/notifiers"});
}

TEST_CASE("scripts of other directories are not run", "[environment]")
{
    const TemporaryDirectory root;
    const auto add = [&](const fs::path& directory) {
        const auto script = root.path() / directory / "callouts/vendor.sh";
        put_file(script, "#!/bin/sh\n");
        fs::permissions(script, fs::perms(0755));
        return script;
    };
    add("usr/lib/mdevctl/scripts.d");
    const auto script = add("opt/vendor/scripts");

    const auto result =
        CalloutEngine(Environment(root.path()))
            .run(CalloutEvent::pre, CalloutAction::start, sample_definition(1));

    REQUIRE(result);
    CHECK(result->script() == script);
}

}
