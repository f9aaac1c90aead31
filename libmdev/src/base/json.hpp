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

/// Appends `text` as a JSON string in ASCII only, as a parser that does not
/// trust UTF-8 wants it. Bytes that are no UTF-8 become U+FFFD.
void append_string(std::string& out, std::string_view text);

/// Appends `value` as text whose lines after the first are indented by
/// `indent` blanks, two more each level.
void append_pretty(std::string& out, const value& value, std::size_t indent);

/// A whole document: `value` as text whose first line is not indented.
std::string pretty(const value& value);
/// The same on one line.
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
