// SPDX-License-Identifier: LGPL-2.1-or-later
#include "output.hpp"

#include "streams.hpp"

#include <mdev/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <unistd.h>

namespace {

std::size_t length_by(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first < 0xe0)
        return 2;
    if (first >= 0xe0 && first < 0xf0)
        return 3;
    return first >= 0xf0 && first < 0xf5 ? 4 : 0;
}

/// Not where the character would be one that a terminal may obey, a longer
/// spelling of a shorter one, half of a pair, or beyond the last.
bool may_follow(unsigned char first, unsigned char second)
{
    switch (first) {
    case 0xc2:
    case 0xe0: return second >= 0xa0;
    case 0xed: return second < 0xa0;
    case 0xf0: return second >= 0x90;
    case 0xf4: return second < 0x90;
    default: return true;
    }
}

/// The length of the UTF-8 character that `text` begins with, 0 if it begins
/// with none or with one that a terminal may obey: U+0080 to U+009F, too, and
/// a byte of them by itself.
std::size_t harmless_length(std::string_view text)
{
    const auto first = static_cast<unsigned char>(text.front());
    const auto length = length_by(first);
    if (first < 0x20 || first == 0x7f || length > text.size() ||
        (length > 1 && !may_follow(first, static_cast<unsigned char>(text[1]))))
        return 0;
    const auto rest = text.substr(0, length).substr(length == 0 ? 0 : 1);
    const bool is_whole = std::all_of(rest.begin(), rest.end(),
        [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; });
    return is_whole ? length : 0;
}

void append_attributes(
    Output& output, const std::vector<mdev::Attribute>& attributes)
{
    if (attributes.empty())
        return;
    output.text("  Attrs:\n");
    std::size_t index = 0;
    for (const auto& [name, value] : attributes)
        output.text("    @{" + std::to_string(index++) + "}: {\"")
            .name(name)
            .text("\":\"")
            .name(value)
            .text("\"}\n");
}

void append_line(
    Output& output, std::string_view label, const std::string& value)
{
    if (!value.empty())
        output.text("    ").text(label).text(": ").name(value).text("\n");
}

}

std::string harmless(std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string shown;
    while (!text.empty()) {
        const auto byte = static_cast<unsigned char>(text.front());
        const auto length = harmless_length(text);
        if (length != 0)
            shown += text.substr(0, length);
        else if (byte == '\n')
            shown += "\\n";
        else
            (shown += "\\x").append({digits[byte >> 4], digits[byte & 15]});
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return shown;
}

Output::Output() : terminal_(isatty(STDOUT_FILENO) == 1)
{
}

Output& Output::text(std::string_view words)
{
    text_ += words;
    return *this;
}

Output& Output::name(std::string_view words)
{
    if (terminal_)
        text_ += harmless(words);
    else
        text_ += words;
    return *this;
}

void Output::send() const
{
    if (!write_all(STDOUT_FILENO, text_))
        throw mdev::Error(std::error_code(errno, std::system_category()),
            "stdout", "Cannot write to standard output");
}

const char* word(mdev::StartMode start)
{
    return start == mdev::StartMode::automatic ? "auto" : "manual";
}

void append_device(Output& output, const mdev::Definition& device,
    std::string_view mark, Attributes attributes)
{
    output.text(device.uuid().string())
        .text(" ")
        .name(device.parent())
        .text(" ")
        .name(device.type_id())
        .text(" ")
        .text(word(device.start()))
        .text(mark)
        .text("\n");
    if (attributes == Attributes::shown)
        append_attributes(output, device.attributes());
}

void append_parent(Output& output, const mdev::ParentDevice& parent)
{
    output.name(parent.name()).text("\n");
    for (const auto& type : parent.types()) {
        output.text("  ").name(type.id()).text("\n");
        append_line(output, "Available instances",
            std::to_string(type.available_instances()));
        append_line(output, "Device API", type.device_api());
        append_line(output, "Name", type.name());
        append_line(output, "Description", type.description());
    }
}

void print_generated(const mdev::Uuid& uuid, std::string_view deed)
try {
    Output output;
    output.text(uuid.string()).text("\n").send();
} catch (const mdev::Error& error) {
    throw mdev::Error(error.code(), error.cause(), uuid.string(),
        std::string(error.what()) + "; device " + uuid.string() + " was " +
            std::string(deed));
}
