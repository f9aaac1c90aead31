// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "exit_code.hpp"
#include "output.hpp"
#include "screen.hpp"
#include "text.hpp"

#include <mdev/diagnosis.hpp>
#include <mdev/uuid.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <unistd.h>

namespace {

using Findings = std::vector<mdev::Finding>;

bool is_error(const mdev::Finding& finding)
{
    return finding.severity() == mdev::Severity::error;
}

/// The command has its own line, so that it can be pasted as it stands.
void append_advice(Output& output, const mdev::Finding& finding)
{
    const auto& command = finding.command();
    output.text("  ").untrusted(finding.advice());
    if (command.empty())
        output.text(".\n");
    else
        output.text(":\n    ").untrusted(command).text("\n");
}

void append_finding(
    Output& output, const mdev::Finding& finding, const Screen& screen)
{
    output
        .text(is_error(finding) ? screen.painted(Ink::bad, "Error")
                                : screen.painted(Ink::notice, "Warning"))
        .text(" [")
        .text(finding.id())
        .text("]: ")
        .untrusted(finding.message())
        .text(".\n");
    append_advice(output, finding);
}

/// Returns the text that findings of one kind share: the id, and the message
/// without the UUID of the device. Findings about two types, or with two
/// reasons of broken definitions, are of different kinds.
std::string kind_of(const mdev::Finding& finding)
{
    constexpr std::size_t uuid_size = 36;
    auto text = finding.id() + " " + finding.message();
    for (std::size_t at = 0; at + uuid_size <= text.size(); ++at)
        if (mdev::Uuid::parse(text.substr(at, uuid_size)))
            text.replace(at, uuid_size, "UUID");
    return text;
}

/// If hundreds of devices have the same fault, three findings are enough to
/// recognize it.
void append_findings(Output& output, const Findings& findings, bool is_verbose,
    const Screen& screen)
{
    constexpr std::size_t most = 10;
    constexpr std::size_t few = 3;
    struct Kind {
        std::size_t count = 0;
        std::size_t seen = 0;
    };
    std::map<std::string, Kind> kinds;
    std::vector<Kind*> kind_of_each;
    for (const auto& finding : findings) {
        auto& kind = kinds[kind_of(finding)];
        ++kind.count;
        kind_of_each.push_back(&kind);
    }
    for (std::size_t i = 0; i < findings.size(); ++i) {
        auto& kind = *kind_of_each[i];
        ++kind.seen;
        if (is_verbose || kind.count <= most || kind.seen <= few)
            append_finding(output, findings[i], screen);
        else if (kind.seen == few + 1)
            output.text("And ")
                .text(std::to_string(kind.count - few))
                .text(" more [")
                .text(findings[i].id())
                .text("]; --verbose prints each.\n");
    }
}

/// The last line at a terminal.
void append_summary(
    Output& output, const Findings& findings, const Screen& screen)
{
    const auto errors = static_cast<std::size_t>(
        std::count_if(findings.begin(), findings.end(), is_error));
    if (findings.empty())
        output.text(screen.painted(Ink::good, "No problems found")).text("\n");
    else
        output.text("\n")
            .text(screen.painted(errors > 0 ? Ink::bad : Ink::notice,
                mdev::counted(errors, "error") + ", " +
                    mdev::counted(findings.size() - errors, "warning")))
            .text("\n");
}

/// The exit status depends on all findings, not only on those that are printed.
int status_of(const Findings& findings)
{
    if (findings.empty())
        return EXIT_SUCCESS;
    const bool any_error =
        std::any_of(findings.begin(), findings.end(), is_error);
    return any_error ? exit_errors : exit_warnings;
}

}

int run_doctor(const mdev::Environment& env, const Arguments& arguments)
{
    const auto screen = screen_of(STDOUT_FILENO, arguments.color());
    const auto severity =
        arguments.choice("severity", {"warning", "error"}, "warning");
    const auto all = mdev::diagnose(env);
    auto findings = all;
    if (severity == "error")
        std::erase_if(findings,
            [](const mdev::Finding& finding) { return !is_error(finding); });
    // A person should read the errors first; a program needs no order.
    if (screen.is_terminal)
        std::stable_partition(findings.begin(), findings.end(), is_error);
    Output output;
    if (arguments.has("json"))
        output.json(mdev::to_json(findings));
    else
        append_findings(output, findings, arguments.has("verbose"), screen);
    if (screen.is_terminal && !arguments.has("json"))
        append_summary(output, findings, screen);
    output.send();
    return status_of(all);
}
