// SPDX-License-Identifier: LGPL-2.1-or-later
// Text for a terminal is UTF-8 without control characters, whatever the input
// is.
#include "output.hpp"
#include "target.hpp"
#include "text.hpp"

#include <algorithm>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto shown = escaped(text_of(data, size));
    promise(mdev::is_utf8(shown));
    promise(std::none_of(shown.begin(), shown.end(),
        [](unsigned char byte) { return byte < 0x20 || byte == 0x7f; }));
    for (auto at = shown.find('\xc2'); at != shown.npos;
         at = shown.find('\xc2', at + 1))
        promise(static_cast<unsigned char>(shown[at + 1]) >= 0xa0);
    return 0;
}
