// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mdevsim {

struct Number {
    int error = 0;
    unsigned long value = 0;
};

/// As the kernel's kstrtoul() with base 0: EINVAL or ERANGE if it is none.
Number parse_number(std::string_view text);

/// Whether text is word, with or without a newline behind it.
bool is_word(std::string_view text, std::string_view word);

/// The lower-case form of the 36 characters at the start, if they are a UUID.
std::optional<std::string> parse_uuid(std::string_view text);

std::string_view without_newline(std::string_view text);

}
