// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mdevsim {

struct Number {
    int error = 0;
    std::uint64_t value = 0;
};

/// Like kstrtoul() with base 0 in a kernel of 64 bits: EINVAL or ERANGE for an
/// invalid number.
Number parse_number(std::string_view text);

/// Returns whether the text is the word, with or without a newline at the end.
bool is_word(std::string_view text, std::string_view word);

/// Returns the first 36 characters in lower case, if they are a UUID.
std::optional<std::string> parse_uuid(std::string_view text);

std::string_view without_newline(std::string_view text);

}
