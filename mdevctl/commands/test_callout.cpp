// SPDX-License-Identifier: LGPL-2.1-or-later
#include "arguments.hpp"
#include "output.hpp"
#include "settings.hpp"
#include "unit_sandbox.hpp"

#include <mdev/error.hpp>
#include <mdev/script_test.hpp>

#include <cerrno>
#include <cstdlib>
#include <unistd.h>

namespace {

void append(Output& output, const mdev::ScriptRemark& remark)
{
    const std::string word = remark.word();
    output.text(word)
        .text(std::string(6 - word.size(), ' '))
        .untrusted(escaped(remark.what()))
        .text(remark.why().empty() ? "" : ": ")
        .untrusted(escaped(remark.why()))
        .text("\n");
}

/// The words of this command without --as-unit. Units run in `/`.
std::vector<std::string> words_for_unit(const Arguments& arguments)
{
    std::vector<std::string> words = {"test-callout"};
    for (const char* option : {"uuid", "parent", "type"})
        if (const auto value = arguments.value(option))
            words.push_back("--" + std::string(option) + "=" + *value);
    if (arguments.has("json"))
        words.emplace_back("--json");
    words.emplace_back("--");
    words.push_back(std::filesystem::absolute(arguments.operand()));
    return words;
}

}

int run_test_callout(const mdev::Environment& env, const Arguments& arguments)
{
    const auto& script = arguments.operand();
    if (access(script.c_str(), F_OK) != 0)
        throw mdev::Error(std::error_code(errno, std::system_category()),
            script, "Cannot open " + script);
    if (arguments.has("as-unit"))
        run_as_unit(words_for_unit(arguments));
    const mdev::Definition device(
        arguments.uuid().value_or(mdev::Uuid::random()),
        arguments.value("parent").value_or("test-parent"),
        *arguments.value("type"));
    Output output;
    bool is_good = true;
    for (const auto& remark :
        mdev::test_script(arguments.operand(), device, interruptible(env))) {
        is_good = is_good && remark.kind() != mdev::RemarkKind::failure;
        if (arguments.has("json"))
            output.json(remark.to_json());
        else
            append(output, remark);
    }
    output.send();
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
