// SPDX-License-Identifier: LGPL-2.1-or-later
#define CATCH_CONFIG_RUNNER
#include "catch.hpp"

#include <cstdio>
#include <string_view>
#include <unistd.h>
#include <vector>

namespace mdev::test {

namespace {

/// The stream for TAP; null without --tap.
std::FILE* tap = nullptr;
std::string why_skipped;
/// Whether the TAP output has all results, including failures.
bool told = false;

#ifdef MDEV_TEST_CATCH2_V2
using Listener = Catch::TestEventListenerBase;

std::string name_of(const Catch::TestCaseStats& stats)
{
    return stats.testInfo.name;
}
#else
using Listener = Catch::EventListenerBase;

std::string name_of(const Catch::TestCaseStats& stats)
{
    return stats.testInfo->name;
}
#endif

/// Writes one line of TAP for each test case, and the number of test cases at
/// the end.
class TapListener : public Listener {
public:
    using Listener::Listener;

    void testCaseEnded(const Catch::TestCaseStats& stats) override
    {
        const bool passed = stats.totals.assertions.failed == 0;
        const auto skipped =
            why_skipped.empty() ? "" : " # SKIP " + why_skipped;
        why_skipped.clear();
        ++count_;
        if (tap)
            std::fprintf(tap, "%s %u - %s%s\n", passed ? "ok" : "not ok",
                count_, name_of(stats).c_str(), skipped.c_str());
    }

    void testRunEnded(const Catch::TestRunStats&) override
    {
        if (tap)
            std::fprintf(tap, "1..%u\n", count_);
        told = tap && count_ > 0;
    }

private:
    unsigned count_ = 0;
};

CATCH_REGISTER_LISTENER(TapListener)

/// Only TAP is written to standard output. Catch's own report is written to
/// standard error.
void open_tap()
{
    tap = fdopen(dup(STDOUT_FILENO), "w");
    dup2(STDERR_FILENO, STDOUT_FILENO);
    setvbuf(tap, nullptr, _IOLBF, BUFSIZ);
}

}

void skip(const std::string& why)
{
    why_skipped = why;
    SUCCEED("skipped: " + why);
}

}

int main(int argc, char* argv[])
{
    std::vector<char*> arguments(argv, argv + argc);
    if (std::erase_if(arguments,
            [](const char* word) { return std::string_view(word) == "--tap"; }))
        mdev::test::open_tap();
    const int failed = Catch::Session().run(
        static_cast<int>(arguments.size()), arguments.data());
    // Programs that read TAP treat any other status as a crash.
    return mdev::test::told ? 0 : failed;
}
