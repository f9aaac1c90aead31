// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "exit_code.hpp"
#include "output.hpp"

#include <mdev/diagnosis.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>

namespace {

bool is_error(const mdev::Finding& finding)
{
    return finding.severity() == mdev::Severity::error;
}

void append_finding(Output& output, const mdev::Finding& finding)
{
    output.text(is_error(finding) ? "Error" : "Warning")
        .text(" [")
        .text(finding.id())
        .text("]: ")
        .untrusted(finding.message())
        .text(".\n  ")
        .untrusted(finding.advice())
        .text(".\n");
}

/// Where hundreds of devices have one fault, three of them are enough to see
/// what it is.
void append_findings(
    Output& output, const std::vector<mdev::Finding>& findings, bool is_verbose)
{
    constexpr std::size_t most = 10;
    constexpr std::size_t few = 3;
    std::map<std::string, std::size_t> left;
    for (const auto& finding : findings)
        ++left[finding.id()];
    std::map<std::string, std::size_t> shown;
    for (const auto& finding : findings) {
        const auto count = left[finding.id()];
        const auto number = ++shown[finding.id()];
        if (is_verbose || count <= most || number <= few)
            append_finding(output, finding);
        else if (number == few + 1)
            output.text("And ")
                .text(std::to_string(count - few))
                .text(" more [")
                .text(finding.id())
                .text("]; --verbose prints each.\n");
    }
}

}

int run_doctor(const mdev::Environment& env, const Arguments& arguments)
{
    const auto findings = mdev::diagnose(env);
    Output output;
    if (arguments.has("json"))
        output.json(mdev::to_json(findings));
    else
        append_findings(output, findings, arguments.has("verbose"));
    output.send();
    if (findings.empty())
        return EXIT_SUCCESS;
    const bool any_error =
        std::any_of(findings.begin(), findings.end(), is_error);
    return any_error ? exit_errors : exit_warnings;
}
