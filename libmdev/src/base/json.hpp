// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// The only header that knows Boost.JSON: the rest of the library reads its
// values through these names.
#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>

namespace mdev::json {

using boost::json::array;
using boost::json::monotonic_resource;
using boost::json::object;
using boost::json::value;

/// Strict RFC 8259, at most 32 levels deep. Throws std::invalid_argument,
/// whose text says what is wrong and where.
value parse(std::string_view text);
/// The same with all that it needs and returns in `memory`, which has to
/// outlive the value.
value parse(std::string_view text, monotonic_resource& memory);

/// What kind of value it is, for messages: "a string", "an array", …
std::string_view kind(const value& value) noexcept;

/// How a text is laid out.
enum class Layout {
    pretty, ///< a member a line, two blanks a level
    spaced, ///< on one line, a blank behind each comma and colon
    compact, ///< on one line, without blanks
};

/// Writes all the JSON of this library, piece by piece, behind what `out` holds
/// already. Strings are written in ASCII only, which a parser that does not
/// trust UTF-8 wants; bytes that are not UTF-8 become U+FFFD.
class Writer {
public:
    Writer(std::string& out, Layout layout) noexcept;

    void begin_object() { begin('{'); }
    void end_object() { end('}'); }
    void begin_array() { begin('['); }
    void end_array() { end(']'); }
    /// The name of the member whose value comes next.
    void key(std::string_view name);
    void string(std::string_view text);
    void add(const value& value);

private:
    void begin(char bracket);
    void end(char bracket);
    void separate();

    std::string& out_;
    Layout layout_;
    std::size_t indent_ = 0;
    bool is_first_ = true;
    bool is_after_key_ = false;
};

/// The text of a document in Layout::pretty.
std::string pretty(const value& value);
/// The text of a document in Layout::spaced.
std::string line(const value& value);

/// A string, or null for an empty one: there is nothing to say.
value or_null(const std::string& text);

/// An array of strings.
template <class Strings> array strings(const Strings& strings)
{
    array list;
    for (const auto& string : strings)
        list.push_back(value(std::string(string)));
    return list;
}

}
