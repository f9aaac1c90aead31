// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "exit_code.hpp"
#include "output.hpp"

#include <mdev/diagnosis.hpp>
#include <mdev/uuid.hpp>

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

/// What findings of one kind have in common: the id, and the message without
/// what tells one device from another, its UUID. Of two types with a fault each
/// is shown, and the reasons of broken definitions are.
std::string kind_of(const mdev::Finding& finding)
{
    constexpr std::size_t uuid_size = 36;
    auto text = finding.id() + " " + finding.message();
    for (std::size_t at = 0; at + uuid_size <= text.size(); ++at)
        if (mdev::Uuid::parse(text.substr(at, uuid_size)))
            text.replace(at, uuid_size, "UUID");
    return text;
}

/// Where hundreds of devices have one fault, three of them are enough to see
/// what it is.
void append_findings(
    Output& output, const std::vector<mdev::Finding>& findings, bool is_verbose)
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
            append_finding(output, findings[i]);
        else if (kind.seen == few + 1)
            output.text("And ")
                .text(std::to_string(kind.count - few))
                .text(" more [")
                .text(findings[i].id())
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
