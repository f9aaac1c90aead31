// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "exit_code.hpp"
#include "output.hpp"

#include <mdev/diagnosis.hpp>

#include <algorithm>
#include <cstdlib>

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

}

int run_doctor(const mdev::Environment& env, const Arguments& arguments)
{
    const auto findings = mdev::diagnose(env);
    Output output;
    if (arguments.has("json"))
        output.json(mdev::to_json(findings));
    else
        for (const auto& finding : findings)
            append_finding(output, finding);
    output.send();
    if (findings.empty())
        return EXIT_SUCCESS;
    const bool any_error =
        std::any_of(findings.begin(), findings.end(), is_error);
    return any_error ? exit_errors : exit_warnings;
}
