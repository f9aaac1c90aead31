// SPDX-License-Identifier: LGPL-2.1-or-later
#include "usual_definition.hpp"

#include "name.hpp"

#include <array>
#include <utility>

namespace mdev {

// definition_json.cpp must read each text that this file accepts as the same
// definition: a fuzzer in tests/torture/fuzz compares them.

namespace {

/// For each byte whether it stands for itself in a string.
constexpr auto plain = [] {
    std::array<bool, 256> is_plain{};
    for (std::size_t byte = ' '; byte < 0x7f; ++byte)
        is_plain[byte] = byte != '"' && byte != '\\';
    return is_plain;
}();

/// Reads JSON without numbers, literals and escapes from the front to the end.
/// Each function returns false if the text does not continue with the expected
/// element.
class Scanner {
public:
    explicit Scanner(std::string_view text) noexcept
        : at_(text.data()),
          end_(at_ + text.size())
    {
    }

    bool take(char c) noexcept
    {
        // Nearly always without a blank in front.
        if (at_ == end_ || *at_ != c)
            skip_blanks();
        if (at_ == end_ || *at_ != c)
            return false;
        ++at_;
        return true;
    }

    bool take_string(std::string_view& string) noexcept
    {
        if (!take('"'))
            return false;
        const auto* begin = at_;
        while (at_ != end_ && plain[static_cast<unsigned char>(*at_)])
            ++at_;
        string = {begin, static_cast<std::size_t>(at_ - begin)};
        return at_ != end_ && *at_++ == '"';
    }

    bool is_at_end() noexcept
    {
        skip_blanks();
        return at_ == end_;
    }

private:
    void skip_blanks() noexcept
    {
        while (at_ != end_ &&
            (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t'))
            ++at_;
    }

    const char* at_;
    const char* end_;
};

bool read_attribute(Scanner& text, std::vector<Attribute>& attributes)
{
    std::string_view name;
    std::string_view value;
    if (!text.take('{') || !text.take_string(name) || !text.take(':') ||
        !text.take_string(value) || !text.take('}') ||
        !can_name_attribute(name))
        return false;
    attributes.emplace_back(name, value);
    return true;
}

bool read_attributes(Scanner& text, std::vector<Attribute>& attributes)
{
    if (!text.take('['))
        return false;
    if (text.take(']'))
        return true;
    attributes.reserve(4); // A device rarely has more.
    do
        if (!read_attribute(text, attributes))
            return false;
    while (text.take(','));
    return text.take(']');
}

/// Whether `word` is a start mode, which is stored in `start` then.
bool read_start(std::string_view word, StartMode& start) noexcept
{
    start = word == "auto" ? StartMode::automatic : StartMode::manual;
    return word == "auto" || word == "manual";
}

}

bool read_usual_definition(
    std::string_view json, Access::Impl<Definition>& definition)
{
    Scanner text(json);
    std::string_view key;
    std::string_view type;
    std::string_view start;
    bool has_attributes = false;
    if (!text.take('{'))
        return false;
    do {
        if (!text.take_string(key) || !text.take(':'))
            return false;
        // The JSON parser refuses a key that occurs twice.
        bool is_read = false;
        if (key == "mdev_type" && !type.data())
            is_read = text.take_string(type);
        else if (key == "start" && !start.data())
            is_read = text.take_string(start);
        else if (key == "attrs" && !std::exchange(has_attributes, true))
            is_read = read_attributes(text, definition.attributes);
        if (!is_read)
            return false;
    } while (text.take(','));
    if (!text.take('}') || !text.is_at_end() || !is_component(type) ||
        !read_start(start, definition.start))
        return false;
    definition.type_id = type;
    return true;
}

}
