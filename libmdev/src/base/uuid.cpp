// SPDX-License-Identifier: LGPL-2.1-or-later
#include <mdev/error.hpp>
#include <mdev/uuid.hpp>

#include <algorithm>
#include <boost/uuid/entropy_error.hpp>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/random_generator.hpp>
#include <cerrno>
#include <ostream>

namespace mdev {

// Parsing and printing are written here: the spellings that are accepted are
// part of the interface, and Boost's parser accepts others and throws.
// Boost.UUID makes the random and the name-based UUIDs. Its type was rewritten
// in Boost 1.86 and stays out of the public header.

namespace {

constexpr std::string_view digits = "0123456789abcdef";
constexpr std::size_t hyphenated_length = 36;
constexpr std::size_t plain_length = 32;

/// Where the digits of each byte are in the hyphenated form.
constexpr std::array<std::uint8_t, 16> places = {
    0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

constexpr std::uint8_t no_digit = 0xff;

/// The value of each character that is a digit.
constexpr auto digit_values = [] {
    std::array<std::uint8_t, 256> values{};
    values.fill(no_digit);
    for (std::uint8_t i = 0; i < 16; ++i) {
        values[static_cast<unsigned char>("0123456789abcdef"[i])] = i;
        values[static_cast<unsigned char>("0123456789ABCDEF"[i])] = i;
    }
    return values;
}();

/// Parses 32 hexadecimal digits, with the four hyphens or without any. The
/// caller has checked the length.
std::optional<Uuid> parse_digits(std::string_view text, bool hyphenated)
{
    if (hyphenated &&
        (text[8] != '-' || text[13] != '-' || text[18] != '-' ||
            text[23] != '-'))
        return {};
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t byte = 0; byte < bytes.size(); ++byte) {
        const auto at = hyphenated ? places[byte] : 2 * byte;
        const auto high = digit_values[static_cast<unsigned char>(text[at])];
        const auto low = digit_values[static_cast<unsigned char>(text[at + 1])];
        if (high == no_digit || low == no_digit)
            return {};
        bytes[byte] = static_cast<std::uint8_t>(high * 16 + low);
    }
    return Uuid(bytes);
}

}

MDEV_API Uuid::Uuid() noexcept : bytes_{}
{
}

MDEV_API Uuid::Uuid(const std::array<std::uint8_t, 16>& bytes) noexcept
    : bytes_(bytes)
{
}

MDEV_API Uuid Uuid::random()
try {
    const auto made = boost::uuids::random_generator()();
    std::array<std::uint8_t, 16> bytes{};
    std::copy(made.begin(), made.end(), bytes.begin());
    return Uuid(bytes);
} catch (const boost::uuids::entropy_error& error) {
    // errcode() need not be an errno; EIO stands for any other number.
    const auto code = static_cast<int>(error.errcode());
    throw Error(std::error_code(code > 0 ? code : EIO, std::system_category()),
        "UUID", "Cannot generate a random UUID");
}

MDEV_API Uuid Uuid::from_name(const Uuid& space, std::string_view name)
{
    boost::uuids::uuid names{};
    std::copy(space.bytes_.begin(), space.bytes_.end(), names.begin());
    const auto made =
        boost::uuids::name_generator_sha1(names)(name.data(), name.size());
    std::array<std::uint8_t, 16> bytes{};
    std::copy(made.begin(), made.end(), bytes.begin());
    return Uuid(bytes);
}

MDEV_API Uuid Uuid::from_name(std::string_view name)
{
    // The namespace for domain names, RFC 4122, appendix C. This UUID and
    // "mdevctl" must never change: devices that a state file identifies by name
    // would get another UUID, and applying the file again would create each of
    // them a second time.
    constexpr std::array<std::uint8_t, 16> domains = {0x6b, 0xa7, 0xb8, 0x10,
        0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
    return from_name(from_name(Uuid(domains), "mdevctl"), name);
}

MDEV_API std::optional<Uuid> Uuid::parse(std::string_view text) noexcept
{
    constexpr std::string_view urn = "urn:uuid:";
    if (text.size() == plain_length)
        return parse_digits(text, false);
    if (text.size() == hyphenated_length + urn.size() &&
        text.substr(0, urn.size()) == urn)
        text.remove_prefix(urn.size());
    else if (text.size() == hyphenated_length + 2 && text.front() == '{' &&
        text.back() == '}')
        text = text.substr(1, hyphenated_length);
    if (text.size() != hyphenated_length)
        return {};
    return parse_digits(text, true);
}

MDEV_API std::string Uuid::string() const
{
    std::array<char, hyphenated_length> text;
    text.fill('-');
    for (std::size_t byte = 0; byte < bytes_.size(); ++byte) {
        text[places[byte]] = digits[bytes_[byte] >> 4];
        text[places[byte] + 1U] = digits[bytes_[byte] & 15];
    }
    return {text.data(), text.size()};
}

MDEV_API const std::array<std::uint8_t, 16>& Uuid::bytes() const noexcept
{
    return bytes_;
}

MDEV_API bool operator==(const Uuid& a, const Uuid& b) noexcept
{
    return a.bytes() == b.bytes();
}

MDEV_API bool operator!=(const Uuid& a, const Uuid& b) noexcept
{
    return !(a == b);
}

MDEV_API bool operator<(const Uuid& a, const Uuid& b) noexcept
{
    return a.bytes() < b.bytes();
}

MDEV_API std::ostream& operator<<(std::ostream& stream, const Uuid& uuid)
{
    return stream << uuid.string();
}

}
