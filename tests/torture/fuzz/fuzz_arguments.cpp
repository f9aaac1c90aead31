// SPDX-License-Identifier: LGPL-2.1-or-later
// The input is a command line: words that end with a newline. The first word is
// a command.
#include "arguments.hpp"
#include "output.hpp"
#include "target.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <exception>

namespace {

std::vector<std::string> words_of(std::string_view text)
{
    std::vector<std::string> words;
    while (!text.empty()) {
        const auto word = text.substr(0, text.find('\n'));
        words.emplace_back(word);
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    return words;
}

void check_message(const std::exception& error)
{
    const auto shown = escaped(error.what());
    promise(std::none_of(shown.begin(), shown.end(),
        [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }));
}

void understand(const Command& command, const std::vector<std::string>& words)
try {
    const auto line = read_command_line(command, words);
    promise(!line.waiting || !line.mistake.empty());
    const Arguments arguments(command, line, mdev::Environment("/nonexistent"));
    for (const auto& option : command.options)
        promise(arguments.has(option.name) ==
            arguments.value(option.name).has_value());
    arguments.uuid();
    arguments.index();
    arguments.wait();
    arguments.spec();
} catch (const UsageError& error) {
    check_message(error);
} catch (const mdev::Error& error) {
    // A name that no parent can have.
    check_message(error);
}

}

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    auto words = words_of(text_of(data, size));
    if (words.empty())
        return 0;
    const auto* command = find_command(words.front());
    words.erase(words.begin());
    if (command)
        understand(*command, words);
    return 0;
}
