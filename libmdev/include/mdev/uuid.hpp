// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <mdev/version.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace mdev {

/// The name of a mediated device, of 16 bytes. A value. Any UUID is accepted,
/// whatever its version and variant bits are.
class Uuid {
public:
    /// The nil UUID, which the kernel accepts as the name of a device.
    Uuid() noexcept;
    /// Makes a UUID from its 16 bytes, the leftmost first.
    explicit Uuid(const std::array<std::uint8_t, 16>& bytes) noexcept;

    /// Makes a random (version 4) UUID. Throws Error if the kernel provides no
    /// randomness.
    static Uuid random();
    /// Makes the name-based (version 5, SHA-1, RFC 4122) UUID of `name` in the
    /// namespace `space`. Equal arguments give equal UUIDs on every host.
    static Uuid from_name(const Uuid& space, std::string_view name);
    /// Makes the UUID that a state file or an Ansible task means by a device's
    /// `name`. This is from_name() in the namespace of this project, which is
    /// the name-based UUID of the domain "mdevctl".
    static Uuid from_name(std::string_view name);
    /// Parses `8-4-4-4-12`, 32 digits, `{8-4-4-4-12}` or `urn:uuid:8-4-4-4-12`,
    /// with digits in any case. Returns nothing if `text` is anything else.
    static std::optional<Uuid> parse(std::string_view text) noexcept;

    /// Returns the kernel's spelling: lower case, `8-4-4-4-12`.
    std::string string() const;
    /// The 16 bytes, the leftmost first.
    const std::array<std::uint8_t, 16>& bytes() const noexcept;

private:
    std::array<std::uint8_t, 16> bytes_;
};

/// Compares bytewise.
bool operator==(const Uuid& a, const Uuid& b) noexcept;
/// Compares bytewise.
bool operator!=(const Uuid& a, const Uuid& b) noexcept;
/// Compares bytewise, so that UUIDs sort as their spelling does.
bool operator<(const Uuid& a, const Uuid& b) noexcept;
#ifdef __cpp_lib_three_way_comparison
/// Compares bytewise; for programs that are compiled as C++20.
inline std::strong_ordering operator<=>(const Uuid& a, const Uuid& b) noexcept
{
    return a.bytes() <=> b.bytes();
}
#endif
/// Writes string().
std::ostream& operator<<(std::ostream& stream, const Uuid& uuid);

}

/// The hash of a UUID, for unordered containers.
template <> struct std::hash<mdev::Uuid> {
    /// Returns a hash of all bytes.
    std::size_t operator()(const mdev::Uuid& uuid) const noexcept
    {
        const auto& bytes = uuid.bytes();
        return std::hash<std::string_view>()(
            {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
};
