// SPDX-License-Identifier: LGPL-2.1-or-later
// The input is a message of the kernel's netlink socket.
#include "monitor_impl.hpp"
#include "name.hpp"
#include "target.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (const auto event = mdev::parse_uevent(text_of(data, size)))
        promise(mdev::is_component(event->parent()));
    return 0;
}
