// SPDX-License-Identifier: LGPL-2.1-or-later
#include "ap_matrix.hpp"

#include "kernel_text.hpp"

#include <cerrno>
#include <optional>
#include <string_view>
#include <vector>

namespace mdevsim {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

std::string hex(std::size_t value, std::size_t width)
{
    std::string text(width, '0');
    for (; width > 0; value /= digits.size())
        text[--width] = digits[value % digits.size()];
    return text;
}

std::vector<std::size_t> members(const ApMatrix::Ids& ids)
{
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i])
            found.push_back(i);
    }
    return found;
}

std::string mask(const ApMatrix::Ids& ids)
{
    std::string text = "0x";
    for (std::size_t i = 0; i < ids.size(); i += 4) {
        std::size_t digit = 0;
        for (std::size_t n = 0; n < 4; ++n)
            digit = digit * 2 + (ids[i + n] ? 1 : 0);
        text += digits[digit];
    }
    return text;
}

// The right part of a short mask is zero. The zero of the prefix may be missing.
std::optional<ApMatrix::Ids> parse_mask(std::string_view text)
{
    if (text.starts_with("0x"))
        text.remove_prefix(1);
    if (text.starts_with('x'))
        text.remove_prefix(1);
    ApMatrix::Ids ids;
    if (text.size() * 4 > ids.size())
        return {};
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i] >= 'A' && text[i] <= 'F'
            ? static_cast<char>(text[i] - 'A' + 'a')
            : text[i];
        auto digit = digits.find(c);
        if (digit == std::string::npos)
            return {};
        for (std::size_t n = 0; n < 4; ++n)
            ids[i * 4 + n] = (digit & (8U >> n)) != 0;
    }
    return ids;
}

// Reads up to the next comma or newline. A text without a field is an error.
std::optional<ApMatrix::Ids> next_mask(std::optional<std::string_view>& rest)
{
    if (!rest)
        return {};
    auto end = rest->find_first_of(",\n");
    auto field = rest->substr(0, end);
    if (end == std::string_view::npos)
        rest.reset();
    else
        rest->remove_prefix(end + 1);
    return parse_mask(field);
}

}

std::string ApMatrix::text() const
{
    std::string text;
    if (domains.none()) {
        for (auto adapter : members(adapters))
            text += hex(adapter, 2) + ".\n";
        return text;
    }
    for (auto domain : members(domains)) {
        if (adapters.none())
            text += "." + hex(domain, 4) + "\n";
    }
    for (auto adapter : members(adapters)) {
        for (auto domain : members(domains))
            text += hex(adapter, 2) + "." + hex(domain, 4) + "\n";
    }
    return text;
}

std::string ApMatrix::control_domains_text() const
{
    std::string text;
    for (auto domain : members(control_domains))
        text += hex(domain, 4) + "\n";
    return text;
}

std::string ApMatrix::config_text() const
{
    return mask(adapters) + "," + mask(domains) + "," + mask(control_domains) +
        "\n";
}

int ApMatrix::set_config(const std::string& text)
{
    std::optional<std::string_view> rest = text;
    auto new_adapters = next_mask(rest);
    auto new_domains = next_mask(rest);
    auto new_control_domains = next_mask(rest);
    if (!new_adapters || !new_domains || !new_control_domains)
        return EINVAL;
    adapters = *new_adapters;
    domains = *new_domains;
    control_domains = *new_control_domains;
    return 0;
}

bool ApMatrix::overlaps(const ApMatrix& other) const
{
    return (adapters & other.adapters).any() && (domains & other.domains).any();
}

int parse_ap_id(const std::string& text, std::size_t& id)
{
    auto number = parse_number(text);
    if (number.error)
        return number.error;
    if (number.value >= ApMatrix::Ids().size())
        return ENODEV;
    id = number.value;
    return 0;
}

}
