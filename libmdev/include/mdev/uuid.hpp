// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mdev {

/// The name of a mediated device: 16 bytes for ever. A value; any UUID is
/// accepted, whatever its version and variant bits say.
class Uuid {
public:
    /// The nil UUID, which the kernel accepts as a name, too.
    Uuid() noexcept;
    /// From its 16 bytes, the first one leftmost.
    explicit Uuid(const std::array<std::uint8_t, 16>& bytes) noexcept;

    /// A new random (version 4) UUID. Throws Error if the kernel has no
    /// randomness to give.
    static Uuid random();
    /// The name-based (version 5, SHA-1, RFC 4122) UUID of `name` in the space
    /// of names `space`: the same for the same two wherever it is made.
    static Uuid from_name(const Uuid& space, std::string_view name);
    /// The UUID of the device that a state file or an Ansible playbook calls by
    /// `name` only: from_name() in this project's own space of names, which is
    /// the name-based UUID of the domain "mdevctl".
    static Uuid from_name(std::string_view name);
    /// Reads `8-4-4-4-12`, 32 digits, `{8-4-4-4-12}` or `urn:uuid:8-4-4-4-12`,
    /// digits in any case; nothing if `text` is anything else.
    static std::optional<Uuid> parse(std::string_view text) noexcept;

    /// Lower case, `8-4-4-4-12`: the kernel's spelling.
    std::string string() const;
    /// The 16 bytes, the leftmost first.
    const std::array<std::uint8_t, 16>& bytes() const noexcept;

private:
    std::array<std::uint8_t, 16> bytes_;
};

/// Whether all bytes are the same.
bool operator==(const Uuid& a, const Uuid& b) noexcept;
/// Whether a byte differs.
bool operator!=(const Uuid& a, const Uuid& b) noexcept;
/// Bytewise, so that UUIDs sort as their spelling does.
bool operator<(const Uuid& a, const Uuid& b) noexcept;

}
