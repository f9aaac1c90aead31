// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

// The only header that includes Boost.JSON: the rest of the library uses the
// names below. Boost promises no stable ABI, so none of these types may appear
// in a public header. Boost.JSON is compiled into json_parser.cpp
// (<boost/json/src.hpp>), which needs no libboost_json at run time.
#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace mdev::json {

using boost::json::array;
using boost::json::monotonic_resource;
using boost::json::object;
using boost::json::value;

/// Parses strict RFC 8259, at most 32 levels deep, without two members of one
/// name in an object. Throws std::invalid_argument with a text that names the
/// fault and its position. `further_levels` are allowed in addition to the 32.
value parse(std::string_view text, std::size_t further_levels = 0);
/// Parses like the function above, but allocates the value and everything in it
/// from `memory`, which must outlive the value.
value parse(std::string_view text, monotonic_resource& memory);

/// Describes the type of a value in messages: "a string", "an array", …
std::string_view kind(const value& value) noexcept;

/// The white space of a text.
enum class Layout {
    pretty, ///< a member a line, two blanks a level
    spaced, ///< on one line, a blank behind each comma and colon
    compact, ///< on one line, without blanks
};

/// Writes all JSON of this library, piece by piece, to the end of `out`, which
/// has to outlive the writer.
///
/// Strings are written in ASCII: libvirt's JSON parser rejects a whole list
/// because of one raw byte above 0x7f. Bytes that are not UTF-8 become U+FFFD.
/// The caller keeps the order (a key before each member, as many ends as
/// begins); the writer only knows where commas and line ends belong.
class Writer {
public:
    Writer(std::string& out, Layout layout) noexcept;

    void begin_object() { begin('{'); }
    void end_object() { end('}'); }
    void begin_array() { begin('['); }
    void end_array() { end(']'); }
    /// Writes the name of the next member. The next call writes its value.
    void key(std::string_view name);
    void string(std::string_view text);
    /// Writes a whole value, with everything in it.
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

/// Returns `value` in Layout::pretty, without a final newline.
std::string pretty(const value& value);
/// Returns `value` in Layout::spaced, without a final newline.
std::string line(const value& value);

/// Returns the string, or null for an empty one: consumers of the flat formats
/// can tell "none" from a text without knowing which texts are optional.
value or_null(const std::string& text);

/// Returns an array of the strings.
template <class Strings> array strings(const Strings& strings)
{
    array list;
    for (const auto& string : strings)
        list.push_back(value(std::string(string)));
    return list;
}

}
