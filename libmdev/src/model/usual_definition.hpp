// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "definition_impl.hpp"

#include <string_view>

namespace mdev {

/// Reads type, start and attributes from the text of a definition as mdevctl
/// writes it: JSON with the known members only, and strings of printable ASCII
/// without escapes. The white space is free. Returns false for any other text,
/// valid or not: then the JSON parser reads it, and has the messages. A list of
/// thousands of definitions takes half the time because of this function.
bool read_usual_definition(
    std::string_view text, Access::Impl<Definition>& definition);

}
