// SPDX-License-Identifier: LGPL-2.1-or-later
#include "json.hpp"

#include "text.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <cmath>
#include <utility>

namespace mdev::json {

// json_parser.cpp parses; Writer writes. Boost's own serializer is not used,
// for three reasons. It has no indented layout, and does not escape characters
// above ASCII. It prints infinite numbers and NaN as words that no JSON parser
// accepts. The pretty layout is byte for byte that of mdevctl 1.x, because
// programs compare files and parse lists.

namespace {

constexpr std::size_t indent_step = 2;

using Bytes = std::array<bool, 256>;

/// For each byte whether it needs an escape in a JSON string. DEL (0x7f) is
/// legal in a JSON string; code that prints to a terminal escapes it.
constexpr Bytes escaped_bytes()
{
    Bytes escaped{};
    for (std::size_t byte = 0; byte < escaped.size(); ++byte)
        escaped[byte] =
            byte < 0x20 || byte > 0x7f || byte == '"' || byte == '\\';
    return escaped;
}

constexpr Bytes needs_escape = escaped_bytes();

/// The number of bytes at the front that need no escape.
std::size_t plain_length(std::string_view text)
{
    const auto* end = std::find_if(text.begin(), text.end(),
        [](char c) { return needs_escape[static_cast<unsigned char>(c)]; });
    return static_cast<std::size_t>(end - text.begin());
}

void append_unit(std::string& out, unsigned unit)
{
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4)
        out += digits[(unit >> shift) & 0xfU];
}

/// JSON escapes are UTF-16: a character beyond the basic multilingual plane is
/// a surrogate pair.
void append_escaped(std::string& out, char32_t point)
{
    if (point < 0x10000)
        return append_unit(out, point);
    append_unit(out, 0xd800U + ((point - 0x10000U) >> 10));
    append_unit(out, 0xdc00U + ((point - 0x10000U) & 0x3ffU));
}

/// The letter behind the backslash, 0 for a character that has no short escape.
char short_escape(char32_t point)
{
    switch (point) {
    case '"': return '"';
    case '\\': return '\\';
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    default: return 0;
    }
}

/// Appends a character that plain_length() has stopped at.
void append_character(std::string& out, char32_t point)
{
    if (const char letter = short_escape(point)) {
        out += '\\';
        out += letter;
    } else
        append_escaped(out, point);
}

/// A number of an unknown member must survive a change of its file. Boost reads
/// a number that is too large for a double as infinity, and zero times a large
/// power of ten as NaN; JSON has neither. 1e999 is read as infinity again, and
/// 0E0 is the value of the product.
std::string text_of(double number)
{
    if (std::isnan(number))
        return "0E0";
    if (std::isinf(number))
        return number > 0 ? "1e999" : "-1e999";
    return boost::json::serialize(value(number));
}

void append_string(std::string& out, std::string_view text)
{
    out += '"';
    while (!text.empty()) {
        const auto plain = plain_length(text);
        out.append(text, 0, plain);
        text.remove_prefix(plain);
        if (!text.empty())
            append_character(out, next_character(text).point);
    }
    out += '"';
}

}

std::string_view kind(const value& value) noexcept
{
    switch (value.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return "a boolean";
    case boost::json::kind::string: return "a string";
    case boost::json::kind::array: return "an array";
    case boost::json::kind::object: return "an object";
    default: return "a number";
    }
}

Writer::Writer(std::string& out, Layout layout) noexcept
    : out_(out),
      layout_(layout)
{
}

void Writer::begin(char bracket)
{
    separate();
    out_ += bracket;
    indent_ += indent_step;
    is_first_ = true;
}

void Writer::end(char bracket)
{
    indent_ -= indent_step;
    // An empty array or object stays on one line: [] and {}.
    if (layout_ == Layout::pretty && !is_first_)
        out_.append("\n").append(indent_, ' ');
    out_ += bracket;
    is_first_ = false;
}

/// Writes the comma and white space in front of a member or element. A value
/// behind a key, and the outermost value, have nothing in front. `indent_`
/// counts the open brackets in every layout, although only Layout::pretty
/// prints it.
void Writer::separate()
{
    if (std::exchange(is_after_key_, false) || indent_ == 0)
        return;
    if (!is_first_)
        out_ += layout_ == Layout::spaced ? ", " : ",";
    if (layout_ == Layout::pretty)
        out_.append("\n").append(indent_, ' ');
    is_first_ = false;
}

void Writer::key(std::string_view name)
{
    separate();
    append_string(out_, name);
    out_ += layout_ == Layout::compact ? ":" : ": ";
    is_after_key_ = true;
}

void Writer::string(std::string_view text)
{
    separate();
    append_string(out_, text);
}

void Writer::add(const value& value)
{
    if (const auto* array = value.if_array()) {
        begin_array();
        for (const auto& element : *array)
            add(element);
        end_array();
    } else if (const auto* object = value.if_object()) {
        begin_object();
        for (const auto& member : *object) {
            key({member.key().data(), member.key().size()});
            add(member.value());
        }
        end_object();
    } else if (const auto* text = value.if_string())
        string({text->data(), text->size()});
    else {
        separate();
        // Only doubles can be infinite; integers, booleans and null print the
        // same everywhere.
        const auto* number = value.if_double();
        out_ += number ? text_of(*number) : boost::json::serialize(value);
    }
}

std::string pretty(const value& value)
{
    std::string out;
    Writer(out, Layout::pretty).add(value);
    return out;
}

std::string line(const value& value)
{
    std::string out;
    Writer(out, Layout::spaced).add(value);
    return out;
}

value or_null(const std::string& text)
{
    return text.empty() ? value(nullptr) : value(text);
}

}
