// SPDX-License-Identifier: LGPL-2.1-or-later
// Every accepted spelling of a UUID and its canonical spelling have the same
// value.
#include "target.hpp"

#include <mdev/uuid.hpp>

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (const auto uuid = mdev::Uuid::parse(text_of(data, size))) {
        promise(uuid->string().size() == 36);
        promise(mdev::Uuid::parse(uuid->string()) == *uuid);
    }
    return 0;
}
