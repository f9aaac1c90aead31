// SPDX-License-Identifier: LGPL-2.1-or-later
#include "guard.hpp"

#include <mdev/export.hpp>
#include <mdev/uuid.hpp>

#include <algorithm>
#include <iterator>
#include <mdev.h>

mdev_uuid uuid_of(const mdev::Uuid& uuid) noexcept
{
    mdev_uuid copied{};
    std::copy(uuid.bytes().begin(), uuid.bytes().end(), copied.bytes);
    return copied;
}

mdev::Uuid require_uuid(const mdev_uuid* uuid)
{
    std::array<std::uint8_t, 16> bytes{};
    const auto& given = require(uuid, "uuid").bytes;
    std::copy(std::begin(given), std::end(given), bytes.begin());
    return mdev::Uuid(bytes);
}

std::optional<mdev::Uuid> optional_uuid(const mdev_uuid* uuid)
{
    return uuid ? std::optional(require_uuid(uuid)) : std::nullopt;
}

MDEV_API int mdev_uuid_random(mdev_uuid* uuid)
{
    return guard(
        [&] { require(uuid, "uuid") = uuid_of(mdev::Uuid::random()); });
}

MDEV_API int mdev_uuid_from_name(
    const mdev_uuid* space, const char* name, mdev_uuid* uuid)
{
    return guard([&] {
        require(space, "space");
        require(uuid, "uuid") = uuid_of(mdev::Uuid::from_name(
            require_uuid(space), require_text(name, "name")));
    });
}

MDEV_API int mdev_uuid_parse(const char* text, mdev_uuid* uuid)
{
    return guard([&] {
        const auto parsed = mdev::Uuid::parse(require_text(text, "text"));
        if (!parsed)
            throw_bad_argument(text, "is not a UUID");
        require(uuid, "uuid") = uuid_of(*parsed);
    });
}

MDEV_API int mdev_uuid_string(const mdev_uuid* uuid, char text[MDEV_UUID_SIZE])
{
    return guard([&] {
        const auto spelt = require_uuid(uuid).string();
        std::copy_n(spelt.c_str(), MDEV_UUID_SIZE, &require(text, "text"));
    });
}

MDEV_API int mdev_uuid_compare(const mdev_uuid* a, const mdev_uuid* b)
{
    return guard_number([&] {
        const auto first = optional_uuid(a);
        const auto second = optional_uuid(b);
        return first < second ? -1 : static_cast<int>(second < first);
    });
}
