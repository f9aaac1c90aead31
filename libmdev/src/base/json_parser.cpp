// SPDX-License-Identifier: LGPL-2.1-or-later
#include "json.hpp"
#include "json_mistake.hpp"

#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>
#include <boost/json/value_stack.hpp>
#include <optional>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

namespace mdev::json {

// Boost.JSON parses. Its own parser silently keeps the last of several members
// of one name: a definition would lose the others with its next change. The
// handlers below make the same value and count the keys; if the value has
// fewer, a second pass finds the key that is repeated.

namespace {

constexpr std::size_t depth_limit = 32;

enum class RepeatedKeys { counted, refused };

/// The functions that a basic_parser calls: makes the value, and counts the
/// keys of the text. To refuse a repeated key takes more time.
class Builder {
public:
    static constexpr std::size_t max_object_size =
        boost::json::object::max_size();
    static constexpr std::size_t max_array_size =
        boost::json::array::max_size();
    static constexpr std::size_t max_key_size = boost::json::string::max_size();
    static constexpr std::size_t max_string_size =
        boost::json::string::max_size();

    using Error = boost::system::error_code;
    using Text = boost::json::string_view;

    Builder(RepeatedKeys repeated, boost::json::storage_ptr memory,
        unsigned char* scratch, std::size_t size)
        : repeated_(repeated),
          stack_({}, scratch, size)
    {
        stack_.reset(std::move(memory));
    }

    value release() { return stack_.release(); }
    std::size_t keys() const noexcept { return keys_; }
    /// The repeated key, if it is refused.
    const std::string& last_key() const noexcept { return last_key_; }

    static bool on_document_begin(Error&) { return true; }
    static bool on_document_end(Error&) { return true; }
    bool on_object_begin(Error&)
    {
        if (repeated_ == RepeatedKeys::refused)
            open_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t size, Error&)
    {
        stack_.push_object(size);
        if (repeated_ == RepeatedKeys::refused)
            open_.pop_back();
        return true;
    }
    static bool on_array_begin(Error&) { return true; }
    bool on_array_end(std::size_t size, Error&)
    {
        stack_.push_array(size);
        return true;
    }
    bool on_key_part(Text part, std::size_t size, Error&)
    {
        stack_.push_chars(part);
        if (repeated_ == RepeatedKeys::refused)
            append_key(part, size);
        return true;
    }
    bool on_key(Text part, std::size_t size, Error& error)
    {
        stack_.push_key(part);
        ++keys_;
        if (repeated_ == RepeatedKeys::counted)
            return true;
        append_key(part, size);
        if (open_.back().insert(last_key_).second)
            return true;
        error = boost::json::make_error_code(boost::json::error::exception);
        return false;
    }
    bool on_string_part(Text text, std::size_t, Error&)
    {
        stack_.push_chars(text);
        return true;
    }
    bool on_string(Text text, std::size_t, Error&)
    {
        stack_.push_string(text);
        return true;
    }
    static bool on_number_part(Text, Error&) { return true; }
    bool on_int64(std::int64_t number, Text, Error&)
    {
        stack_.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, Text, Error&)
    {
        stack_.push_uint64(number);
        return true;
    }
    bool on_double(double number, Text, Error&)
    {
        stack_.push_double(number);
        return true;
    }
    bool on_bool(bool flag, Error&)
    {
        stack_.push_bool(flag);
        return true;
    }
    bool on_null(Error&)
    {
        stack_.push_null();
        return true;
    }
    static bool on_comment_part(Text, Error&) { return true; }
    static bool on_comment(Text, Error&) { return true; }

private:
    /// `size` is that of the key so far, with this part.
    void append_key(Text part, std::size_t size)
    {
        if (part.size() == size)
            last_key_.clear();
        last_key_.append(part.data(), part.size());
    }

    RepeatedKeys repeated_;
    boost::json::value_stack stack_;
    std::size_t keys_ = 0;
    std::vector<std::set<std::string>> open_;
    std::string last_key_;
};

/// What the parser made of a text.
struct Result {
    std::optional<value> document; ///< nothing if there is an error
    std::size_t keys = 0;
    std::string last_key;
    std::size_t end = 0; ///< the position where the parser stopped
    boost::system::error_code error;
};

boost::json::parse_options options(std::size_t further_levels)
{
    boost::json::parse_options options;
    options.max_depth = depth_limit + further_levels;
    return options;
}

std::size_t count_keys(const value& value)
{
    std::size_t count = 0;
    if (const auto* array = value.if_array())
        for (const auto& element : *array)
            count += count_keys(element);
    else if (const auto* object = value.if_object())
        for (const auto& member : *object)
            count += 1 + count_keys(member.value());
    return count;
}

/// The position behind the first `offset` bytes for a message: "line 3, column
/// 7".
std::string line_and_column(std::string_view text, std::size_t offset)
{
    const auto before = text.substr(0, offset);
    std::size_t line = 1;
    std::size_t column = 1;
    for (const char c : before) {
        const bool continues_character =
            (static_cast<unsigned char>(c) & 0xc0U) == 0x80;
        column = c == '\n' ? 1 : column + (continues_character ? 0 : 1);
        line += c == '\n' ? 1 : 0;
    }
    return "line " + std::to_string(line) + ", column " +
        std::to_string(column);
}

[[noreturn]] void refuse_mistake(
    std::string_view text, std::string sentence, std::size_t offset)
{
    // A mistake behind the place where Boost stops is not the one that Boost
    // has found.
    const auto mistake = find_mistake(text);
    if (mistake && mistake->offset <= offset) {
        sentence = mistake->expected;
        offset = mistake->offset;
    }
    throw std::invalid_argument(
        line_and_column(text, offset) + ": " + sentence);
}

/// Calls Boost's parser in one place, where the compiler knows that the text is
/// complete, and omits the code that would continue a text.
Result run_parser(std::string_view text, RepeatedKeys repeated,
    boost::json::storage_ptr memory, const boost::json::parse_options& options)
{
    // The parser's temporary memory is on the stack: nearly every definition
    // fits, and a list of thousands then needs no allocation for parsing.
    std::array<unsigned char, 4096> scratch;
    boost::json::basic_parser<Builder> parser(
        options, repeated, std::move(memory), scratch.data(), scratch.size());
    auto& builder = parser.handler();
    Result result;
    result.end =
        parser.write_some(false, text.data(), text.size(), result.error);
    result.keys = builder.keys();
    result.last_key = builder.last_key();
    if (!result.error && result.end < text.size())
        result.error =
            boost::json::make_error_code(boost::json::error::extra_data);
    if (!result.error)
        result.document.emplace(builder.release());
    return result;
}

[[noreturn]] void refuse_repeated_key(
    std::string_view text, const boost::json::parse_options& options)
{
    const auto result = run_parser(text, RepeatedKeys::refused, {}, options);
    throw std::invalid_argument("the key '" + result.last_key +
        "' occurs twice, at " + line_and_column(text, result.end));
}

value parse_into(std::string_view text, const boost::json::storage_ptr& memory,
    const boost::json::parse_options& options)
{
    if (text.find_first_not_of(" \t\r\n") == text.npos)
        // Boost would call an empty text "incomplete JSON", which does not help
        // the user.
        throw std::invalid_argument("it is empty");
    auto result = run_parser(text, RepeatedKeys::counted, memory, options);
    if (result.error)
        refuse_mistake(text, result.error.message(), result.end);
    if (count_keys(*result.document) != result.keys)
        refuse_repeated_key(text, options);
    return std::move(*result.document);
}

}

value parse(std::string_view text, std::size_t further_levels)
{
    return parse_into(text, {}, options(further_levels));
}

value parse(std::string_view text, monotonic_resource& memory)
{
    return parse_into(text, &memory, options(0));
}

}
