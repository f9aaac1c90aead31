// SPDX-License-Identifier: LGPL-2.1-or-later
#include <mdev/error.hpp>
#include <mdev/uuid.hpp>

#include <algorithm>
#include <boost/uuid/entropy_error.hpp>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/random_generator.hpp>
#include <cerrno>
#include <cstring>
#include <ostream>

namespace mdev {

// Parsing and printing are written here: the spellings that are accepted are
// part of the interface, and Boost's parser accepts others and throws.
// Boost.UUID makes the random and the name-based UUIDs. Its type was rewritten
// in Boost 1.86 and stays out of the public header.

namespace {

constexpr std::size_t hyphenated_length = 36;
constexpr std::size_t plain_length = 32;

/// Where the digits of each byte are.
using Places = std::array<std::uint8_t, 16>;
constexpr Places hyphenated_places = {
    0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
constexpr Places plain_places = {
    0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30};

/// The two digits of each byte. cppcheck does not parse the lambda without the
/// parentheses.
constexpr auto digit_pairs = []() {
    constexpr std::string_view digits = "0123456789abcdef";
    std::array<std::array<char, 2>, 256> pairs{};
    for (std::size_t byte = 0; byte < pairs.size(); ++byte)
        pairs[byte] = {digits[byte >> 4], digits[byte & 15]};
    return pairs;
}();

/// Has a bit that no value of a digit has.
constexpr std::uint8_t no_digit = 0x80;

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

/// Parses 32 hexadecimal digits, which the caller knows to be in the text.
template <const Places& places>
std::optional<Uuid> parse_digits(std::string_view text) noexcept
{
    std::array<std::uint8_t, 16> bytes{};
    unsigned int all = 0;
    for (std::size_t byte = 0; byte < bytes.size(); ++byte) {
        const auto* const at = text.data() + places[byte];
        const auto high = digit_values[static_cast<unsigned char>(at[0])];
        const auto low = digit_values[static_cast<unsigned char>(at[1])];
        all |= high | low;
        bytes[byte] = static_cast<std::uint8_t>(high << 4 | low);
    }
    if ((all & no_digit) != 0)
        return {};
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
        return parse_digits<plain_places>(text);
    if (text.size() == hyphenated_length + urn.size() &&
        text.substr(0, urn.size()) == urn)
        text.remove_prefix(urn.size());
    else if (text.size() == hyphenated_length + 2 && text.front() == '{' &&
        text.back() == '}')
        text = text.substr(1, hyphenated_length);
    if (text.size() != hyphenated_length || text[8] != '-' || text[13] != '-' ||
        text[18] != '-' || text[23] != '-')
        return {};
    return parse_digits<hyphenated_places>(text);
}

MDEV_API std::string Uuid::string() const
{
    std::string text(hyphenated_length, '-');
    for (std::size_t byte = 0; byte < bytes_.size(); ++byte)
        std::memcpy(
            &text[hyphenated_places[byte]], &digit_pairs[bytes_[byte]], 2);
    return text;
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
